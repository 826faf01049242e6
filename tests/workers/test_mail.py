import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from events.core import clock, database, jobs
from events.core.broker import make_broker
from events.core.settings import get_settings, override
from events.messaging.delivery import LANES, LEASE
from tests.factories import make_event
from tests.registration.test_races import someone
from tests.registration.test_register import ANONYMOUS, register
from tests.smtp import post_office
from workers.mail import deliver_all

MAILS = 200


@asynccontextmanager
async def worker(url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The real worker process with its broker in PostgreSQL; killed with all its children at the end."""
    environment = {**os.environ, "SIXNET_DATABASE_URL": url}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers.main", "--processes", "1", "--threads", "2"),
        env=environment,
        start_new_session=True,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def test_a_worker_killed_while_it_sends_200_confirmations_loses_none(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await make_event(
        capacity=MAILS, starts_at=clock.now() + timedelta(days=30), ends_at=clock.now() + timedelta(days=31)
    )
    now = clock.now()
    for number in range(MAILS):
        await register(event, someone(number), actor=ANONYMOUS, now=now)
    async with post_office() as post:
        post.pause = 0.005
        async with worker(committed_db) as process:
            await asyncio.to_thread(nudge, committed_db)
            await post.wait_for(60, timeout=60)
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        assert 60 <= len(post) < MAILS
        states = await database.fetch("SELECT state, count(*) AS n FROM message GROUP BY state")
        assert {row["state"] for row in states} >= {"sent", "sending"}
        await deliver_all()
        with clock.at(now + LEASE + timedelta(minutes=1)):
            await deliver_all()
        counts = Counter(post.recipients)
    assert len(counts) == MAILS
    assert sum(counts.values()) - MAILS <= LANES, "repeats are at most what was in flight when the worker died"
    assert await database.fetchval("SELECT count(*) FROM message WHERE state = 'sent'") == MAILS


def nudge(url: str) -> None:
    override(database_url=url)
    broker = make_broker(get_settings(), middleware=[])
    jobs.use(broker)
    try:
        jobs.nudge("mail.deliver")
        jobs.flush()
    finally:
        jobs.use(None)
        broker.close()
        os.environ.pop("SIXNET_DATABASE_URL")
        get_settings.cache_clear()
