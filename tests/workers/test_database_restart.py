"""The database goes down in the middle, without a word: workers come back by themselves, and nothing is lost."""

import asyncio
import contextlib
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from events.core import clock, database, jobs
from events.core.broker import make_broker
from events.core.embedded import attached
from events.core.errors import ServiceError
from events.core.settings import Settings
from events.messaging.delivery import LANES
from events.migrate import migrate
from tests.messaging.test_delivery import owe
from tests.smtp import post_office
from tests.workers.test_brokers import nudge, seen, worker
from workers.tick import tick

MAILS = 300


@pytest.fixture
async def own_cluster(tmp_path: Path) -> AsyncIterator[str]:
    """The URL of a cluster that nobody else uses, with nudges going through it."""
    with attached(tmp_path / "data", settings={"fsync": "off"}) as embedded:
        async with database.pooled(embedded.url, size=4):
            await migrate(embedded.url)
            broker = make_broker(Settings(database_url=embedded.url), middleware=[])
            jobs.use(broker)
            yield embedded.url
            jobs.flush()
            jobs.use(None)
            broker.close()


async def crash() -> None:
    """Kill a backend, by which PostgreSQL ends all others at once and recovers from what was committed.

    Commits must be durable for that (not as in the tests' shared cluster): one that is lost is a mail that comes twice.
    """
    victim = await database.fetchval(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1"
    )
    os.kill(victim, signal.SIGKILL)


# asyncpg's pool looks after its smallest size in a task of its own, which finds the database gone.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_workers_come_back_after_the_database_and_lose_nothing(
    own_cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_LEASE", "6")
    for number in range(MAILS):
        await owe(number, email=f"a{number}@yritys{number % 9}.example")
    async with post_office() as post, worker(own_cluster, own_cluster, tmp_path) as process:
        post.pause = 0.01
        await seen("worker")
        await nudge()
        await post.wait_for(60, timeout=60)
        await crash()
        async with asyncio.timeout(90):
            while len(set(post.recipients)) < MAILS:
                with contextlib.suppress(ServiceError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    await tick(clock.now())  # as the minute does
                await asyncio.sleep(1)
        assert process.returncode is None, "it is the same worker"
        counts = Counter(post.recipients)
    assert len(counts) == MAILS
    assert sum(counts.values()) - MAILS <= LANES, "what was being handed over, and could not be written down"
