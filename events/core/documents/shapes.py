"""What a kind of document says of itself, and what is passed to who makes one."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from events.core.actor import Actor


class Wanted(Struct, frozen=True, kw_only=True):
    """What is asked for; `parameters` are plain values, `total` the steps it takes, `back` the page to return to."""

    kind: str
    subject_kind: str
    subject_id: UUID
    title: str
    filename: str
    back: str
    parameters: dict[str, Any]
    total: int = 0


class Task(Struct, frozen=True):
    """A document in hand; `tries` counts this one."""

    id: UUID
    kind: str
    subject_id: UUID
    parameters: dict[str, Any]
    language: str
    tries: int


Tell = Callable[[int], Awaitable[None]]
"""Says how many steps are done; it also keeps the document in hand, so it is called at least every minute."""


class Kind(Struct, frozen=True):
    """A kind of document: its media type, who makes it, and whether someone may (still) see what it is about.

    `make` may run twice for the same task, even at once. It raises a ServiceError below 500 for what no further try
    mends; anything else is tried again.
    """

    make: Callable[[Task, Tell, datetime], Awaitable[bytes]]
    allowed: Callable[[Actor, UUID, datetime], Awaitable[bool]]
    media_type: str = "application/pdf"
