"""Private calendar feeds: an address that a program reads without signing in, so it holds a secret and can be revoked.

There is at most one for each owner (kind + id). As other secrets it is derived; stored is the hash for look-up.
"""

from datetime import datetime
from uuid import UUID

from events.core import database, secrets
from events.core.database import transaction
from events.core.links import absolute

_MAKE = """
INSERT INTO private_feed (id, owner_kind, owner_id, made_at) VALUES (gen_random_uuid(), $1, $2, $3)
ON CONFLICT (owner_kind, owner_id) DO UPDATE SET made_at = private_feed.made_at RETURNING generation
"""


async def make(kind: str, owner: UUID, *, now: datetime) -> None:
    """Give an owner a feed; who has one keeps it."""
    async with transaction():
        generation = await database.fetchval(_MAKE, kind, owner, now)
        await database.execute(
            "UPDATE private_feed SET token_hash = $3 WHERE owner_kind = $1 AND owner_id = $2",
            *(kind, owner, secrets.digest(_secret(kind, owner, generation))),
        )


async def revoke(kind: str, owner: UUID) -> bool:
    """Let an owner's feed be found no more, and the next one have another address; returns whether there was one."""
    revoked = await database.execute(
        "UPDATE private_feed SET token_hash = NULL, generation = generation + 1"
        " WHERE owner_kind = $1 AND owner_id = $2 AND token_hash IS NOT NULL",
        *(kind, owner),
    )
    return bool(revoked)


async def address(kind: str, owner: UUID) -> str:
    """Return the address of an owner's feed, or "" without one."""
    generation = await database.fetchval(
        "SELECT generation FROM private_feed WHERE owner_kind = $1 AND owner_id = $2 AND token_hash IS NOT NULL",
        *(kind, owner),
    )
    return "" if generation is None else absolute(f"/feeds/{kind}/{_secret(kind, owner, generation)}/calendar.ics")


async def owner_of(kind: str, secret: str) -> UUID | None:
    """Return whose feed a secret opens."""
    owner: UUID | None = await database.fetchval(
        "SELECT owner_id FROM private_feed WHERE owner_kind = $1 AND token_hash = $2", kind, secrets.digest(secret)
    )
    return owner


def _secret(kind: str, owner: UUID, generation: int) -> str:
    return secrets.derive(f"{kind}-feed", owner, generation)
