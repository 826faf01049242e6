"""What stands around every job: the database pool on Dramatiq's loop, and a guard against jobs that kill the worker."""

import asyncio
import os
import sys
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from typing import Any

import asyncpg
import structlog
from dramatiq import Broker, MessageProxy, Middleware
from dramatiq.asyncio import EventLoopThread, get_event_loop_thread
from dramatiq.middleware import SkipMessage

from events.core import clock, database, jobs
from events.core.address import adopt_public_url
from events.core.errors import ServiceError
from events.core.failing import note_failure
from events.core.parked import QUARANTINE, STARTS_LIMIT
from events.core.settings import Settings

_log = structlog.get_logger("workers")

EXIT_NO_DATABASE = 3

HEARTBEAT_INTERVAL = 60.0

_HEARTBEAT = """
INSERT INTO service_state (key, value, changed_at) VALUES ('worker', '', $1)
ON CONFLICT (key) DO UPDATE SET changed_at = excluded.changed_at
"""

_BEGIN = """
WITH begun AS (
    INSERT INTO service_state (key, value, changed_at) VALUES ('begun:' || $1::text || ':' || $2::text, '1', $3)
    ON CONFLICT (key) DO UPDATE SET value = (service_state.value::int + 1)::text, changed_at = $3
    RETURNING value::int AS starts
)
SELECT (SELECT starts FROM begun) > $4 AS poison,
       EXISTS (SELECT FROM service_state WHERE starts_with(key, 'begun:' || $1::text || ':')
               AND value::int > $4 AND changed_at > $5) AS resting
"""


class Database(Middleware):
    """Holds the pool on the loop that actors run on; stands behind AsyncIO, which makes that loop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.beating: Future[None]

    def before_worker_boot(self, broker: Broker, _worker: Any) -> None:
        """Open the pool, and end the process when that fails: Dramatiq only logs what a hook raises."""
        try:
            _loop().run_coroutine(database.open_pool(self.settings.database_url or "", size=self.settings.pool_size))
        except Exception as error:  # noqa: BLE001 - whatever it was, there is no working without it
            _log.error("no database", error=str(error))
            sys.stderr.flush()
            os._exit(EXIT_NO_DATABASE)  # Dramatiq's threads would keep a mere exit waiting for ever
        jobs.use(broker)
        self.beating = asyncio.run_coroutine_threadsafe(_beat(), _loop().loop)

    def after_worker_shutdown(self, _broker: Broker, _worker: Any) -> None:
        self.beating.cancel()
        jobs.flush()
        jobs.use(None)
        _loop().run_coroutine(database.close_pool())


class CrashGuard(Middleware):
    """Counts the starts of a message: brokers bring it back after a kill and do not count that as a retry.

    Its rows in `service_state` are gone once the message has ended, well or badly. How often a job ended badly in a row
    is counted there too.
    """

    def before_process_message(self, _broker: Broker, message: MessageProxy) -> None:
        """Take over the public address, and skip a message that keeps killing its worker, or any of a resting job."""
        if not _loop().run_coroutine(begin(message.actor_name, message.message_id, clock.now())):
            _log.error("skipped: earlier runs never ended", job=message.actor_name, message=message.message_id)
            raise SkipMessage

    def after_process_message(
        self, _broker: Broker, message: MessageProxy, *, result: Any = None, exception: BaseException | None = None
    ) -> None:
        _loop().run_coroutine(end(message.actor_name, message.message_id, clock.now(), well=exception is None))
        if exception is not None:
            _log.error("job failed", job=message.actor_name, exc_info=exception)
        del result


async def _beat() -> None:
    """Note every minute that there is a worker."""
    while True:
        with suppress(ServiceError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await database.execute(_HEARTBEAT, clock.now())
        await asyncio.sleep(HEARTBEAT_INTERVAL)


async def begin(job: str, message_id: str, now: datetime) -> bool:
    """Count a start of a message; returns whether it should go on."""
    await adopt_public_url()
    row = await database.fetchrow(_BEGIN, job, message_id, now, STARTS_LIMIT, now - QUARANTINE)
    return row is not None and not (row["poison"] or row["resting"])


async def end(job: str, message_id: str, now: datetime, *, well: bool) -> None:
    """Forget the starts of a message that has ended, and count how often in a row its job ended badly."""
    over = [f"begun:{job}:{message_id}"]
    if well:
        over.append(f"failed:{job}")
    else:
        await note_failure(job, now)
    await database.execute("DELETE FROM service_state WHERE key = ANY($1)", over)


def _loop() -> EventLoopThread:
    loop = get_event_loop_thread()
    if loop is None:
        raise RuntimeError("the AsyncIO middleware comes first")
    return loop
