"""What someone who registers says of themselves."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct

from events.network.matching import person_key
from events.registration.tables import ConsentKind, RegistrationRole


class NewRegistration(Struct, frozen=True, kw_only=True):
    """What someone says of themselves: clean text, a lower-case address, a valid business ID, known codes.

    `size` is a SizeClass and asked only of organisations about which it is not known; `consents` maps what was agreed
    to the text that was shown; `site` None is the event's first; `code` is the one that the event may ask for;
    `items` are those of the agenda that they sign up for.
    """

    given_name: str
    family_name: str = ""
    email: str | None
    organisation: str = ""
    business_id: str | None = None
    size: str | None = None
    municipality: str | None = None
    country: str = "FI"
    site: UUID | None = None
    language: str = "fi"
    role: RegistrationRole = RegistrationRole.PARTICIPANT
    notice_version: int = 0
    consents: Mapping[ConsentKind, str] = {}
    invited: bool = False
    code: str = ""
    items: frozenset[UUID] = frozenset()

    @property
    def name(self) -> str:
        """The whole name as it is written in letters."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def person_key(self) -> str:
        """The form of the name by which persons of one address are told apart."""
        return person_key(self.given_name, self.family_name)
