"""Jobs through each broker there is: PostgreSQL always, RabbitMQ and Redis where this machine has them."""

import asyncio
import logging
import socket
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import dramatiq
import pytest
from dramatiq import Broker, Worker
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.stub import StubBroker
from packaging.requirements import Requirement

from events.core import jobs
from events.core.broker import default_middleware, make_broker
from events.core.errors import ServiceError
from events.core.settings import Settings
from tests.factories import insert
from workers.tick import tick

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
URLS = {"rabbitmq": "amqp://guest:guest@127.0.0.1:5672", "redis": "redis://127.0.0.1:6379/9"}


def answers(url: str) -> bool:
    place = urlsplit(url)
    try:
        socket.create_connection((place.hostname or "", place.port or 0), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture(params=["postgresql", "rabbitmq", "redis"])
def broker(request: pytest.FixtureRequest, committed_db: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    """A broker with a queue of this test's own, to which nudges go."""
    url = committed_db if request.param == "postgresql" else URLS[request.param]
    if request.param != "postgresql" and not answers(url):
        pytest.skip(f"{request.param} does not answer on this machine")
    queue = f"test-{uuid4().hex}"
    monkeypatch.setattr(jobs, "QUEUE", queue)
    made = make_broker(Settings(broker_url=url, database_url=committed_db), middleware=default_middleware())
    made.emit_after("process_boot")
    made.declare_queue(queue)
    jobs.use(made)
    yield made
    jobs.flush()
    jobs.use(None)
    made.flush(queue) if request.param != "postgresql" else None
    made.close()


class Ran:
    """An actor that notes that it ran, and on which thread."""

    def __init__(self, broker: Broker, name: str = "mail.deliver") -> None:
        self.event = threading.Event()

        @dramatiq.actor(broker=broker, actor_name=name, queue_name=jobs.QUEUE, max_retries=0, time_limit=60_000)
        async def work() -> None:
            self.event.set()


@pytest.fixture
def working(broker: Broker) -> Iterator[Ran]:
    ran = Ran(broker)
    worker = Worker(broker, worker_threads=1, worker_timeout=100)
    worker.start()
    yield ran
    worker.stop(timeout=5000)


async def test_a_nudge_reaches_an_actor(working: Ran) -> None:
    jobs.nudge("mail.deliver")
    assert await asyncio.to_thread(working.event.wait, 30)


async def test_the_tick_makes_up_for_a_lost_nudge(
    working: Ran, broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    jobs.use(make_broker(Settings(broker_url="redis://127.0.0.1:1/0"), middleware=[]))
    with caplog.at_level(logging.WARNING):
        jobs.nudge("mail.deliver")
        jobs.flush()
    assert "nudge lost" in caplog.text
    jobs.use(broker)
    assert not working.event.is_set()
    await insert(
        "message",
        recipient="aino@yritys.example",
        reason="confirmation",
        subject_kind="registration",
        subject_id=uuid4(),
        message_id="<x@sixnet>",
        due_at=NOW,
    )
    assert "mail.deliver" in await tick(NOW)
    assert await asyncio.to_thread(working.event.wait, 30)


async def test_a_job_that_takes_too_long_is_ended(broker: Broker) -> None:
    ended = threading.Event()

    @dramatiq.actor(broker=broker, actor_name="mail.deliver", queue_name=jobs.QUEUE, max_retries=0, time_limit=50)
    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    worker = Worker(broker, worker_threads=1, worker_timeout=100)
    worker.start()
    try:
        jobs.nudge("mail.deliver")
        assert await asyncio.to_thread(ended.wait, 20)
    finally:
        worker.stop(timeout=5000)


class Sent(dramatiq.Middleware):
    """Notes what the broker has taken."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def after_enqueue(self, broker: Broker, message: dramatiq.Message[None], delay: int) -> None:
        self.names.append(message.actor_name)


async def test_fifty_nudges_of_one_moment_become_one_message(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "NUDGE_INTERVAL", 60)
    broker.add_middleware(sent := Sent())
    for _ in range(50):
        jobs.nudge("mail.deliver")
    jobs.flush()
    assert sent.names == ["mail.deliver"]
    for _ in range(50):
        jobs.nudge("mail.deliver")
        await asyncio.sleep(0)
    assert sent.names == ["mail.deliver"], "the next one waits until the interval is over"
    jobs.flush()
    assert sent.names == ["mail.deliver"] * 2


class Hanging(StubBroker):
    """As `dramatiq-postgres` in an outage, which tries again for minutes."""

    def __init__(self) -> None:
        super().__init__(middleware=[])
        self.asked = threading.Event()
        self.released = threading.Event()
        self.taken: list[str] = []

    def enqueue(self, message: dramatiq.Message[None], *, delay: int | None = None) -> dramatiq.Message[None]:
        self.asked.set()
        self.released.wait(20)
        self.taken.append(message.actor_name)
        return message


async def test_a_broker_that_hangs_holds_up_neither_the_caller_nor_the_stop(caplog: pytest.LogCaptureFixture) -> None:
    broker = Hanging()
    jobs.use(broker)
    begun = time.monotonic()
    try:
        jobs.nudge("mail.deliver")
        assert await asyncio.to_thread(broker.asked.wait, 5)
        for _ in range(10):
            await asyncio.to_thread(jobs.nudge, "surveys.seal")  # as a command does, without a loop
        await asyncio.to_thread(jobs.flush, timeout=0.05)
        assert time.monotonic() - begun < 10
        assert "given up" in caplog.text
    finally:
        broker.released.set()
        jobs.flush()
        jobs.use(None)
    assert broker.taken == ["mail.deliver", "surveys.seal"], "what waits for the end of an outage waits once"


EXITS = """
import time
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.stub import StubBroker
from packaging.requirements import Requirement
from events.core import jobs
broker = StubBroker(middleware=[])
broker.enqueue = lambda message: time.sleep(600)
jobs.use(broker)
jobs.nudge("mail.deliver")
jobs.flush(timeout=0.05)
"""


def test_a_broker_that_hangs_does_not_hold_up_the_end_of_the_process() -> None:
    assert subprocess.run([sys.executable, "-c", EXITS], timeout=30, check=False).returncode == 0


def test_rabbitmq_says_whether_it_has_taken_a_message() -> None:
    made = make_broker(Settings(broker_url=URLS["rabbitmq"]), middleware=[])
    assert isinstance(made, RabbitmqBroker)
    assert made.confirm_delivery


def test_a_dramatiq_whose_async_actors_fail_is_not_installed() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    (wanted,) = (r for r in map(Requirement, project["dependencies"]) if r.name == "dramatiq")
    assert [version in wanted.specifier for version in ("2.1.9", "2.2.0", "2.2.1", "3.0")] == [
        False,
        False,
        True,
        False,
    ]


def test_an_unknown_broker_is_refused_by_name() -> None:
    with pytest.raises(ServiceError, match="'kafka'"):
        make_broker(Settings(broker_url="kafka://x"))
    with pytest.raises(ServiceError, match="no database"):
        make_broker(Settings(broker_url=None, database_url=None))
