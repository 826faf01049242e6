"""The database goes down in the middle, without a word: workers come back by themselves, and nothing is lost.

Commits must be durable for that (not as in the tests' shared cluster): one that is lost is a mail that comes twice.
"""

import asyncio
import contextlib
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
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


SETTINGS = {"fsync": "off"}


@pytest.fixture
async def own_cluster(tmp_path: Path) -> AsyncIterator[str]:
    """The URL of a cluster that nobody else uses, with nudges going through it."""
    with attached(tmp_path / "data", settings=SETTINGS) as embedded:
        async with database.pooled(embedded.url, size=4):
            await migrate(embedded.url)
            broker = make_broker(Settings(database_url=embedded.url), middleware=[])
            jobs.use(broker)
            yield embedded.url
            jobs.flush()
            jobs.use(None)
            broker.close()


async def crash(_data_dir: Path, _stack: ExitStack) -> None:
    """Kill a backend, by which PostgreSQL ends all others at once and recovers from what was committed."""
    victim = await database.fetchval(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1"
    )
    os.kill(victim, signal.SIGKILL)


async def stop_immediately(data_dir: Path, stack: ExitStack) -> None:
    """Stop the server as `pg_ctl stop -m immediate` does, and start it some seconds later on the same socket."""
    pid_file = Path(await database.fetchval("SHOW data_directory")) / "postmaster.pid"
    pid = int(pid_file.read_text().split("\n")[0])
    os.kill(pid, signal.SIGQUIT)
    async with asyncio.timeout(30):
        while Path(f"/proc/{pid}").exists():  # noqa: ASYNC110 - it is no child of ours that would tell
            await asyncio.sleep(0.05)
    await asyncio.sleep(3)
    await asyncio.to_thread(stack.enter_context, attached(data_dir, settings=SETTINGS))


# asyncpg's pool looks after its smallest size in a task of its own, which finds the database gone.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("fail", [crash, stop_immediately])
async def test_workers_come_back_after_the_database_and_lose_nothing(
    own_cluster: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fail: Callable[[Path, ExitStack], Awaitable[None]],
) -> None:
    monkeypatch.setenv("TEST_LEASE", "6")
    for number in range(MAILS):
        await owe(number, email=f"a{number}@yritys{number % 9}.example")
    with ExitStack() as stack:
        async with post_office() as post, worker(own_cluster, own_cluster, tmp_path) as process:
            post.pause = 0.01
            await seen("worker")
            await nudge()
            await post.wait_for(60, timeout=60)
            await fail(tmp_path / "data", stack)
            assert len(set(post.recipients)) < MAILS, "it was in the middle"
            async with asyncio.timeout(90):
                while len(set(post.recipients)) < MAILS:
                    with contextlib.suppress(ServiceError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                        await tick(clock.now())  # as the minute does
                    await asyncio.sleep(1)
            assert process.returncode is None, "it is the same worker"
            counts = Counter(post.recipients)
    assert len(counts) == MAILS
    assert sum(counts.values()) - MAILS <= LANES, "what was being handed over, and could not be written down"
