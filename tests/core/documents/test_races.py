"""What happens at the same time: two workers, a worker that is killed, an erasure."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from contextvars import Context
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from events.core import clock, database, jobs, settings
from events.core.broker import make_broker
from events.core.documents import actions
from events.core.documents.actions import LEASE, ask, forget, make_due
from events.core.documents.shapes import Task, Tell
from tests.conftest import SECRET_KEY
from tests.core.documents.making import SUBJECT, kinds, row, staff, wanted
from tests.factories import NOW
from tests.processes import environment, wait_for

DRIVER = """
import asyncio, os, pathlib, sys
from events import documents
from events.core.documents.shapes import Kind

async def begin(task, tell, now):
    await tell(1)
    pathlib.Path(os.environ["TEST_FOLDER"], "begun").touch()
    await asyncio.sleep(60)

documents.KINDS = {"list": Kind(begin, None)}
import workers.main as main
sys.exit(main.run(1, 1))
"""
"""A worker with one kind, the making of which never ends."""


async def test_of_two_workers_at_once_one_makes_it(committed_db: str) -> None:
    made: list[int] = []

    async def count(task: Task, tell: Tell, now: datetime) -> bytes:
        made.append(task.tries)
        await asyncio.sleep(0.05)
        return b"x"

    document = await ask(wanted(), actor=staff(), now=NOW)
    dealt_with = await asyncio.gather(*(make_due(kinds(count), now=NOW) for _ in range(8)))
    assert (dealt_with.count(True), made) == (1, [1])
    assert (await row(document))["state"] == "ready"


async def asked_while_erasing() -> bool:
    """Ask for a document while somebody is being erased; returns whether it could be taken in hand before the end."""
    async with database.transaction():
        await forget("event", [SUBJECT])
        asking = asyncio.get_running_loop().create_task(asked_and_made(), context=Context())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(asking), 0.5)
        early = asking.done()
    assert await asking
    return early


async def asked_and_made() -> bool:
    await ask(wanted(), actor=staff(), now=NOW)
    return await make_due(kinds(), now=NOW)


async def test_nothing_is_made_of_names_that_are_being_erased(committed_db: str) -> None:
    assert not await asked_while_erasing()


async def test_without_holding_up_it_would_be_made_of_them(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "_HOLD_UP", "SELECT 1")
    assert await asked_while_erasing()


async def test_what_a_killed_worker_had_in_hand_is_made_by_the_next(committed_db: str, tmp_path: Path) -> None:
    now = clock.now()
    document = await ask(wanted(), actor=staff(), now=now)
    broker = make_broker(settings.Settings(database_url=committed_db), middleware=[])
    jobs.use(broker)
    jobs.nudge("documents.make")
    jobs.flush()
    worker = start_worker(committed_db, tmp_path)
    try:
        await asyncio.to_thread(wait_for, (tmp_path / "begun").exists, "a document in hand")
    finally:
        jobs.use(None)
        broker.close()
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    assert ((await row(document))["state"], (await row(document))["done"]) == ("making", 1)
    assert not await make_due(kinds(), now=now)
    assert await make_due(kinds(), now=clock.now() + LEASE + timedelta(seconds=1))
    assert ((await row(document))["state"], (await row(document))["tries"]) == ("ready", 2)


def start_worker(url: str, folder: Path) -> subprocess.Popen[bytes]:
    env = environment(folder, database_url=url, secret_key=SECRET_KEY, public_url="http://testserver")
    env |= {"TEST_FOLDER": str(folder), "SIXNET_PARENT_PID": str(os.getpid())}
    with (folder / "said").open("wb") as said:
        return subprocess.Popen(
            [sys.executable, "-P", "-c", DRIVER], env=env, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
        )
