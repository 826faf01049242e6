"""What a kind of document says of itself, and what is passed to who makes one."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import IO, Any, Protocol
from uuid import UUID

from msgspec import Struct

from events.core.actor import Actor


class Wanted(Struct, frozen=True, kw_only=True):
    """What is asked for; `parameters` are plain values, `total` the steps it takes, `back` the page to return to.

    `content` is what it is made of beside them: kept as a file, never in the table, and deleted once it is made.
    """

    kind: str
    subject_kind: str
    subject_id: UUID
    title: str
    filename: str
    back: str
    parameters: dict[str, Any]
    total: int = 0
    content: bytes = b""


class Task(Struct, frozen=True, kw_only=True):
    """A document in hand, asked for by `staff` at `asked_at`; `tries` counts this one.

    `done` and `so_far` are what earlier tries told.
    """

    id: UUID
    kind: str
    subject_id: UUID
    parameters: dict[str, Any]
    language: str
    tries: int
    staff: UUID | None
    asked_at: datetime
    content: bytes = b""
    done: int = 0
    so_far: dict[str, Any] = {}


class Tell(Protocol):
    """Says how many steps are done; it also keeps the document in hand, so it is called at least every minute.

    Called in the transaction of a step, it makes sure that whoever begins again knows of that step if, and only if, it
    was done, and what is in other hands by then is not done. `so_far` is added to what was told before, by its names.
    """

    async def __call__(self, done: int, so_far: Mapping[str, Any] | None = None) -> None: ...


class Shown(Struct, frozen=True):
    """How the page shows what work came to, instead of handing out a file: a template, and its context.

    Work that is `all_or_nothing` leaves nothing where it was not brought to its end; other work keeps what was done.
    """

    template: str
    context: Callable[[UUID, bytes], Awaitable[Mapping[str, Any]]]
    all_or_nothing: bool = False


class Kind(Struct, frozen=True):
    """A kind of document: its media type, who makes it, and whether someone may (still) see what it is about.

    `make` may run twice for the same task, even at once. It raises a ServiceError below 500 for what no further try
    mends; anything else is tried again. A large one is returned as an open file (`files.scratch`), to be read from
    where it stands. What work comes to is `shown`: the subject and what was made go into its page.
    """

    make: Callable[[Task, Tell, datetime], Awaitable[bytes | IO[bytes]]]
    allowed: Callable[[Actor, UUID, datetime], Awaitable[bool]]
    media_type: str = "application/pdf"
    shown: Shown | None = None
