"""No confirmed registration without its message, whatever happens between the two."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from uuid import UUID

import pytest

from events.core import clock, database, jobs
from events.core.broker import make_broker
from events.core.database import transaction
from events.core.settings import Settings
from tests.factories import NOW, make_event
from tests.registration.test_races import someone
from tests.registration.test_register import ANONYMOUS, register
from tests.smtp import post_office
from tests.workers.test_brokers import seen, worker
from workers.tick import tick

LONELY = """
SELECT count(*) FROM registration WHERE state = 'confirmed' AND NOT EXISTS (
    SELECT FROM message WHERE subject_kind = 'registration' AND subject_id = registration.id)
"""


class _Fault(Exception):
    pass


async def test_an_exception_before_the_commit_takes_both_back(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await make_event(capacity=50)
    for number in range(10):
        with pytest.raises(_Fault):
            async with transaction():
                await register(event, someone(number), actor=ANONYMOUS, now=NOW)
                raise _Fault
        await register(event, someone(100 + number), actor=ANONYMOUS, now=NOW)
    assert await database.fetchval("SELECT count(*) FROM registration") == 10
    assert await database.fetchval("SELECT count(*) FROM message") == 10
    assert await database.fetchval("SELECT taken FROM site") == 10
    assert await database.fetchval(LONELY) == 0


KILLED = """
import asyncio, os, signal, sys
from uuid import UUID
from events.core import database, jobs
from tests.factories import NOW
from tests.registration.test_races import someone
from tests.registration.test_register import ANONYMOUS, register

async def main():
    jobs._nudger.nudge = lambda name: os.kill(os.getpid(), signal.SIGKILL)  # after the commit, before any nudge
    naive = sys.argv[3] == "naive"  # the letter would be owed by a second transaction
    async with database.pooled(sys.argv[1], size=2):
        await register(UUID(sys.argv[2]), someone(1), actor=ANONYMOUS, now=NOW, send=not naive)
        jobs.nudge("mail.deliver")

asyncio.run(main())
"""


async def register_and_be_killed(url: str, event: UUID, how: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, url, str(event), how), env=dict(os.environ)
    )
    async with asyncio.timeout(60):
        assert await process.wait() == -signal.SIGKILL
    assert await database.fetchval("SELECT count(*) FROM registration WHERE state = 'confirmed'") == 1


async def test_a_process_killed_after_the_commit_and_before_the_nudge_leaves_it_to_the_next_tick(
    committed_db: str, tmp_path: Path
) -> None:
    await register_and_be_killed(committed_db, await make_event(capacity=50), "ours")
    assert await database.fetchval(LONELY) == 0
    broker = make_broker(Settings(database_url=committed_db), middleware=[])
    jobs.use(broker)
    async with post_office() as post, worker(committed_db, committed_db, tmp_path):
        await seen("worker")
        await asyncio.sleep(1)
        assert len(post) == 0, "nobody knows of it"
        with clock.at(NOW):
            assert "mail.deliver" in await tick(NOW)
        await asyncio.to_thread(jobs.flush)
        jobs.use(None)
        await post.wait_for(1, timeout=30)
        broker.close()
        assert post.recipients == [someone(1).email]


async def test_a_letter_that_is_owed_after_the_commit_is_missed_by_a_process_killed_there(committed_db: str) -> None:
    await register_and_be_killed(committed_db, await make_event(capacity=50), "naive")
    assert await database.fetchval(LONELY) == 1
