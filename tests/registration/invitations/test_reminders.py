"""Asking once more who has not answered."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from events.core import clock, database
from events.core.actor import SYSTEM
from events.registration.invitations.actions import invite
from events.registration.invitations.guests import Guest
from events.registration.invitations.reminders import queue_due, remind_now, waited_for
from tests.factories import make_event, make_person, make_registration
from workers.due import due_jobs

DAY = 24 * 60
START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@pytest.fixture
async def event(db: asyncpg.Connection) -> UUID:
    """An event with two reminders; of five invited two have answered and one came by the public form."""
    event = await make_event(
        starts_at=START, ends_at=START + timedelta(hours=2), invitation_reminders=[7 * DAY, 2 * DAY]
    )
    guests = [Guest(f"{name}@yritys.example") for name in ("sent", "later", "yes", "no", "here")]
    await invite(event, guests, actor=SYSTEM, now=START - timedelta(days=20))
    for name in ("later", "yes", "no"):
        await database.execute(f"UPDATE invitation SET state = '{name}' WHERE email = '{name}@yritys.example'")
    await make_registration(event, person=await make_person(email="here@yritys.example"))
    return event


async def reminded() -> list[str]:
    rows = await database.fetch("SELECT recipient FROM message WHERE reason = 'invitation_reminder' ORDER BY recipient")
    return [row[0].partition("@")[0] for row in rows]


async def test_each_reminder_goes_once_to_who_has_not_answered(event: UUID) -> None:
    assert await queue_due(START - timedelta(days=8)) == 0
    assert "invitations.remind" not in await due_jobs(START - timedelta(days=8))
    seventh = START - timedelta(days=7) + timedelta(minutes=1)
    assert "invitations.remind" in await due_jobs(seventh)
    assert await queue_due(seventh) == 2
    assert await queue_due(seventh + timedelta(hours=2)) == 0
    assert "invitations.remind" not in await due_jobs(seventh)
    assert await queue_due(START - timedelta(days=2)) == 2
    assert await reminded() == ["later", "later", "sent", "sent"]
    assert await queue_due(START + timedelta(minutes=1)) == 0


async def test_a_reminder_by_hand_goes_once_a_day_and_stands_for_the_one_by_rule(event: UUID) -> None:
    morning = START - timedelta(days=7, hours=2)
    with clock.at(morning):
        assert await waited_for(event) == 2
        assert await remind_now(event, actor=SYSTEM, now=morning) == 2
        assert await remind_now(event, actor=SYSTEM, now=morning) == 0
    assert await queue_due(START - timedelta(days=7)) == 0
    assert await queue_due(START - timedelta(days=2)) == 2


async def test_who_was_invited_later_or_is_not_to_be_written_to_is_left_out(event: UUID) -> None:
    await database.execute("INSERT INTO suppression (address, reason) VALUES ('sent@yritys.example', 'unsubscribed')")
    await invite(event, [Guest("new@yritys.example")], actor=SYSTEM, now=START - timedelta(days=6))
    assert await queue_due(START - timedelta(days=5)) == 1
    assert await reminded() == ["later"]
