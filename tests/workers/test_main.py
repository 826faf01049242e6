"""The worker process as the supervisor starts it, with actors of the tests' own beside ours."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dramatiq
import pytest

from events import metrics
from events.commands.delivery import TOO_OFTEN, failing_jobs
from events.commands.findings import Level
from events.core import clock, jobs, settings
from events.core.broker import make_broker
from events.core.failing import failing
from events.core.parked import STARTS_LIMIT
from tests.conftest import SECRET_KEY
from tests.processes import environment, wait_for
from workers.middleware import EXIT_NO_DATABASE, begin

ACTORS = """
import asyncio, os, pathlib
import dramatiq
from events.core import database, jobs
folder = pathlib.Path(os.environ["TEST_FOLDER"])

@dramatiq.actor(actor_name="quick", queue_name=jobs.QUEUE, max_retries=0, time_limit=60_000)
async def quick():
    (folder / "quick").touch()

@dramatiq.actor(actor_name="slow", queue_name=jobs.QUEUE, max_retries=0, time_limit=60_000)
async def slow():
    (folder / "begun").touch()
    await asyncio.sleep(2)
    await database.fetchval("SELECT 1")
    (folder / "ended").touch()

@dramatiq.actor(actor_name="broken", queue_name=jobs.QUEUE, max_retries=0, time_limit=60_000)
async def broken():
    if not (folder / "mended").exists():
        raise ValueError
"""

DRIVER = """
import importlib, sys, workers.main as main
ours = main.actor_modules
main.actor_modules = lambda: [*ours(), importlib.import_module("more_actors")]
sys.exit(main.run(1, 2))
"""


def start_worker(url: str, folder: Path) -> subprocess.Popen[bytes]:
    (folder / "more_actors.py").write_text(ACTORS)
    env = environment(folder, database_url=url, secret_key=SECRET_KEY, public_url="http://testserver")
    env |= {"PYTHONPATH": str(folder), "TEST_FOLDER": str(folder), "SIXNET_PARENT_PID": str(os.getpid())}
    with (folder / "said").open("wb") as said:
        return subprocess.Popen(
            [sys.executable, "-P", "-c", DRIVER],
            env=env,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


@pytest.fixture
def queue(committed_db: str) -> Iterator[dramatiq.Broker]:
    broker = make_broker(settings.Settings(database_url=committed_db), middleware=[])
    yield broker
    broker.close()


def send(broker: dramatiq.Broker, name: str) -> str:
    message = dramatiq.Message(queue_name=jobs.QUEUE, actor_name=name, args=(), kwargs={}, options={})
    return str(broker.enqueue(message).message_id)


def test_every_job_has_an_actor_and_every_actor_is_a_job() -> None:
    from workers.main import actors

    assert set(actors()) == jobs.JOBS


def test_every_actor_gives_up_in_time_and_leaves_retries_to_the_tick() -> None:
    from workers.main import actors

    for name, actor in actors().items():
        assert actor.options["max_retries"] == 0, name
        assert 0 < actor.options["time_limit"] <= 600_000, name
        assert actor.queue_name == jobs.QUEUE, name


def test_however_often_it_is_told_to_stop_the_job_in_hand_finishes(
    committed_db: str, queue: dramatiq.Broker, tmp_path: Path
) -> None:
    send(queue, "slow")
    worker = start_worker(committed_db, tmp_path)
    try:
        wait_for((tmp_path / "begun").exists, "the job")
        for _ in range(3):  # as a service manager signals every process, and the main one passes its own on
            os.killpg(worker.pid, signal.SIGTERM)
            time.sleep(0.2)
        assert worker.wait(60) == 0
        assert (tmp_path / "ended").exists()
    finally:
        worker.kill()


async def test_a_message_that_was_begun_too_often_is_skipped(
    committed_db: str, queue: dramatiq.Broker, tmp_path: Path
) -> None:
    poison = send(queue, "quick")
    for _ in range(STARTS_LIMIT):
        assert await begin("quick", poison, clock.now())
    worker = start_worker(committed_db, tmp_path)
    said = tmp_path / "said"
    try:
        wait_for(lambda: "skipped" in said.read_text() or (tmp_path / "quick").exists(), "a look at the message")
        assert poison in said.read_text()
        assert not (tmp_path / "quick").exists()
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


async def test_a_job_that_ends_badly_each_time_is_seen_until_it_ends_well(
    committed_db: str, queue: dramatiq.Broker, tmp_path: Path
) -> None:
    worker = start_worker(committed_db, tmp_path)
    try:
        for times in range(1, TOO_OFTEN + 1):
            send(queue, "broken")
            await _until({"broken": times})
        assert [finding.level for finding in await failing_jobs(clock.now())] == [Level.BAD]
        gauges = {family.name: family.samples for family in await metrics._gauges(clock.now())}
        shown = {sample.labels["job"]: sample.value for sample in gauges["sixnet_jobs_failures"]}
        assert shown == {**dict.fromkeys(jobs.JOBS, 0), "broken": TOO_OFTEN}
        (tmp_path / "mended").touch()
        send(queue, "broken")
        await _until({})
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


async def _until(wanted: dict[str, int]) -> None:
    for _tenth in range(600):
        found = {each.job: each.times for each in await failing(clock.now())}
        if found == wanted:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(found)


def test_a_worker_that_cannot_open_its_database_ends_and_says_why(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        worker = start_worker(f"postgresql://127.0.0.1:{unused.getsockname()[1]}/x", tmp_path)
        try:
            assert worker.wait(25) == EXIT_NO_DATABASE
        finally:
            if worker.poll() is None:
                os.killpg(worker.pid, signal.SIGKILL)
                worker.wait()
    assert "The database cannot be reached" in (tmp_path / "said").read_text()
