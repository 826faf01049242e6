"""Reads of API tokens."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from events.core import database
from events.core.secrets import digest


class TokenView(Struct, frozen=True):
    """An API token; its text is shown once, when it is made, and never again."""

    id: UUID
    name: str
    scope: str
    event_slug: str | None
    made_by: str
    created_at: datetime
    used_at: datetime | None


async def tokens() -> list[TokenView]:
    """Every API token that is not revoked, the newest first."""
    rows = await database.fetch(
        "SELECT token.id, token.name, token.scope, event.slug, coalesce(staff.name, '') AS made_by, token.created_at,"
        " token.used_at FROM api_token AS token LEFT JOIN event ON event.id = token.event_id"
        " LEFT JOIN staff ON staff.id = token.created_by WHERE token.revoked_at IS NULL"
        " ORDER BY token.created_at DESC, token.id"
    )
    return [TokenView(*row) for row in rows]


async def token_name(token: str) -> str | None:
    """Return the name of a token that works, or None for anything else."""
    name: str | None = await database.fetchval(
        "SELECT name FROM api_token WHERE token_hash = $1 AND revoked_at IS NULL", digest(token)
    )
    return name
