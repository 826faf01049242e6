"""The minute tick: nudges whatever is due, so that a nudge or a whole broker may be lost (design.md §5.1).

Started by the supervisor as `python -m workers.tick`.
"""

import asyncio
import signal
from contextlib import suppress
from datetime import datetime

import asyncpg
import structlog

from events.core import clock, database, jobs, logs
from events.core.broker import make_broker
from events.core.errors import ServiceError
from events.core.parent import leave_with_parent
from events.core.settings import get_settings
from workers.due import due_jobs

LOCK = 7_146_302
"""Number of the advisory lock that one tick holds while it asks and nudges."""

INTERVAL = 60.0
RETRY = 5.0
"""Seconds until the next try when the database does not answer."""

HEARTBEAT = "last_tick"

_log = structlog.get_logger("workers.tick")


async def tick(now: datetime) -> list[str]:
    """Nudge what is due at `now` and note that the clock runs; returns the jobs, none if another tick is at it."""
    async with database.transaction() as connection:
        if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", LOCK):
            return []
        names = await due_jobs(now)
        for name in names:
            jobs.nudge(name)
        await connection.execute(
            "INSERT INTO service_state (key, value, changed_at) VALUES ($1, '', $2)"
            " ON CONFLICT (key) DO UPDATE SET changed_at = excluded.changed_at",
            *(HEARTBEAT, now),
        )
    return names


async def run(stop: asyncio.Event) -> None:
    """Tick at once and then every minute until `stop` is set, through any outage of the database."""
    settings = get_settings()
    broker = make_broker(settings, middleware=[])
    jobs.use(broker)
    try:
        while not stop.is_set():
            wait = INTERVAL
            try:
                async with database.pooled(settings.database_url or "", size=2):
                    await _tick_while_connected(stop)
            except (ServiceError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.warning("the tick could not ask", error=type(error).__name__)
                wait = RETRY
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait)
    finally:
        jobs.flush()
        jobs.use(None)
        broker.close()


async def _tick_while_connected(stop: asyncio.Event) -> None:
    while not stop.is_set():
        names = await tick(clock.now())
        _log.info("tick", due=names)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), INTERVAL)


async def _main() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run(stop)


if __name__ == "__main__":
    leave_with_parent()
    logs.configure()
    asyncio.run(_main())
