"""Whoever leads an event hears when its attendance was left open."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from events.checkin import actions
from events.checkin.closing import reminding
from events.checkin.closing.reminding import remind_of_open
from events.checkin.tables import AttendanceState
from events.core import database
from events.core.actor import SYSTEM
from events.core.i18n import in_language
from events.letters import COMPOSERS
from events.messaging.delivery import compose
from events.messaging.letter import Owed
from tests.factories import NOW, insert, make_event, make_registration, make_staff
from workers.due import due_jobs

DAY = timedelta(days=1)
AFTER = NOW + 3 * DAY


async def make_held(**more: Any) -> UUID:
    when = {"starts_at": NOW - timedelta(hours=2), "ends_at": NOW}
    return await make_event(**{**when, "contact_email": "", **more})


async def told() -> list[str]:
    rows = await database.fetch("SELECT recipient FROM message WHERE reason = 'left_open' ORDER BY recipient")
    return [row["recipient"] for row in rows]


async def test_the_contact_hears_once_three_days_after_the_end(db: asyncpg.Connection) -> None:
    await make_held(contact_email="oskari@sixnet.example")
    assert await remind_of_open(AFTER - timedelta(minutes=1)) == 0
    assert "attendance.remind" not in await due_jobs(AFTER - timedelta(minutes=1))
    assert "attendance.remind" in await due_jobs(AFTER)
    assert [await remind_of_open(AFTER + n * DAY) for n in range(3)] == [1, 0, 0]
    assert "attendance.remind" not in await due_jobs(AFTER)
    assert await told() == ["oskari@sixnet.example"]


@pytest.mark.parametrize(
    "columns",
    [{"reconciled_at": NOW}, {"state": "cancelled"}, {"state": "draft"}, {"ends_at": NOW - 40 * DAY}],
    ids=["closed", "cancelled", "draft", "long ago"],
)
async def test_what_needs_no_closing_reminds_nobody(db: asyncpg.Connection, columns: dict[str, Any]) -> None:
    if "ends_at" in columns:
        columns["starts_at"] = columns["ends_at"] - timedelta(hours=1)
    await make_held(contact_email="oskari@sixnet.example", **columns)
    assert await remind_of_open(AFTER) == 0


async def test_who_leads_this_very_event_comes_before_the_contact_and_the_region(db: asyncpg.Connection) -> None:
    event = await make_held(contact_email="oskari@sixnet.example")
    await make_staff("organiser", kind="event", resource=str(event), email="leads@sixnet.example")
    await make_staff("door", kind="event", resource=str(event), email="door@sixnet.example")
    await make_staff("organiser", kind="region", resource="06", email="region@sixnet.example")
    await make_staff("organiser", kind="event", resource=str(event), email="gone@sixnet.example", active=False)
    await remind_of_open(AFTER)
    assert await told() == ["leads@sixnet.example"]


async def test_the_chair_hears_of_their_groups_meeting(db: asyncpg.Connection) -> None:
    group = await insert("theme_group", theme="low-carbon", region="06", name_fi="Ryhmä", created_at=NOW)
    await make_held(theme_group=group)
    await make_staff("chair", kind="group", resource=str(group), email="chair@sixnet.example")
    await remind_of_open(AFTER)
    assert await told() == ["chair@sixnet.example"]


async def test_without_anybody_of_its_own_the_regions_organisers_hear(db: asyncpg.Connection) -> None:
    await make_held()
    for region, email in (("06", "here@sixnet.example"), ("01", "there@sixnet.example")):
        await make_staff("organiser", kind="region", resource=region, email=email)
    await remind_of_open(AFTER)
    assert await told() == ["here@sixnet.example"]


async def test_days_are_counted_on_the_events_own_clock(db: asyncpg.Connection) -> None:
    ends_at = NOW.replace(month=10, day=23, hour=14)  # 17.00 in Finland; the night to the 25th has an hour more
    await make_event(starts_at=ends_at - timedelta(hours=2), ends_at=ends_at, contact_email="o@sixnet.example")
    assert await remind_of_open(ends_at + reminding.DAYS * DAY) == 0
    assert await remind_of_open(ends_at + reminding.DAYS * DAY + timedelta(hours=1)) == 1


async def test_the_letter_says_what_is_left_and_is_not_sent_once_it_is_closed(db: asyncpg.Connection) -> None:
    event = await make_held(contact_email="oskari@sixnet.example", title_fi="Avoin paja")
    registration = await make_registration(event)
    await remind_of_open(AFTER)
    owed = msgspec.convert(dict(await database.fetchrow("SELECT * FROM message") or {}), Owed)
    with in_language("fi"):
        letter = await compose(owed, COMPOSERS)
        assert letter is not None
        assert "Avoin paja" in letter.subject
        assert "1 henkilöstä ei tiedetä" in letter.text
        assert "/attendance" in letter.html
        await actions.mark([registration], AttendanceState.ATTENDED, actor=SYSTEM, now=AFTER)
        await actions.reconcile(event, actor=SYSTEM, now=AFTER)
        assert await compose(owed, COMPOSERS) is None


async def test_an_event_that_moved_reminds_anew(db: asyncpg.Connection) -> None:
    event = await make_held(contact_email="oskari@sixnet.example")
    await remind_of_open(AFTER)
    await database.execute(
        "UPDATE event SET start_revision = start_revision + 1, ends_at = $2 WHERE id = $1", event, AFTER
    )
    assert await remind_of_open(AFTER + 3 * DAY) == 1
