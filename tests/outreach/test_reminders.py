import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from events.core import database
from events.outreach import reminders
from events.outreach.reminders import queue_due_reminders
from tests.factories import NOW, make_event, make_person, make_registration

DAY = timedelta(days=1)
START = NOW + 30 * DAY
MEETING = [1440, 60]


async def registered(event: UUID, *, at: datetime = NOW - DAY, **columns: Any) -> UUID:
    return await make_registration(event, registered_at=at, **columns)


async def occurrences() -> list[str]:
    rows = await database.fetch("SELECT occurrence FROM message WHERE reason = 'reminder' ORDER BY created_at")
    return [row["occurrence"] for row in rows]


async def test_a_reminder_is_owed_from_its_time_until_the_start(db: asyncpg.Connection) -> None:
    await registered(await make_event(starts_at=START, reminder_minutes=[60]))
    assert await queue_due_reminders(START - timedelta(minutes=61)) == 0
    assert await queue_due_reminders(START) == 0
    assert await queue_due_reminders(START - timedelta(minutes=60)) == 1


async def test_each_reminder_is_owed_once(db: asyncpg.Connection) -> None:
    await registered(await make_event(starts_at=START, reminder_minutes=MEETING))
    for before in (timedelta(hours=24), timedelta(hours=23), timedelta(minutes=60), timedelta(minutes=1)):
        await queue_due_reminders(START - before)
    assert await occurrences() == ["1440:0", "60:0"]


async def test_the_message_names_person_language_and_registration(db: asyncpg.Connection) -> None:
    person = await make_person("Åsa", "Öman", email="asa@yritys.example")
    registration = await registered(
        await make_event(starts_at=START, reminder_minutes=[60]), person=person, language="sv"
    )
    await queue_due_reminders(START - timedelta(minutes=30))
    message = await database.fetchrow("SELECT * FROM message")
    assert message is not None
    assert (message["recipient"], message["recipient_name"]) == ("asa@yritys.example", "Åsa Öman")
    assert (message["person_id"], message["subject_id"]) == (person, registration)
    assert (message["language"], message["subject_kind"], message["state"]) == ("sv", "registration", "queued")
    assert message["message_id"] == f"<{message['id'].hex}@sixnet>"


async def test_a_reminder_due_before_the_person_registered_is_not_sent(db: asyncpg.Connection) -> None:
    event = await make_event(starts_at=START, reminder_minutes=MEETING)
    await registered(event, at=START - timedelta(hours=3))
    assert await queue_due_reminders(START - timedelta(hours=2)) == 0
    assert await queue_due_reminders(START - timedelta(minutes=59)) == 1


@pytest.mark.parametrize("state", ["waitlisted", "cancelled", "awaiting_approval", "offered", "declined"])
async def test_only_the_confirmed_are_reminded(db: asyncpg.Connection, state: str) -> None:
    await registered(await make_event(starts_at=START, reminder_minutes=[60]), state=state)
    assert await queue_due_reminders(START - timedelta(minutes=5)) == 0


@pytest.mark.parametrize("state", ["draft", "cancelled"])
async def test_only_published_events_remind(db: asyncpg.Connection, state: str) -> None:
    await registered(await make_event(starts_at=START, reminder_minutes=[60], state=state))
    assert await queue_due_reminders(START - timedelta(minutes=5)) == 0


async def test_someone_without_an_address_is_passed_over(db: asyncpg.Connection) -> None:
    event = await make_event(starts_at=START, reminder_minutes=[60])
    await registered(event, person=await make_person(email=None))
    assert await queue_due_reminders(START - timedelta(minutes=5)) == 0


async def test_two_persons_of_one_address_are_both_reminded(db: asyncpg.Connection) -> None:
    event = await make_event(starts_at=START, reminder_minutes=[60])
    for name in ("Aino", "Eino"):
        await registered(event, person=await make_person(name, email="toimisto@yritys.example"))
    assert await queue_due_reminders(START - timedelta(minutes=5)) == 2


async def test_moving_the_event_moves_its_reminders(db: asyncpg.Connection) -> None:
    event = await make_event(starts_at=START, reminder_minutes=[60])
    await registered(event)
    assert await queue_due_reminders(START - timedelta(minutes=5)) == 1
    await database.execute(
        "UPDATE event SET starts_at = $2, ends_at = $3, start_revision = 1 WHERE id = $1",
        event,
        START + 7 * DAY,
        START + 8 * DAY,
    )
    assert await queue_due_reminders(START - timedelta(minutes=4)) == 0
    assert await queue_due_reminders(START + 7 * DAY - timedelta(minutes=60)) == 1
    assert await occurrences() == ["60:0", "60:1"]


async def test_of_reminders_that_fall_due_at_once_only_the_last_is_sent(db: asyncpg.Connection) -> None:
    await registered(await make_event(starts_at=START, reminder_minutes=[10080, 1440]))
    assert await queue_due_reminders(START - timedelta(hours=2)) == 1
    assert await occurrences() == ["1440:0"]


@pytest.mark.parametrize(("day", "due_hour_utc"), [(29, 7), (28, 7), (30, 6)])
async def test_whole_days_are_counted_on_the_events_own_clock(
    db: asyncpg.Connection, day: int, due_hour_utc: int
) -> None:
    """Summer time begins on 29 March 2026: an event at 9:00 is recalled at 9:00 of the day before, not at 8:00."""
    starts = {29: datetime(2026, 3, 29, 6, tzinfo=UTC), 28: datetime(2026, 3, 28, 7, tzinfo=UTC)}.get(
        day, datetime(2026, 3, 30, 6, tzinfo=UTC)
    )
    event = await make_event(starts_at=starts, ends_at=starts + timedelta(hours=6), reminder_minutes=[1440])
    await registered(event, at=starts - 9 * DAY)
    due = datetime(2026, 3, day - 1, due_hour_utc, tzinfo=UTC)
    assert await queue_due_reminders(due - timedelta(minutes=1)) == 0
    assert await queue_due_reminders(due) == 1


NAIVE = reminders.QUEUE.replace(
    "ON CONFLICT (recipient, reason, subject_kind, subject_id, occurrence) DO NOTHING",
    "WHERE NOT EXISTS (SELECT FROM message WHERE subject_id = registration.id)",
)


@pytest.mark.parametrize(("statement", "messages"), [(reminders.QUEUE, 3), (NAIVE, 6)], ids=["ours", "naive"])
async def test_two_ticks_at_once_owe_each_reminder_once(committed_db: str, statement: str, messages: int) -> None:
    """The look-before-you-insert form, with no unique key, doubles under the same schedule."""
    event = await make_event(starts_at=START, reminder_minutes=[60])
    for _ in range(3):
        await registered(event)
    if statement == NAIVE:
        await database.execute("ALTER TABLE message DROP CONSTRAINT message_once")
    now = START - timedelta(minutes=30)
    async with database.pool_connection() as first, database.pool_connection() as second:
        transaction = first.transaction()
        await transaction.start()
        await first.execute(statement, now)
        other = asyncio.create_task(second.execute(statement, now))
        await asyncio.sleep(0.2)
        await transaction.commit()
        await other
    assert await database.fetchval("SELECT count(*) FROM message") == messages
