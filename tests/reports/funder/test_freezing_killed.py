"""A worker that freezes is killed for real, and a replica that lags behind is not what a report is frozen from."""

import asyncio
import os
import signal
import sys
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from events.core import replica
from events.core.documents.actions import make_due
from events.core.errors import NotFound
from events.core.replica import reading_from
from events.core.settings import get_settings
from events.documents import KINDS
from events.reports.funder import freezing
from events.reports.funder.tables import Rule
from tests.conftest import clone, drop
from tests.core.documents.making import row
from tests.reports.funder.made import NOW, WORLD, make_report
from tests.reports.funder.test_freezing_work import AFTER_LEASE, coordinator, kept, order

KILLED = """
import asyncio, os, signal, sys
from events.accounts import audit
from events.core import database
from events.core.documents import actions
from events.core.documents.actions import make_due
from events.core.settings import override
from events.documents import KINDS
from tests.reports.funder.made import NOW

url, where, data = sys.argv[1:]
override(data_dir=data, secret_key="killed", public_url="http://testserver")

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

async def counted():
    actions._TELL += " AND $3::int >= 0"
    execute = database.execute
    async def told(sql, *given):
        done = await execute(sql, *given)
        if sql == actions._TELL and given[2] == 3:
            die()
        return done
    database.execute = told

async def main():
    if where == "counting":
        await counted()
    elif where == "keeping":
        audit.record = die
    else:
        actions._settle = die
    async with database.pooled(url, size=4):
        await make_due(KINDS, now=NOW)

asyncio.run(main())
"""


@pytest.mark.parametrize(("where", "left"), [("counting", 0), ("keeping", 0), ("telling", 1)])
async def test_a_worker_process_that_is_killed_leaves_all_or_nothing(committed_db: str, where: str, left: int) -> None:
    """While it counts; when all is written and not committed; when it is committed and not said yet."""
    document = await order((await make_report(WORLD, Rule.PERSONS)).id)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, committed_db, where, str(get_settings().data_dir)), env=dict(os.environ)
    )
    async with asyncio.timeout(120):
        assert await process.wait() == -signal.SIGKILL
    assert ((await row(document))["state"], await kept()) == ("making", left)
    assert not await make_due(KINDS, now=NOW), "its lease is not over"
    assert await make_due(KINDS, now=AFTER_LEASE)
    assert ((await row(document))["state"], await kept()) == ("ready", 1)


async def frozen_with_a_replica_that_lags(cluster: str, template_db: str) -> None:
    """Freeze while a replica has heard of nothing yet."""
    report = (await make_report(WORLD, Rule.PERSONS)).id
    lagging = await clone(cluster, template_db)
    try:
        async with reading_from(lagging):
            await freezing.freeze(report, seen=0, why="", actor=await coordinator(), now=NOW)
    finally:
        await drop(cluster, lagging)
    assert (await freezing.frozen(report, 1, "en", whole=True)).totals.participations


async def test_it_is_frozen_from_the_newest_data(cluster: str, template_db: str, committed_db: str) -> None:
    await frozen_with_a_replica_that_lags(cluster, template_db)


async def test_from_a_replica_it_would_be_frozen_as_it_was(
    cluster: str, template_db: str, committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lagging(*, newest: bool) -> AbstractAsyncContextManager[Any]:
        assert newest
        return replica.snapshot()

    monkeypatch.setattr(freezing, "snapshot", lagging)
    with pytest.raises(NotFound):
        await frozen_with_a_replica_that_lags(cluster, template_db)
