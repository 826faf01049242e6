"""Reads of registrations."""

from datetime import datetime
from hmac import compare_digest
from uuid import UUID

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from events.core import database, secrets
from events.core.errors import NotFound
from events.core.retention import kept_until
from events.programme.queries import Audience
from events.registration.rules import GONE
from events.registration.tables import State


class Registered(Struct, frozen=True):
    """A registration as it stands; `position` is the place in line of who waits.

    `already`: nothing was made, the person was registered. `repeated`: an earlier request made it, under the same key.
    """

    id: UUID
    state: State
    position: int | None
    already: bool
    ticket_generation: int = 0
    manage_generation: int = 0
    repeated: bool = False

    @property
    def ticket(self) -> str:
        """The secret in the QR code."""
        return secrets.derive("ticket", self.id, self.ticket_generation)

    @property
    def manage_token(self) -> str:
        """The secret of the private link, as far as others than the mail may know it (`RegistrationView.by_mail`)."""
        return secrets.derive("manage", self.id, self.manage_generation)


class RegistrationView(Struct, frozen=True, kw_only=True):
    """One registration with its person; `position` is the place in line of who waits.

    `registered_by` names who registered this person, or handed their place over to them; "" for who did it themselves.
    `transferred` says that the place was handed over to someone else. `by_mail`: it was looked up by the link that
    stands in letters alone. Whoever types an address gets a private link to what they registered, and must not get
    more by it; all that is held about the person is for who reads mail at the address.
    """

    id: UUID
    event: UUID
    site: UUID
    state: State
    role: str
    language: str
    given_name: str
    family_name: str
    email: str | None
    organisation: str
    municipality: str | None
    country: str
    ticket_code: str
    ticket_generation: int
    manage_generation: int
    revision: int
    parting_words: str
    welcome_words: str
    registered_at: datetime
    position: int | None
    deadline: datetime | None
    source: str
    registered_by: str
    transferred: bool
    cancel_reason: str
    data_until: datetime
    expired_at: datetime | None = None
    by_mail: bool = False

    def expired(self, now: datetime) -> bool:
        """Say whether the time of the event's data is over: no link opens them from then on, deleted yet or not."""
        return self.expired_at is not None or now >= self.data_until

    @property
    def name(self) -> str:
        """The whole name as it is written in letters."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def ticket_path(self) -> str:
        """The path of the ticket: what the QR code leads to."""
        return f"/t/{secrets.derive('ticket', self.id, self.ticket_generation)}"

    @property
    def manage_path(self) -> str:
        """The path of the private link, for letters alone: it ends with the proof that one reads the mail."""
        return f"/r/{secrets.derive('manage', self.id, self.manage_generation)}{self.proof}"

    @property
    def proof(self) -> str:
        """What a letter's link has more than the private link itself; derived anew with it."""
        return secrets.derive("mailed", self.id, self.manage_generation)

    @property
    def lapsed(self) -> bool:
        """Whether a place was held here until its deadline passed."""
        return self.state is State.CANCELLED and self.deadline is not None

    @property
    def gone(self) -> bool:
        """Whether only registering again leads back."""
        return self.state in GONE


REGISTERED_BY = """
coalesce(nullif(registration.registered_by_name, ''),
    (SELECT trim(by.given_name || ' ' || by.family_name) FROM person AS by
     JOIN registration AS other ON other.person = by.id WHERE other.id = registration.registered_by), '')
"""
"""SQL: the name of who registered this person, or handed their place over to them."""

_VIEW = f"""
SELECT registration.id, registration.event, registration.site, registration.state, registration.role,
    registration.language, person.given_name, person.family_name, person.email,
    coalesce(organisation.name, '') AS organisation, registration.municipality, registration.country,
    ticket_code, ticket_generation, manage_generation, revision, parting_words, welcome_words, registered_at, deadline,
    registration.source, transferred_to IS NOT NULL AS transferred, cancel_reason, expired_at,
    event.ends_at, event.zone,
    {REGISTERED_BY} AS registered_by,
    CASE WHEN registration.state = 'waitlisted' THEN
        (SELECT count(*) FROM registration AS other WHERE other.site = registration.site
         AND other.state = 'waitlisted' AND other.number <= registration.number) END AS position
FROM registration JOIN person ON person.id = registration.person JOIN event ON event.id = registration.event
LEFT JOIN organisation ON organisation.id = registration.organisation
"""


async def by_id(registration_id: UUID) -> RegistrationView | None:
    """Return a registration."""
    return _view(await database.fetchrow(f"{_VIEW} WHERE registration.id = $1", registration_id))


async def by_manage_token(token: str) -> RegistrationView | None:
    """Return the registration of a private link; None also when what a letter adds to it is wrong."""
    secret, proof = token[: secrets.SECRET_LENGTH], token[secrets.SECRET_LENGTH :]
    found = _view(await database.fetchrow(f"{_VIEW} WHERE registration.manage_hash = $1", secrets.digest(secret)))
    if found is None or not proof:
        return found
    return replace(found, by_mail=True) if compare_digest(proof.encode(), found.proof.encode()) else None


async def by_ticket(ticket: str) -> RegistrationView | None:
    """Return the registration of a ticket's secret."""
    return _view(await database.fetchrow(f"{_VIEW} WHERE registration.ticket_hash = $1", secrets.digest(ticket)))


async def places_of(person: UUID) -> list[RegistrationView]:
    """Return the confirmed registrations of a person and of whom they were merged with; none of who was erased."""
    rows = await database.fetch(
        f"{_VIEW} WHERE coalesce(person.merged_into, person.id) ="
        " (SELECT coalesce(merged_into, id) FROM person WHERE id = $1)"
        " AND registration.state = 'confirmed' AND person.erased_at IS NULL AND expired_at IS NULL"
        " ORDER BY registration.registered_at DESC LIMIT 500",
        person,
    )
    return [view for row in rows if (view := _view(row))]


def _view(row: asyncpg.Record | None) -> RegistrationView | None:
    if row is None:
        return None
    values = {**row, "state": State(row["state"])}
    data_until = kept_until(values.pop("ends_at"), values.pop("zone"))
    return RegistrationView(**values, data_until=data_until)


async def circle(registration: RegistrationView) -> Audience:
    """Return to which circle of readers someone belongs: those who attended, who have a place, or everyone."""
    if registration.state is not State.CONFIRMED:
        return Audience.EVERYONE
    attended = await database.fetchval(
        "SELECT EXISTS (SELECT FROM attendance WHERE registration = $1 AND state = 'attended')", registration.id
    )
    return Audience.ATTENDED if attended else Audience.REGISTERED


_REGISTERED = """
SELECT registration.id, state, ticket_generation, manage_generation, CASE WHEN state = 'waitlisted' THEN
    (SELECT count(*) FROM registration AS other WHERE other.site = registration.site AND other.state = 'waitlisted'
     AND other.number <= registration.number) END AS position
FROM registration WHERE id = $1
"""


async def registered(registration_id: UUID) -> Registered:
    """Return how a registration stands; raises NotFound."""
    row = await database.fetchrow(_REGISTERED, registration_id)
    if row is None:
        raise NotFound
    return Registered(
        id=row["id"],
        state=State(row["state"]),
        position=row["position"],
        already=False,
        ticket_generation=row["ticket_generation"],
        manage_generation=row["manage_generation"],
    )
