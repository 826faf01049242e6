"""The pool and the one way to a transaction (design.md §5.3)."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

from events.core.errors import Unavailable

OLDEST_SERVER = 150000
"""PostgreSQL 15, as `server_version_num` says it."""

ACQUIRE_TIMEOUT = 5.0
"""Seconds to wait for a free connection before the answer is 503."""

SESSION = {
    "timezone": "UTC",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "lock_timeout": "10s",
}
_GONE = (
    asyncpg.CannotConnectNowError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.AdminShutdownError,
    asyncpg.InterfaceError,
    ConnectionError,
)

BUSY = (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError)
"""Someone else held for too long, or crosswise, what was needed: nothing was done, and a second try may succeed."""


class Engine(PostgresEngine):
    """Piccolo's engine on our pool: it never connects by itself, and a missing pool is an error, not a slow path."""

    async def check_version(self) -> None:
        """Leave the check to `open_pool`: Piccolo would connect while modules are being imported."""

    async def prep_database(self) -> None:
        """Nothing to prepare: we use no extensions."""

    async def _run_in_pool(self, query: str, args: Sequence[Any] | None = None) -> Any:
        return await fetch(query, *(args or ()))

    async def _run_in_new_connection(self, query: str, args: Sequence[Any] | None = None) -> Any:  # noqa: ARG002
        raise RuntimeError("the database pool is not open")


DB = Engine(config={})


class Running(PostgresTransaction):
    """What Piccolo needs to find our connection, and what waits for the commit."""

    __slots__ = ("after_commit",)

    def __init__(self, connection: asyncpg.Connection) -> None:
        super().__init__(DB)
        self.connection = connection
        self.after_commit: list[Callable[[], None]] = []


async def open_pool(url: str, *, size: int = 10, settings: Mapping[str, str] | None = None) -> None:
    """Open the process's pool; raises Unavailable when the database cannot be reached or is too old."""
    if DB.pool is not None:
        raise RuntimeError("the database pool is already open")
    try:
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            command_timeout=30,
            reset=keep_session,
            server_settings={**SESSION, **(settings or {})},
        )
        version = await pool.fetchval("SHOW server_version_num")
    except (OSError, ssl.SSLError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError, ValueError) as error:
        raise Unavailable(f"The database cannot be reached: {error}") from error
    if int(version) < OLDEST_SERVER:
        await pool.close()
        raise Unavailable("The database is older than PostgreSQL 15.")
    DB.pool = pool


async def keep_session(_: asyncpg.Connection) -> None:
    """Spare the round trip in which asyncpg resets a session at each release: ours change nothing of it."""


async def close_pool() -> None:
    """Close the pool; connections still at work have five seconds to finish."""
    pool, DB.pool = DB.pool, None
    if pool is None:
        return
    try:
        await asyncio.wait_for(pool.close(), timeout=5)
    except TimeoutError:
        pool.terminate()


@asynccontextmanager
async def pooled(url: str, *, size: int = 10) -> AsyncIterator[None]:
    """Hold the pool open for a block."""
    await open_pool(url, size=size)
    try:
        yield
    finally:
        await close_pool()


@asynccontextmanager
async def connection() -> AsyncIterator[asyncpg.Connection]:
    """Give the connection of the running transaction, or one from the pool; Unavailable when none gets free in time."""
    running = DB.current_transaction.get()
    if running is not None:
        yield running.connection
        return
    async with pool_connection() as taken:
        yield taken


@asynccontextmanager
async def pool_connection() -> AsyncIterator[asyncpg.Connection]:
    """Give a connection of one's own from the pool, beside any running transaction."""
    async with taken_from(_pool()) as taken:
        yield taken


@asynccontextmanager
async def taken_from(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """Take a connection from a pool for a block; Unavailable when none gets free in time."""
    taken = await _take(pool)
    try:
        yield taken
    finally:
        await pool.release(taken)


async def _take(pool: asyncpg.Pool) -> asyncpg.Connection:
    try:
        return await pool.acquire(timeout=ACQUIRE_TIMEOUT)
    except (TimeoutError, OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError) as error:
        raise Unavailable from error


def _pool() -> asyncpg.Pool:
    if DB.pool is None:
        raise RuntimeError("the database pool is not open")
    return DB.pool


@asynccontextmanager
async def transaction(
    *, isolation: str = "read_committed", readonly: bool = False
) -> AsyncIterator[asyncpg.Connection]:
    """Run a block in a transaction, or in a savepoint when one is running already; yields the connection.

    Whatever happens, a failing COMMIT included, the connection goes back to the pool. Callbacks given to `after_commit`
    run once the outermost transaction has committed.
    """
    running = DB.current_transaction.get()
    if running is not None:
        async with running.connection.transaction():
            yield running.connection
        return
    async with connection() as taken:
        mine = Running(taken)
        token = DB.current_transaction.set(mine)
        try:
            async with taken.transaction(isolation=isolation, readonly=readonly):
                yield taken
        finally:
            DB.current_transaction.reset(token)
    for callback in mine.after_commit:
        callback()


def in_transaction() -> bool:
    """Say whether a transaction is running here."""
    return DB.current_transaction.get() is not None


def after_commit(callback: Callable[[], None]) -> None:
    """Call `callback` when the running transaction has committed, or at once when there is none."""
    running = DB.current_transaction.get()
    if isinstance(running, Running):
        running.after_commit.append(callback)
    elif running is None:
        callback()


async def fetch(sql: str, *args: Any) -> list[asyncpg.Record]:
    """Run a statement and return its rows; outside a transaction a SELECT is tried again when the server restarts."""
    retry = DB.current_transaction.get() is None and sql.lstrip()[:6].upper() == "SELECT"
    try:
        return await _fetch(sql, args)
    except _GONE:
        if not retry:
            raise
    await asyncio.sleep(0.2)
    return await _fetch(sql, args)


async def _fetch(sql: str, args: Sequence[Any]) -> list[asyncpg.Record]:
    running = DB.current_transaction.get()
    if running is not None:
        return list(await running.connection.fetch(sql, *args))
    # As `pool_connection`, without the layers of context managers: the hot paths come through here.
    pool = _pool()
    taken = await _take(pool)
    try:
        return list(await taken.fetch(sql, *args))
    finally:
        await pool.release(taken)


async def fetchrow(sql: str, *args: Any) -> asyncpg.Record | None:
    """Run a statement and return its first row, or None."""
    rows = await fetch(sql, *args)
    return rows[0] if rows else None


async def fetchval(sql: str, *args: Any) -> Any:
    """Run a statement and return the first column of its first row, or None."""
    row = await fetchrow(sql, *args)
    return row[0] if row else None


async def attempt(sql: str, *args: Any) -> asyncpg.Record | None:
    """Run a statement that may be refused and return its first row; a refusal leaves a running transaction usable.

    Raises what PostgreSQL raises (asyncpg.PostgresError).
    """
    if DB.current_transaction.get() is None:
        return await fetchrow(sql, *args)
    async with transaction():
        return await fetchrow(sql, *args)


async def execute(sql: str, *args: Any) -> int:
    """Run a statement and return how many rows it touched."""
    async with connection() as taken:
        status: str = await taken.execute(sql, *args)
    last = status.rsplit(" ", 1)[-1]
    return int(last) if last.isdigit() else 0
