"""What waited for the mail server: letters are written from the present state, so no two of them may say the same."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from events.core import clock, database
from events.core.actor import ANONYMOUS, SYSTEM
from events.letters import COMPOSERS
from events.messaging.delivery import claim, compose, deliver_due
from events.programme.actions import EventChanges, cancel_event, edit_event
from events.registration.actions import cancel
from events.registration.own.resending import resend
from events.registration.queries import Registered
from events.registration.registering import register
from tests.factories import NOW, make_event
from tests.registration.test_letters import entry, remind
from tests.registration.test_register import someone

CANCELLED = "Your registration is cancelled: Test workshop"
EVENT_CANCELLED = "The event is cancelled: Test workshop"


async def sign_up(event: UUID, minutes: int = 0) -> Registered:
    new = someone(0, language="en")
    return await register(event, new, actor=ANONYMOUS, now=NOW + timedelta(minutes=minutes))


async def outage(minutes: int) -> None:
    """A worker takes in hand what is due, and waits for a mail server that does not answer."""
    await claim(NOW + timedelta(minutes=minutes))


async def sent(minutes: int = 60) -> list[str]:
    """The mail server is there again, and whatever was in hand is given back: what leaves now, by subject."""
    now = NOW + timedelta(minutes=minutes)
    await database.execute("UPDATE message SET state = 'queued', lease_until = NULL WHERE state = 'sending'")
    with clock.at(now):
        await deliver_due(COMPOSERS, now=now)
    rows = await database.fetch("SELECT subject_line FROM message WHERE finished_at >= $1 AND state = 'sent'", now)
    return sorted(row["subject_line"] for row in rows)


async def cancelled_twice() -> UUID:
    """Someone who cancels, comes again to the waiting list, and cancels again: all of it while no mail leaves."""
    event = await make_event()
    made = await sign_up(event)
    assert len(await sent(1)) == 1
    await cancel(made.id, actor=SYSTEM, now=NOW + timedelta(minutes=2))
    await outage(2)
    await database.execute("UPDATE site SET capacity = 0 WHERE event = $1", event)
    await sign_up(event, 3)
    await outage(3)
    await cancel(made.id, actor=SYSTEM, now=NOW + timedelta(minutes=4))
    return made.id


async def test_who_cancels_twice_while_mail_waits_reads_it_once(db: asyncpg.Connection) -> None:
    await cancelled_twice()
    assert await sent() == [CANCELLED]


async def test_a_letter_that_left_before_the_change_was_there_says_nothing_instead(db: asyncpg.Connection) -> None:
    """Two changes at once: the later one's letter may leave while the earlier one still waits for its lock."""
    await cancelled_twice()
    early = "UPDATE message SET state = 'sent', finished_at = created_at WHERE occurrence LIKE '%:waitlisted'"
    assert await database.execute(early) == 1
    assert await sent() == [CANCELLED]


async def test_the_letter_that_leaves_takes_the_first_place_out_of_the_calendar(db: asyncpg.Connection) -> None:
    await cancelled_twice()
    await database.execute("UPDATE message SET state = 'queued', lease_until = NULL WHERE state = 'sending'")
    written = [await compose(each.owed, COMPOSERS) for each in await claim(NOW + timedelta(hours=1))]
    (letter,) = [letter for letter in written if letter]
    assert entry(letter)[0] == "CANCEL"


async def test_a_cancelled_event_is_told_once_to_whoever_has_not_had_the_confirmation(db: asyncpg.Connection) -> None:
    event = await make_event()
    await sign_up(event)
    await outage(0)
    await cancel_event(event, actor=SYSTEM, now=NOW + timedelta(minutes=1))
    assert await sent() == [EVENT_CANCELLED]


async def test_a_confirmation_that_was_to_be_tried_again_later_does_not_tell_it_again(db: asyncpg.Connection) -> None:
    event = await make_event()
    await sign_up(event)
    await database.execute("UPDATE message SET due_at = $1, tries = 5", NOW + timedelta(minutes=90))
    await cancel_event(event, actor=SYSTEM, now=NOW + timedelta(minutes=1))
    assert await sent(60) == [EVENT_CANCELLED]
    assert await sent(100) == []
    assert await database.fetchval("SELECT state FROM message WHERE reason = 'confirmation'") == "dropped"


async def test_who_asks_for_the_letter_again_gets_it_once(db: asyncpg.Connection) -> None:
    event = await make_event()
    made = await sign_up(event)
    await resend(made.id, actor=SYSTEM, now=NOW + timedelta(minutes=10))
    assert await sent() == ["You are registered: Test workshop"]
    await resend(made.id, actor=SYSTEM, now=NOW + timedelta(hours=2))
    assert await sent(150) == ["You are registered: Test workshop"], "once more is what was asked for"
    await cancel_event(event, actor=SYSTEM, now=NOW + timedelta(hours=3))
    assert await sent(200) == [EVENT_CANCELLED]
    await resend(made.id, actor=SYSTEM, now=NOW + timedelta(hours=4))
    assert await sent(300) == [EVENT_CANCELLED]


async def test_an_event_that_changed_twice_is_told_of_once(db: asyncpg.Connection) -> None:
    event = await make_event()
    await sign_up(event)
    assert len(await sent(1)) == 1
    for day in (31, 32):
        changes = EventChanges(ends_at=NOW + timedelta(days=day))
        await edit_event(event, changes, actor=SYSTEM, now=NOW + timedelta(minutes=day))
        await outage(day)
    assert await sent() == ["The event has changed: Test workshop"]


async def test_two_reminders_that_waited_are_one(db: asyncpg.Connection) -> None:
    made = await sign_up(await make_event())
    assert len(await sent(1)) == 1
    await remind(made.id, "1440:0")
    await remind(made.id, "60:0")
    await database.execute("UPDATE message SET created_at = due_at WHERE occurrence = '1440:0'")
    assert [subject.partition(":")[0] for subject in await sent()] == ["Reminder"]


@pytest.mark.parametrize("state", ["dropped", "failed", "bounced"])
async def test_a_later_letter_that_never_left_says_nothing_instead(db: asyncpg.Connection, state: str) -> None:
    event = await make_event()
    made = await sign_up(event)
    await resend(made.id, actor=SYSTEM, now=NOW + timedelta(minutes=10))
    await database.execute("UPDATE message SET state = $1, finished_at = $2 WHERE occurrence LIKE 'again%'", state, NOW)
    assert await sent() == ["You are registered: Test workshop"]
