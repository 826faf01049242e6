"""Who acts: the one argument that every use case takes beside its input and `now`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    """What sort of party acts."""

    ANONYMOUS = "anonymous"
    PARTICIPANT = "participant"
    STAFF = "staff"
    TOKEN = "token"  # noqa: S105 - a kind, no secret
    DOOR = "door"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role on everything (`kind` "all"), a region (its code), an event or a theme group (their ids).

    It may end at a moment; `meetings` are the events of the group.
    """

    role: str
    kind: str = "all"
    id: str = ""
    until: datetime | None = None
    meetings: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts and with which rights; `id` is a staff member's, a token's or a registration's.

    `by_mail` says of a participant that they came by a link which stands in their mail alone.
    """

    kind: ActorKind
    id: UUID | None = None
    name: str = ""
    grants: tuple[Grant, ...] = ()
    scopes: frozenset[str] = frozenset()
    by_mail: bool = False

    @property
    def vouches(self) -> bool:
        """Whether what they enter is taken as seen to be right."""
        return self.kind in {ActorKind.STAFF, ActorKind.SYSTEM}


ANONYMOUS = Actor(ActorKind.ANONYMOUS)
SYSTEM = Actor(ActorKind.SYSTEM, name="system")
