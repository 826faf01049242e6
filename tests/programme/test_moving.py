"""An event that moves takes along what is dated by its start, as far as that lies ahead."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient
from msgspec import structs

from events.core import clock
from events.core.actor import SYSTEM
from events.core.database import fetchrow, fetchval
from events.programme.actions import EventChanges, edit_event
from events.programme.moving import Move
from tests.factories import NOW, insert, make_event, make_staff, sign_in
from tests.programme.steps.test_checklist import WHOLE

START = NOW + timedelta(days=30)
MONTH = timedelta(days=21)  # no change of clocks in between
DAY = timedelta(days=1)


async def moved(event: UUID, by: timedelta, **changes: datetime) -> tuple[datetime | None, datetime | None]:
    """Move an event; returns when registration opens and closes then."""
    asked = EventChanges(starts_at=START + by, ends_at=START + by + timedelta(hours=6), **changes)
    await edit_event(event, asked, actor=SYSTEM, now=NOW)
    row = await fetchrow("SELECT registration_opens_at, registration_closes_at FROM event WHERE id = $1", event)
    assert row is not None
    return row["registration_opens_at"], row["registration_closes_at"]


async def test_registration_and_materials_move_with_the_event(db: asyncpg.Connection) -> None:
    event = await make_event(registration_opens_at=START - 9 * DAY, registration_closes_at=START - DAY)
    await insert("material", event=event, url="https://tallenne.example", visible_from=START + DAY)
    assert await moved(event, MONTH) == (START - 9 * DAY + MONTH, START - DAY + MONTH)
    assert await fetchval("SELECT visible_from FROM material") == START + DAY + MONTH


async def test_of_a_published_event_stays_what_has_happened(db: asyncpg.Connection) -> None:
    event = await make_event(registration_opens_at=NOW - 3 * DAY, registration_closes_at=NOW - DAY)
    await insert("material", event=event, url="https://ohjelma.example", visible_from=NOW - DAY)
    assert await moved(event, MONTH) == (NOW - 3 * DAY, NOW - DAY), "open is open, and closed is closed"
    assert await fetchval("SELECT visible_from FROM material") == NOW - DAY


async def test_all_dates_of_a_draft_move(db: asyncpg.Connection) -> None:
    event = await make_event(state="draft", registration_opens_at=NOW - 3 * DAY, registration_closes_at=NOW - DAY)
    assert await moved(event, MONTH) == (NOW - 3 * DAY + MONTH, NOW - DAY + MONTH)


async def test_registration_that_would_be_over_by_the_move_closes_at_the_start(db: asyncpg.Connection) -> None:
    event = await make_event(registration_opens_at=NOW - DAY, registration_closes_at=START - 7 * DAY)
    assert await moved(event, timedelta(days=-25)) == (NOW - DAY, None)


async def test_a_time_that_is_asked_for_stands(db: asyncpg.Connection) -> None:
    event = await make_event(registration_closes_at=START - DAY)
    assert await moved(event, MONTH, registration_closes_at=START) == (None, START)


async def test_nothing_moves_while_the_start_stays(db: asyncpg.Connection) -> None:
    event = await make_event(registration_closes_at=START - DAY)
    await insert("material", event=event, url="https://tallenne.example", visible_from=START + DAY)
    assert await moved(event, timedelta()) == (None, START - DAY)
    assert await fetchval("SELECT visible_from FROM material") == START + DAY


@pytest.mark.parametrize(
    ("starts_at", "expected"),
    [
        (datetime(2026, 11, 2, 10, tzinfo=UTC), datetime(2026, 11, 1, 10, tzinfo=UTC)),  # 12 o'clock, also in winter
        (datetime(2027, 3, 29, 0, 30, tzinfo=UTC), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),  # 3.30 is skipped
    ],
)
def test_a_day_before_is_a_day_before_by_the_clock_on_the_wall(starts_at: datetime, expected: datetime) -> None:
    event = structs.replace(WHOLE, starts_at=datetime(2026, 10, 1, 9, tzinfo=UTC))
    assert Move(event, starts_at, event.zone).of(datetime(2026, 9, 30, 9, tzinfo=UTC)) == expected


async def test_the_page_says_what_moved_along(client: AsyncClient) -> None:
    await make_event(slug="paja")
    await sign_in(client, await make_staff("admin"))
    times = {"day": "2026-10-20", "starts": "9.00", "ends": "15.00", "zone": "Europe/Helsinki", "version": "0"}
    with clock.at(NOW):
        answer = await client.post("/staff/events/paja/edit/times", data=times)
        assert "moved along, as far as they lay ahead" in (await client.get(answer.headers["location"])).text
