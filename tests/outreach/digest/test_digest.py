"""The summary for organisers: daily, on Mondays, or none."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import msgspec
import pytest

from events.core import clock, database
from events.core.actor import SYSTEM
from events.core.i18n import in_language
from events.letters import COMPOSERS
from events.messaging.delivery import compose
from events.messaging.letter import Letter, Owed
from events.outreach.digest.actions import queue_due, span
from events.programme.rules import to_local
from events.registration.actions import cancel
from tests.factories import make_event, make_registration, make_staff, sign_in
from workers.due import due_jobs

MONDAY = datetime(2026, 9, 7, 4, 0, tzinfo=UTC)
"""Seven in the morning in Finland."""

DAY = timedelta(days=1)


async def organiser(digest: str = "daily", region: str = "06", **more: Any) -> UUID:
    return await make_staff("organiser", kind="region", resource=region, digest=digest, **more)


async def letter() -> Letter | None:
    row = await database.fetchrow("SELECT * FROM message WHERE reason = 'digest' ORDER BY created_at DESC LIMIT 1")
    assert row is not None
    with in_language(row["language"]):
        return await compose(msgspec.convert(dict(row), Owed), COMPOSERS)


@pytest.mark.parametrize(
    ("digest", "moment", "due"),
    [
        ("daily", MONDAY, 1),
        ("daily", MONDAY - timedelta(minutes=1), 0),
        ("daily", MONDAY + 2 * DAY, 1),
        ("weekly", MONDAY, 1),
        ("weekly", MONDAY + timedelta(hours=12), 1),
        ("weekly", MONDAY + DAY, 0),
        ("none", MONDAY, 0),
    ],
)
async def test_it_is_due_in_the_morning(db: asyncpg.Connection, digest: str, moment: datetime, due: int) -> None:
    await organiser(digest)
    assert ("digest.queue" in await due_jobs(moment)) is bool(due)
    assert await queue_due(moment) == due
    assert await queue_due(moment) == 0
    assert "digest.queue" not in await due_jobs(moment)


@pytest.mark.parametrize(("late", "owed"), [(DAY, "weekly:2026-09-07"), (6 * DAY, "weekly:2026-09-07")])
async def test_a_monday_without_a_worker_is_made_up_for_once(
    db: asyncpg.Connection, late: timedelta, owed: str
) -> None:
    await organiser("weekly")
    assert await queue_due(MONDAY - 7 * DAY) == 1
    assert "digest.queue" in await due_jobs(MONDAY + late)
    assert await queue_due(MONDAY + late) == 1
    assert await queue_due(MONDAY + late) == 0
    assert await database.fetchval("SELECT max(occurrence) FROM message") == owed
    assert await queue_due(MONDAY + 7 * DAY) == 1


@pytest.mark.parametrize("monday", [datetime(2026, 3, 30, 4, 0, tzinfo=UTC), datetime(2026, 10, 26, 5, 0, tzinfo=UTC)])
async def test_it_is_due_at_seven_on_the_clock_after_the_clocks_were_changed(
    db: asyncpg.Connection, monday: datetime
) -> None:
    await organiser("weekly")
    await organiser("daily", email="toinen@sixnet.example")
    assert await queue_due(monday - timedelta(minutes=1)) == 0
    assert await queue_due(monday) == 2


async def test_two_ticks_owe_one(committed_db: str) -> None:
    await organiser()
    await organiser(active=False)
    assert sum(await asyncio.gather(*(queue_due(MONDAY) for _tick in range(4)))) == 1


async def test_it_tells_what_happened_at_the_events_of_ones_reach(db: asyncpg.Connection) -> None:
    await organiser(language="en")
    mine = await make_event(title_en="Mine", starts_at=MONDAY + 10 * DAY, ends_at=MONDAY + 11 * DAY)
    elsewhere = await make_event(
        title_en="Elsewhere", host_region="01", starts_at=MONDAY + DAY, ends_at=MONDAY + 2 * DAY
    )
    await make_event(title_en="Quiet", starts_at=MONDAY + DAY, ends_at=MONDAY + 2 * DAY)
    await make_event(title_en="Open", starts_at=MONDAY - 2 * DAY, ends_at=MONDAY - DAY)
    for event, ago in ((mine, 1), (mine, 5), (mine, 40), (elsewhere, 1)):
        await make_registration(event, registered_at=MONDAY - timedelta(hours=ago))
    gone = await make_registration(mine, registered_at=MONDAY - 3 * DAY)
    await cancel(gone, actor=SYSTEM, now=MONDAY - timedelta(hours=2))
    await make_registration(mine, state="awaiting_approval", registered_at=MONDAY - 3 * DAY)
    await queue_due(MONDAY)
    told = await letter()
    assert told is not None
    assert "2 new registrations, 1 cancelled, 1 waits for approval" in told.text
    assert "the attendance is still open" in told.html
    assert "Elsewhere" not in told.text
    assert "Quiet" not in told.text
    assert "/staff/account" in told.text


async def test_nothing_happened_is_no_mail_and_neither_is_a_closed_account(db: asyncpg.Connection) -> None:
    staff = await organiser()
    await queue_due(MONDAY)
    assert await letter() is None
    await make_event(starts_at=MONDAY - 2 * DAY, ends_at=MONDAY - DAY)
    assert await letter() is not None
    await database.execute("UPDATE staff SET active = false WHERE id = $1", staff)
    assert await letter() is None


@pytest.mark.parametrize(
    ("occurrence", "hours"), [("daily:2026-10-26", 24), ("daily:2026-10-25", 25), ("weekly:2026-09-07", 7 * 24)]
)
async def test_the_first_tells_of_a_day_on_the_clock_or_a_week(
    db: asyncpg.Connection, occurrence: str, hours: int
) -> None:
    since, until = await span(uuid4(), occurrence)  # the clocks go back on the 25th
    assert (until - since) == timedelta(hours=hours)
    assert to_local(until, "Europe/Helsinki").hour == 7


async def test_the_next_one_tells_of_the_days_without_a_worker_too_and_says_from_when(db: asyncpg.Connection) -> None:
    await organiser(language="en")
    event = await make_event(starts_at=MONDAY + 30 * DAY, ends_at=MONDAY + 31 * DAY)
    await queue_due(MONDAY)
    await make_registration(event, registered_at=MONDAY - timedelta(hours=1))
    await make_registration(event, registered_at=MONDAY + timedelta(hours=1))
    await queue_due(MONDAY + 3 * DAY + timedelta(hours=5))
    told = await letter()
    assert told is not None
    assert "From 07/09/2026 to 10/09/2026" in told.text
    assert "1 new registration" in told.text
    await queue_due(MONDAY + 4 * DAY)
    assert await letter() is None, "what was told is not told again"


@pytest.mark.parametrize(
    ("before", "state", "days"),
    [(3, "sent", 3), (3, "dropped", 3), (14, "sent", 14), (15, "sent", 14), (100, "sent", 14), (3, "failed", 1)],
)
async def test_it_goes_on_where_the_last_one_ended_that_did_not_fail(
    db: asyncpg.Connection, before: int, state: str, days: int
) -> None:
    staff = await organiser()
    await queue_due(MONDAY - before * DAY)
    await database.execute("UPDATE message SET state = $1", state)
    await queue_due(MONDAY)
    assert await span(staff, "daily:2026-09-07") == (MONDAY - days * DAY, MONDAY)
    assert await span(await organiser(email="toinen@sixnet.example"), "daily:2026-09-07") == (MONDAY - DAY, MONDAY)


async def test_one_chooses_it_in_ones_account(client: httpx.AsyncClient) -> None:
    staff = await organiser("none")
    await sign_in(client, staff)
    with clock.at(MONDAY):
        await client.post("/staff/account", data={"name": "Oskari", "language": "fi", "digest": "weekly"})
        assert await database.fetchval("SELECT digest FROM staff WHERE id = $1", staff) == "weekly"
        bad = await client.post("/staff/account", data={"name": "Oskari", "language": "fi", "digest": "hourly"})
    assert bad.status_code == 422
