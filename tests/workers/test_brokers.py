"""A broker that forgets everything, workers that are killed, a stop with mails in hand: with each broker there is.

Each run has a queue of its own. In Redis it is the database 11 that is emptied, for others may use the server.
"""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest
from dramatiq import Broker

from events.core import clock, database, jobs
from events.core.broker import make_broker
from events.core.settings import Settings
from events.messaging.delivery import LANES
from tests.conftest import SECRET_KEY
from tests.core.test_broker import answers
from tests.messaging.test_delivery import COMPOSERS, deliver_due, owe
from tests.processes import environment
from tests.smtp import Post, post_office
from workers.tick import tick

URLS = {"postgresql": "", "rabbitmq": "amqp://guest:guest@127.0.0.1:5672/", "redis": "redis://127.0.0.1:6379/11"}

DRIVER = """
import os, sys
from datetime import timedelta
import events.letters
from events.core import jobs
from events.messaging import claiming, delivery
from tests.messaging.test_delivery import COMPOSERS
import workers.main as main
jobs.QUEUE = os.environ["TEST_QUEUE"]
events.letters.COMPOSERS = COMPOSERS
if "TEST_LEASE" in os.environ:
    claiming.LEASE = timedelta(seconds=int(os.environ["TEST_LEASE"]))
    delivery.MARGIN = claiming.LEASE / 3
ours = main.actor_modules

def modules():
    found = ours()
    sys.modules["workers.mail"].BUDGET = 1.0
    return found

main.actor_modules = modules
sys.exit(main.run(1, 2))
"""


@pytest.fixture(params=list(URLS))
async def broker(
    request: pytest.FixtureRequest, committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Broker, str]]:
    url = URLS[request.param] or committed_db
    if URLS[request.param] and not answers(url):
        pytest.skip(f"{request.param} does not answer on this machine")
    monkeypatch.setattr(jobs, "QUEUE", f"test-{uuid4().hex}")
    made = make_broker(Settings(broker_url=url, database_url=committed_db), middleware=[])
    made.declare_queue(jobs.QUEUE)
    jobs.use(made)
    yield made, url
    jobs.flush()
    jobs.use(None)
    await forget(made, url)
    made.close()


async def forget(broker: Broker, url: str) -> None:
    """Let the broker lose all it holds."""
    if url.startswith("postgresql"):
        await database.execute("TRUNCATE dramatiq.queue")
    elif url.startswith("redis"):
        broker.client.flushdb()  # type: ignore[attr-defined]
    else:
        broker.flush(jobs.QUEUE)


@asynccontextmanager
async def worker(database_url: str, broker_url: str, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    mail_url = os.environ["SIXNET_MAIL_URL"]
    env = environment(folder, database_url=database_url, broker_url=broker_url, mail_url=mail_url)
    env |= {"SIXNET_SECRET_KEY": SECRET_KEY, "SIXNET_PUBLIC_URL": "http://testserver"}
    env |= {"TEST_QUEUE": jobs.QUEUE, "SIXNET_PARENT_PID": str(os.getpid())}
    with (folder / "said").open("ab") as said:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", DRIVER), env=env, stdout=said, stderr=said, start_new_session=True
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def seen(key: str) -> None:
    """Wait for a heartbeat."""
    async with asyncio.timeout(90):
        while not await database.fetchval(  # noqa: ASYNC110
            "SELECT EXISTS (SELECT FROM service_state WHERE key = $1)", key
        ):
            await asyncio.sleep(0.05)


async def nudge() -> None:
    jobs.nudge("mail.deliver")
    await asyncio.to_thread(jobs.flush)


async def test_what_the_broker_forgot_leaves_by_the_next_tick_and_a_stop_drops_nothing(
    broker: tuple[Broker, str], committed_db: str, tmp_path: Path
) -> None:
    made, url = broker
    for number in range(100):
        await owe(number, email=f"a{number}@yritys{number % 9}.example")
    await nudge()
    await forget(made, url)
    async with post_office() as post, worker(committed_db, url, tmp_path) as process:
        await seen("worker")
        await asyncio.sleep(1)
        assert len(post) == 0, "nobody knows of them: without the tick they would stay"
        assert "mail.deliver" in await tick(clock.now())
        await asyncio.to_thread(jobs.flush)
        await post.wait_for(20, timeout=60)
        await forget(made, url)  # in the middle, what is in hand included
        await post.wait_for(100, timeout=60)
        await _stop_with_mails_in_hand(post, process)
        counts = Counter(post.recipients)
    assert len(counts) == 100 + 400
    assert sum(counts.values()) == 100 + 400, "none came twice"


MAILS, KILLS, LEASE = 300, 2, 4


async def test_workers_killed_beside_a_broker_that_forgets_lose_nothing(
    broker: tuple[Broker, str],
    committed_db: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    chance: random.Random,
    record_property: Callable[[str, object], None],
) -> None:
    """Every other time the broker keeps what the killed one had in hand, and brings it back as it likes."""
    made, url = broker
    monkeypatch.setenv("TEST_LEASE", str(LEASE))
    for number in range(MAILS):
        await owe(number, email=f"a{number}@yritys{number % 9}.example")
    async with post_office() as post:
        post.pause = 0.01
        for number in range(KILLS):
            async with worker(committed_db, url, tmp_path) as process:
                await tick(clock.now())
                await post.wait_for(len(post) + chance.randrange(1, MAILS // (2 * KILLS)), timeout=60)
                os.killpg(process.pid, signal.SIGKILL)
                assert await process.wait() == -signal.SIGKILL
            if number % 2:
                await forget(made, url)
        assert len(set(post.recipients)) < MAILS, "it was in the middle"
        await asyncio.sleep(LEASE + 1)
        async with worker(committed_db, url, tmp_path):
            ticks = await _ticks_until_all_are_sent()
        counts = Counter(post.recipients)
        identities = {(recipient, mail["Message-ID"]) for recipient, mail in post.received}
    repeats = sum(counts.values()) - len(counts)
    record_property("counts", f"lost {MAILS - len(counts)}, repeats {repeats} at {KILLS} kills, all by tick {ticks}")
    assert len(counts) == len(identities) == MAILS
    assert repeats <= KILLS * LANES
    assert ticks <= 2


async def _ticks_until_all_are_sent() -> int:
    """Tick when a worker has had its time; returns how often."""
    for ticks in (1, 2, 3):
        await tick(clock.now())
        with suppress(TimeoutError):
            async with asyncio.timeout(20):
                while await database.fetchval(  # noqa: ASYNC110
                    "SELECT EXISTS (SELECT FROM message WHERE state <> 'sent')"
                ):
                    await asyncio.sleep(0.05)
                return ticks
    return 4


async def _stop_with_mails_in_hand(post: Post, process: asyncio.subprocess.Process) -> None:
    """Stop the worker while it delivers 400 mails: it ends in its time, and what it had not begun can be had at once."""
    post.pause = 0.02
    for number in range(400):
        await owe(number, email=f"b{number}@yritys{number % 9}.example")
    await nudge()
    await post.wait_for(130, timeout=60)
    for _ in range(2):  # as a service manager signals every process
        os.killpg(process.pid, signal.SIGTERM)
    async with asyncio.timeout(30):
        assert await process.wait() == 0
    rows = await database.fetch("SELECT state, count(*)::int AS n FROM message GROUP BY state")
    states = {row["state"]: row["n"] for row in rows}
    assert set(states) == {"sent", "queued"}, "the worker let go of nothing, and left nothing in hand"
    assert states["sent"] == len(post) < 500
    post.pause = 0
    while await deliver_due(COMPOSERS, now=clock.now()):
        pass
