"""Reading from a replica: reports leave the primary alone where there is one (docs/scaling.md)."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from events.core import database
from events.core.errors import Unavailable

_replica: asyncpg.Pool | None = None


@asynccontextmanager
async def reading_from(url: str | None, *, size: int = 4) -> AsyncIterator[None]:
    """Let `snapshot` read from a replica for a block; without a URL it reads from the primary."""
    global _replica  # noqa: PLW0603 - one pool per process, as DB.pool
    if url is None:
        yield
        return
    try:
        _replica = await asyncpg.create_pool(
            url,
            min_size=0,
            max_size=size,
            command_timeout=30,
            reset=database.keep_session,
            server_settings=database.SESSION,
        )
    except (OSError, ssl.SSLError, asyncpg.PostgresError, TimeoutError) as error:
        raise Unavailable(f"The replica cannot be reached: {error}") from error
    try:
        yield
    finally:
        pool, _replica = _replica, None
        pool.terminate()


@asynccontextmanager
async def snapshot(*, newest: bool = False) -> AsyncIterator[asyncpg.Connection]:
    """Run a block that only reads on one state of the data, from the replica where there is one.

    With `newest` from the primary: for what is kept for good, and must not miss what a replica has yet to hear of.
    Inside a transaction it is a savepoint of that. Raises Unavailable when no connection gets free in time.
    """
    if newest or _replica is None or database.DB.current_transaction.get() is not None:
        async with database.transaction(isolation="repeatable_read", readonly=True) as taken:
            yield taken
        return
    async with database.taken_from(_replica) as taken, taken.transaction(isolation="repeatable_read", readonly=True):
        token = database.DB.current_transaction.set(database.Running(taken))
        try:
            yield taken
        finally:
            database.DB.current_transaction.reset(token)
