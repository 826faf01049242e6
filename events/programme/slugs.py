"""Making an event under a slug that is free."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from msgspec import Struct


class Created(Struct, frozen=True):
    """A new event."""

    id: UUID
    slug: str


async def under_free_slug(slug: str, insert: Callable[[str], Awaitable[UUID | None]]) -> Created:
    """Insert an event under its slug, or under slug-2, slug-3 … while `insert` returns None because that is taken."""
    attempt = 1
    while True:
        tried = slug if attempt == 1 else f"{slug}-{attempt}"
        identity = await insert(tried)
        if identity is not None:
            return Created(identity, tried)
        attempt += 1
