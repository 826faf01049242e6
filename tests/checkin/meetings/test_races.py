import asyncio

import pytest

from events.checkin.meetings import actions
from events.checkin.meetings.plan import make_plan
from events.core import database
from events.core.actor import SYSTEM
from tests.checkin.meetings.reports import AFTER, meeting, read, teams

GUESTS = teams("Uusi Ihminen (Guest), 9:00:00, 10:00:00, , ", "Toinen Uusi (Guest), 9:00:00, 10:00:00, , ")


async def walk_ins_of_two_at_once() -> int:
    """Let two send the same report at the same moment, guests without an address among them; returns who is there."""
    event = await meeting()
    report = read(GUESTS)
    plan = await make_plan(event, [report], minimum=5, walk_in_all=True)
    choices = {row.code: row.choice for row in plan.rows}
    sent = (actions.import_reports(event, [report], choices, minimum=5, actor=SYSTEM, now=AFTER) for _ in range(2))
    answers = await asyncio.gather(*sent, return_exceptions=True)
    assert any(isinstance(answer, actions.Imported) for answer in answers)
    count: int = await database.fetchval("SELECT count(*) FROM registration WHERE event = $1", event)
    return count


async def test_a_report_sent_twice_at_once_registers_nobody_twice(committed_db: str) -> None:
    for _ in range(3):
        assert await walk_ins_of_two_at_once() == 2


async def test_without_the_events_lock_they_would_be_there_twice(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked = actions._LOCK.replace("FOR NO KEY UPDATE", "")
    monkeypatch.setattr(actions, "_LOCK", unlocked)
    monkeypatch.setattr(
        actions, "_REPORT", actions._REPORT.replace("DO NOTHING", "DO UPDATE SET title = excluded.title")
    )
    assert max([await walk_ins_of_two_at_once() for _ in range(5)]) > 2
