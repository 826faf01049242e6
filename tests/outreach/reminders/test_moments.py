"""The clocks go forward in Helsinki on 29 March 2026 at 3:00 and back on 25 October 2026 at 4:00."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from events.core import database
from events.outreach.reminders.actions import queue_due_reminders
from events.programme import queries as programme
from events.programme.reminders import queries
from tests.factories import make_event, make_registration
from tests.outreach.reminders.rules import LONG_AGO, make_rule, no_defaults

HELSINKI = ZoneInfo("Europe/Helsinki")
MINUTE = timedelta(minutes=1)


def helsinki(text: str, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HELSINKI, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "rule", "due"),
    [
        # whole days keep the time of the day on either side of the change
        ("2026-03-29 09:00", {"days": -1}, helsinki("2026-03-28 09:00")),
        ("2026-03-28 09:00", {"days": -1}, helsinki("2026-03-27 09:00")),
        ("2026-10-26 09:00", {"days": -1}, helsinki("2026-10-25 09:00")),
        # minutes are exact: an hour before 9:00, six hours before 7:00 over the gap
        ("2026-03-29 07:00", {"minutes": -360}, helsinki("2026-03-29 00:00")),
        # 3:30 is skipped: as if the clocks had not gone forward, which is 4:30
        ("2026-03-30 03:30", {"days": -1}, helsinki("2026-03-29 04:30")),
        ("2026-03-30 12:00", {"days": -1, "local_time": time(3, 30)}, helsinki("2026-03-29 04:30")),
        # 3:30 comes twice: the second, in winter time
        ("2026-10-26 03:30", {"days": -1}, helsinki("2026-10-25 03:30", fold=1)),
        ("2026-10-26 12:00", {"days": -1, "local_time": time(3, 30)}, helsinki("2026-10-25 03:30", fold=1)),
        # in the repeated hour itself minutes count from the very moment
        ("2026-10-25 05:00", {"minutes": -90}, helsinki("2026-10-25 03:30", fold=1)),
        ("2026-10-25 05:00", {"minutes": -150}, helsinki("2026-10-25 03:30")),
        # a leap day
        ("2028-03-01 09:00", {"days": -1}, helsinki("2028-02-29 09:00")),
        ("2028-02-29 09:00", {"days": -366}, helsinki("2027-02-28 09:00")),
        ("2027-03-01 09:00", {"days": -1, "local_time": time(8)}, helsinki("2027-02-28 08:00")),
        # at a time of the day, before and after
        ("2026-11-05 14:00", {"days": 0, "local_time": time(8)}, helsinki("2026-11-05 08:00")),
        ("2026-11-05 14:00", {"days": 1, "local_time": time(9), "anchor": "end"}, helsinki("2026-11-06 09:00")),
    ],
)
async def test_a_rule_is_due_once_at_the_right_local_time_whatever_the_workers_clock_does(
    db: asyncpg.Connection, start: str, rule: dict[str, Any], due: datetime
) -> None:
    await no_defaults()
    begins = helsinki(start)
    event = await make_event(starts_at=begins, ends_at=begins + timedelta(hours=2))
    await make_rule(event, **rule)
    await make_registration(event, registered_at=LONG_AGO)
    (turn,) = await queries.turns(event)
    assert turn.due_at == due
    assert await queue_due_reminders(due - MINUTE) == 0
    assert await queue_due_reminders(due) == 1
    for step in (-120, -60, 0, 60, 120):  # the clock is set back and forward again
        assert await queue_due_reminders(due + step * MINUTE) == 0


async def test_a_clock_that_ran_two_hours_ahead_and_is_set_back_sends_once(db: asyncpg.Connection) -> None:
    await no_defaults()
    begins = helsinki("2026-11-05 09:00")
    event = await make_event(starts_at=begins, ends_at=begins + timedelta(hours=2))
    await make_rule(event, days=-1)
    await make_registration(event, registered_at=LONG_AGO)
    due = helsinki("2026-11-04 09:00")
    sent = [await queue_due_reminders(due + timedelta(hours=hours)) for hours in (-3, 2, 0, -2, 0, 2)]
    assert sent == [0, 1, 0, 0, 0, 0]


async def test_each_zone_has_its_own_nine_o_clock(db: asyncpg.Connection) -> None:
    await no_defaults()
    begins = datetime(2026, 11, 5, 12, tzinfo=UTC)
    for zone, due in (("Europe/Helsinki", 7), ("Europe/Stockholm", 8), ("UTC", 9)):
        event = await make_event(starts_at=begins, ends_at=begins + timedelta(hours=2), zone=zone)
        await make_rule(event, days=-1, local_time=time(9))
        (turn,) = await queries.turns(event)
        assert turn.due_at == datetime(2026, 11, 4, due, tzinfo=UTC)


async def test_the_reminders_that_are_announced_are_those_that_are_sent(db: asyncpg.Connection) -> None:
    event = await make_event()
    view = await programme.by_id(event)
    assert view
    assert view.reminders == [turn.due_at for turn in await queries.turns(event)]
    site = await database.fetchval("SELECT id FROM site WHERE event = $1", event)
    for rule in ({"site": site}, {"tag": "x"}, {"attended": "yes"}, {"states": ["waitlisted"]}, {"anchor": "end"}):
        await make_rule(event, minutes=-30 if "anchor" not in rule else 30, **rule)
    again = await programme.by_id(event)
    assert again
    assert again.reminders == view.reminders
