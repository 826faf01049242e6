"""No confirmed registration without its message, whatever happens between the two."""

import asyncio
import os
import signal
import sys

import pytest

from events.core import clock, database
from events.core.database import transaction
from tests.factories import NOW, make_event
from tests.registration.test_races import someone
from tests.registration.test_register import ANONYMOUS, register
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
    async with database.pooled(sys.argv[1], size=2):
        await register(UUID(sys.argv[2]), someone(1), actor=ANONYMOUS, now=NOW)

asyncio.run(main())
"""


async def test_a_process_killed_after_the_commit_and_before_the_nudge_leaves_it_to_the_tick(committed_db: str) -> None:
    event = await make_event(capacity=50)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, committed_db, str(event)), env=dict(os.environ)
    )
    async with asyncio.timeout(60):
        assert await process.wait() == -signal.SIGKILL
    assert await database.fetchval("SELECT count(*) FROM registration WHERE state = 'confirmed'") == 1
    assert await database.fetchval(LONELY) == 0
    assert "mail.deliver" in await tick(clock.now())
