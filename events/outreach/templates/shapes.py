"""What the pages about the words of letters need to know of those letters, and whose words are looked at."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from msgspec import Struct

from events.messaging.letter import Letter
from events.messaging.templates.shapes import Template, Words
from events.messaging.templates.tables import NETWORK, ScopeKind
from events.programme.queries import EventView

Sample = Callable[[EventView, Words | None], Awaitable[Letter]]
"""Writes a letter to a made-up person in the present language; `Words` are tried instead of those in force."""


class Wording(Struct, frozen=True):
    """The letters whose words can be changed, in the order in which they are listed, and who writes samples of them.

    `occasion` makes up an event for who looks at the words of the whole network.
    """

    templates: Mapping[str, Template]
    samples: Mapping[str, Sample]
    occasion: Callable[[], EventView]


class Scope(Struct, frozen=True):
    """Whose words: those of one event, or of the network when there is none."""

    event: EventView | None = None

    @property
    def kind(self) -> ScopeKind:
        """As it stands in the table."""
        return ScopeKind.EVENT if self.event else ScopeKind.NETWORK

    @property
    def id(self) -> UUID:
        """As it stands in the table."""
        return self.event.id if self.event else NETWORK

    @property
    def path(self) -> str:
        """The address of the list of letters."""
        return f"/staff/events/{self.event.slug}/templates" if self.event else "/staff/templates"
