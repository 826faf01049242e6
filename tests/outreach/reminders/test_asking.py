import re
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from events.core import clock, database
from events.core.actor import SYSTEM
from events.core.errors import Conflict
from events.outreach.reminders.actions import decide, queue_due_reminders
from events.outreach.reminders.queries import Reminder, asking, of_event
from events.programme.actions import publish
from events.programme.editing import EventChanges, edit_event
from events.programme.reminders import actions
from events.programme.reminders.actions import RuleValues
from tests.factories import NOW, make_event, make_registration, make_staff, sign_in
from tests.outreach.reminders.rules import make_rule, no_defaults

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
START = NOW + 10 * DAY


async def reminding(**rule: object) -> tuple[UUID, UUID]:
    await no_defaults()
    event = await make_event(slug="paja", starts_at=START, ends_at=START + 6 * HOUR)
    return event, await make_rule(event, **rule)


async def the_one(event: UUID, now: datetime) -> Reminder:
    (reminder,) = await of_event(event, now)
    return reminder


async def test_a_moved_event_asks_before_it_sends_what_would_have_been_due(db: asyncpg.Connection) -> None:
    event, _rule = await reminding(days=-7)
    await make_registration(event, registered_at=NOW - DAY)
    moved = NOW + 2 * DAY
    await edit_event(event, EventChanges(starts_at=NOW + 4 * DAY, ends_at=NOW + 5 * DAY), actor=SYSTEM, now=moved)
    await make_registration(event, registered_at=moved + MINUTE)
    later = moved + HOUR
    assert await queue_due_reminders(later) == 0
    reminder = await the_one(event, later)
    assert (reminder.stage, reminder.reached.people) == ("asks", 1), "who came after the move knew of it"
    assert [each.people for each in await asking(later)] == [1]
    assert await decide(event, reminder.turn.occurrence, send=True, actor=SYSTEM, now=later) == 1
    assert (await the_one(event, later)).stage == "sent"
    assert await asking(later) == []
    with pytest.raises(Conflict):
        await decide(event, reminder.turn.occurrence, send=True, actor=SYSTEM, now=later)
    assert await queue_due_reminders(later) == 0


async def test_one_that_is_left_out_never_goes(db: asyncpg.Connection) -> None:
    event, _rule = await reminding(days=-7)
    await make_registration(event, registered_at=NOW - DAY)
    moved = NOW + 2 * DAY
    await edit_event(event, EventChanges(starts_at=NOW + 4 * DAY, ends_at=NOW + 5 * DAY), actor=SYSTEM, now=moved)
    occurrence = (await the_one(event, moved)).turn.occurrence
    assert await decide(event, occurrence, send=False, actor=SYSTEM, now=moved) == 0
    assert (await the_one(event, moved)).stage == "left_out"
    assert await queue_due_reminders(moved) == 0
    assert await database.fetchval("SELECT count(*) FROM message WHERE reason = 'reminder'") == 0


async def test_a_worker_that_was_down_asks_nobody(db: asyncpg.Connection) -> None:
    event, _rule = await reminding(days=-7)
    await make_registration(event, registered_at=NOW - DAY)
    late = START - DAY
    assert await asking(late) == []
    assert await queue_due_reminders(late) == 1


async def test_what_was_due_before_publication_concerns_nobody_and_does_not_ask(db: asyncpg.Connection) -> None:
    event, _rule = await reminding(days=-7)
    await database.execute("UPDATE event SET state = 'draft'")
    published = START - 3 * DAY
    await publish(event, actor=SYSTEM, now=published)
    await make_registration(event, registered_at=published + HOUR)
    assert await queue_due_reminders(published + 2 * HOUR) == 0
    assert await asking(published + 2 * HOUR) == []
    assert (await the_one(event, published + 2 * HOUR)).stage == "passed"


async def test_a_rule_that_is_set_too_late_asks_and_its_words_alone_do_not(db: asyncpg.Connection) -> None:
    event, rule = await reminding(days=-1)
    await make_registration(event, registered_at=NOW - DAY)
    now = START - 2 * DAY
    await actions.save_rule(event, rule, RuleValues(days=-3), actor=SYSTEM, now=now)
    assert (await the_one(event, now)).stage == "asks"
    await actions.save_rule(event, rule, RuleValues(days=-1), actor=SYSTEM, now=now)
    assert (await the_one(event, now)).stage == "coming"
    words = {"subject_en": "Soon", "body_en": "Come."}
    await actions.save_rule(event, rule, RuleValues(days=-1, words=words), actor=SYSTEM, now=START - DAY + MINUTE)
    assert await queue_due_reminders(START - DAY + 2 * MINUTE) == 1


async def test_a_rule_that_was_sent_and_is_set_to_another_time_is_another_reminder(db: asyncpg.Connection) -> None:
    event, rule = await reminding(days=-3)
    await make_registration(event, registered_at=NOW - DAY)
    assert await queue_due_reminders(START - 3 * DAY) == 1
    await actions.save_rule(event, rule, RuleValues(days=-1), actor=SYSTEM, now=START - 2 * DAY)
    assert await queue_due_reminders(START - DAY) == 1
    reminder = await the_one(event, START - DAY)
    assert (reminder.stage, reminder.counts) == ("sent", {"queued": 1})


async def test_a_default_that_changes_asks_where_its_time_has_passed(db: asyncpg.Connection) -> None:
    event, _rule = await reminding(days=-7)
    await make_registration(event, registered_at=NOW - DAY)
    now = START - 2 * DAY
    await database.execute("DELETE FROM reminder_rule")
    await actions.save_default(None, RuleValues(days=-4), actor=SYSTEM, now=now)
    assert (await the_one(event, now)).stage == "asks"
    assert await queue_due_reminders(now) == 0


@pytest.mark.parametrize(("role", "resource", "told"), [("organiser", "06", True), ("organiser", "05", False)])
async def test_the_start_page_and_the_event_ask(
    client: httpx.AsyncClient, db: asyncpg.Connection, role: str, resource: str, *, told: bool
) -> None:
    event, rule = await reminding(days=-7)
    await make_registration(event, registered_at=NOW - DAY)
    await sign_in(client, await make_staff(role, kind="region", resource=resource))
    moved = NOW + 2 * DAY
    await edit_event(event, EventChanges(starts_at=NOW + 4 * DAY, ends_at=NOW + 5 * DAY), actor=SYSTEM, now=moved)
    with clock.at(moved + HOUR):
        start = (await client.get("/staff/")).text
        assert ("1 reminder waits for your decision" in start) is told
        shown = await client.get("/staff/events/paja/reminders")
        sent = {"occurrence": f"{rule}.0:1", "send": "1"}
        if not told:
            assert shown.status_code == 404
            refused = await client.post("/staff/events/paja/reminders/decide", data=sent)
            assert refused.status_code == 404
            return
        assert "Send now to 1 person" in shown.text
        assert re.search(r'name="occurrence" value="([^"]+)"', shown.text)[1] == sent["occurrence"]  # type: ignore[index]
        answer = await client.post("/staff/events/paja/reminders/decide", data=sent)
        assert "The reminder is going out" in (await client.get(answer.headers["location"])).text
        assert (await client.post("/staff/events/paja/reminders/decide", data=sent)).status_code == 409
        assert (await client.post("/staff/events/paja/reminders/decide", data={"send": "1"})).status_code == 409
        assert (await client.post("/staff/events/paja/reminders/decide", data={})).status_code == 400
    actions_done = await database.fetch("SELECT action FROM audit WHERE action LIKE 'reminder.%'")
    assert [row["action"] for row in actions_done] == ["reminder.sent_late"]
