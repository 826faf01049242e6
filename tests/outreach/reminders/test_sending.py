import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from events.core import database
from events.core.marks import with_mark
from events.outreach.reminders import actions
from events.outreach.reminders.actions import queue_due_reminders
from events.programme import queries as programme
from tests.factories import NOW, insert, make_event, make_person, make_registration
from tests.outreach.reminders.rules import make_rule, no_defaults

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
START = NOW + 30 * DAY
END = START + 6 * HOUR


async def registered(event: UUID, *, at: datetime = NOW - DAY, **columns: Any) -> UUID:
    return await make_registration(event, registered_at=at, **columns)


async def reminding(*rules: dict[str, Any], **columns: Any) -> tuple[UUID, list[UUID]]:
    """Make an event that has these rules alone; returns it and them."""
    await no_defaults()
    event = await make_event(**{"starts_at": START, "ends_at": END, **columns})
    return event, [await make_rule(event, **rule) for rule in rules]


async def occurrences() -> list[str]:
    rows = await database.fetch("SELECT occurrence FROM message WHERE reason = 'reminder' ORDER BY created_at")
    return [row["occurrence"] for row in rows]


async def test_a_reminder_is_owed_from_its_time_until_the_start(db: asyncpg.Connection) -> None:
    event, _rules = await reminding({"minutes": -60})
    await registered(event)
    assert await queue_due_reminders(START - 61 * MINUTE) == 0
    assert await queue_due_reminders(START) == 0
    assert await queue_due_reminders(START - 60 * MINUTE) == 1


async def test_each_reminder_is_owed_once(db: asyncpg.Connection) -> None:
    event, (day, hour) = await reminding({"days": -1}, {"minutes": -60})
    await registered(event)
    for before in (24 * HOUR, 23 * HOUR, HOUR, MINUTE):
        await queue_due_reminders(START - before)
    assert await occurrences() == [f"{day}.0:0", f"{hour}.0:0"]


async def test_the_event_knows_which_of_its_reminders_had_their_turn(db: asyncpg.Connection) -> None:
    event, _rules = await reminding({"days": -1}, {"minutes": -60})
    await registered(event)
    await queue_due_reminders(START - DAY)
    found = await programme.by_id(event)
    assert found
    assert (found.reminders, found.reminded) == ([START - DAY, START - HOUR], [START - DAY])


async def test_an_event_whose_reminders_cannot_be_written_holds_up_no_other(db: asyncpg.Connection) -> None:
    bad, _rules = await reminding({"minutes": -60})
    good = await make_event(starts_at=START, ends_at=END)
    await make_rule(good, minutes=-60)
    await registered(bad, person=await make_person(email="bad@yritys.example"))
    await registered(good)
    await database.execute("ALTER TABLE message ADD CONSTRAINT odd CHECK (recipient <> 'bad@yritys.example')")
    for _tick in range(2):
        await queue_due_reminders(START - HOUR)
    assert len(await occurrences()) == 1
    await database.execute("ALTER TABLE message DROP CONSTRAINT odd")
    assert await queue_due_reminders(START - HOUR) == 1, "and goes out once it can be written"


@pytest.mark.parametrize(("kind", "due"), [("meeting", [24 * HOUR, HOUR]), ("workshop", [7 * DAY, 24 * HOUR])])
async def test_an_event_without_rules_of_its_own_reminds_as_the_network_does(
    db: asyncpg.Connection, kind: str, due: list[timedelta]
) -> None:
    await registered(await make_event(starts_at=START, ends_at=END, kind=kind))
    for before in due:
        assert await queue_due_reminders(START - before - MINUTE) == 0
        assert await queue_due_reminders(START - before) == 1


async def test_a_rule_of_the_event_takes_the_place_of_a_default(db: asyncpg.Connection) -> None:
    event = await make_event(starts_at=START, ends_at=END, kind="workshop")
    await registered(event)
    week = await database.fetchval("SELECT id FROM reminder_rule WHERE days = -7")
    await make_rule(event, replaces=week, days=-3)
    assert await queue_due_reminders(START - 7 * DAY) == 0
    assert await queue_due_reminders(START - 3 * DAY) == 1
    await database.execute("UPDATE reminder_rule SET active = false WHERE event IS NULL")
    assert await queue_due_reminders(START - DAY) == 0


async def test_the_message_names_person_language_and_registration(db: asyncpg.Connection) -> None:
    person = await make_person("Åsa", "Öman", email="asa@yritys.example")
    event, _rules = await reminding({"minutes": -60})
    registration = await registered(event, person=person, language="sv")
    await queue_due_reminders(START - 30 * MINUTE)
    message = await database.fetchrow("SELECT * FROM message")
    assert message is not None
    assert (message["recipient"], message["recipient_name"]) == ("asa@yritys.example", "Åsa Öman")
    assert (message["person_id"], message["subject_id"]) == (person, registration)
    assert (message["language"], message["subject_kind"], message["state"]) == ("sv", "registration", "queued")
    assert message["message_id"] == f"<{message['id'].hex}@sixnet>"


async def test_a_reminder_due_before_the_person_registered_is_not_sent(db: asyncpg.Connection) -> None:
    event, _rules = await reminding({"days": -1}, {"minutes": -60})
    await registered(event, at=START - 3 * HOUR)
    assert await queue_due_reminders(START - 2 * HOUR) == 0
    assert await queue_due_reminders(START - 59 * MINUTE) == 1


@pytest.mark.parametrize("state", ["waitlisted", "cancelled", "awaiting_approval", "offered", "declined"])
async def test_only_the_confirmed_are_reminded_unless_a_rule_says_others(db: asyncpg.Connection, state: str) -> None:
    event, _rules = await reminding({"minutes": -60}, {"minutes": -50, "states": [state]})
    await registered(event, state=state)
    assert await queue_due_reminders(START - 55 * MINUTE) == 0
    assert await queue_due_reminders(START - 45 * MINUTE) == 1


@pytest.mark.parametrize("state", ["draft", "cancelled"])
async def test_only_published_events_remind(db: asyncpg.Connection, state: str) -> None:
    event, _rules = await reminding({"minutes": -60}, state=state)
    await registered(event)
    assert await queue_due_reminders(START - 5 * MINUTE) == 0


async def test_someone_without_an_address_is_passed_over(db: asyncpg.Connection) -> None:
    event, _rules = await reminding({"minutes": -60})
    await registered(event, person=await make_person(email=None))
    assert await queue_due_reminders(START - 5 * MINUTE) == 0


async def test_two_persons_of_one_address_are_both_reminded(db: asyncpg.Connection) -> None:
    event, _rules = await reminding({"minutes": -60})
    for name in ("Aino", "Eino"):
        await registered(event, person=await make_person(name, email="toimisto@yritys.example"))
    assert await queue_due_reminders(START - 5 * MINUTE) == 2


async def test_moving_the_event_moves_its_reminders(db: asyncpg.Connection) -> None:
    event, (rule,) = await reminding({"minutes": -60})
    await registered(event)
    assert await queue_due_reminders(START - 5 * MINUTE) == 1
    await database.execute(
        "UPDATE event SET starts_at = $2, ends_at = $3, start_revision = 1, reminders_set_at = $4 WHERE id = $1",
        *(event, START + 7 * DAY, END + 7 * DAY, START - 4 * MINUTE),
    )
    assert await queue_due_reminders(START - 3 * MINUTE) == 0
    assert await queue_due_reminders(START + 7 * DAY - 60 * MINUTE) == 1
    assert await occurrences() == [f"{rule}.0:0", f"{rule}.0:1"]


async def test_of_reminders_that_fall_due_at_once_only_the_last_is_sent(db: asyncpg.Connection) -> None:
    event, (_week, day) = await reminding({"days": -7}, {"days": -1})
    await registered(event)
    assert await queue_due_reminders(START - 2 * HOUR) == 1
    assert await occurrences() == [f"{day}.0:0"]
    assert await queue_due_reminders(START - HOUR) == 0


async def test_a_worker_that_was_down_sends_what_follows_the_end_for_two_weeks(db: asyncpg.Connection) -> None:
    event, _rules = await reminding({"anchor": "end", "days": 1})
    await registered(event)
    assert await queue_due_reminders(END + 15 * DAY) == 0
    assert await queue_due_reminders(END + 15 * DAY - MINUTE) == 1


async def test_a_rule_may_count_from_when_registration_closes(db: asyncpg.Connection) -> None:
    closes = START - 10 * DAY
    event, _rules = await reminding(
        {"anchor": "registration_closes", "days": -1}, {"anchor": "registration_closes", "minutes": 30}
    )
    await database.execute("UPDATE event SET registration_closes_at = $2 WHERE id = $1", event, closes)
    await registered(event)
    assert await queue_due_reminders(closes - DAY - MINUTE) == 0
    assert await queue_due_reminders(closes - DAY) == 1
    assert await queue_due_reminders(closes + 29 * MINUTE) == 0
    assert await queue_due_reminders(closes + 30 * MINUTE) == 1


async def test_a_rule_may_count_from_an_item_of_the_agenda(db: asyncpg.Connection) -> None:
    event, _rules = await reminding()
    begins = START + 2 * HOUR
    item = await insert("agenda_item", event=event, title_fi="Retki", starts_at=begins, ends_at=begins + HOUR)
    await make_rule(event, anchor="agenda_item", agenda_item=item, minutes=-30)
    await registered(event)
    assert await queue_due_reminders(begins - 31 * MINUTE) == 0
    assert await queue_due_reminders(begins - 30 * MINUTE) == 1


async def test_a_rule_means_a_site_or_a_tag(db: asyncpg.Connection) -> None:
    event, _rules = await reminding(online=True)
    online = await database.fetchval("SELECT id FROM site WHERE event = $1 AND mode = 'online'", event)
    there, remote = await registered(event), await registered(event, site=online)
    await insert("registration_tag", registration=there, tag="Puhuja", folded="puhuja")
    await make_rule(event, minutes=-60, site=online)
    await make_rule(event, minutes=-30, tag="puhuja")
    assert await queue_due_reminders(START - 60 * MINUTE) == 1
    assert await queue_due_reminders(START - 30 * MINUTE) == 1
    rows = await database.fetch("SELECT subject_id FROM message ORDER BY created_at")
    assert [row["subject_id"] for row in rows] == [remote, there]


async def test_who_attended_and_who_did_not_is_known_when_the_attendance_is_closed(db: asyncpg.Connection) -> None:
    event, (_came, missed) = await reminding(
        {"anchor": "end", "days": 1, "attended": "yes"}, {"anchor": "end", "days": 1, "attended": "no"}
    )
    people = {name: await registered(event) for name in ("attended", "no_show")}
    for state, registration in people.items():
        columns = {"source": "desk", "actor_kind": "system", "state": state}
        await database.execute(
            "INSERT INTO attendance (registration, source, actor_kind, state) VALUES ($1, $2, $3, $4)",
            *(registration, *columns.values()),
        )
    assert await queue_due_reminders(END + 2 * DAY) == 0
    await database.execute("UPDATE event SET reconciled_at = $2 WHERE id = $1", event, END + 30 * DAY)
    assert await queue_due_reminders(END + 31 * DAY) == 2
    rows = await database.fetch("SELECT subject_id, occurrence FROM message")
    assert {row["subject_id"]: row["occurrence"] for row in rows}[people["no_show"]] == f"{missed}.0:0"


async def test_who_was_asked_and_has_not_answered_is_not_who_was_never_asked(db: asyncpg.Connection) -> None:
    event, _rules = await reminding({"anchor": "end", "days": 3, "answered": "no"})
    survey = await insert("survey", event=event, marks=with_mark(b"", 1))
    waited_for, answered, _unasked = [await registered(event) for _ in range(3)]
    for place, registration in enumerate((waited_for, answered)):
        columns = {"survey": survey, "registration": registration, "token_hash": bytes([place]), "place": place}
        await insert("survey_invitation", **columns)
    assert await queue_due_reminders(END + 3 * DAY) == 1
    assert await database.fetchval("SELECT subject_id FROM message") == waited_for


CLAIM_NAIVE = actions._CLAIM.replace("ON CONFLICT (event, occurrence) DO NOTHING", "")
OWE_NAIVE = actions._OWE.replace("ON CONFLICT (recipient, reason, subject_kind, subject_id, occurrence) DO NOTHING", "")


@pytest.mark.parametrize(("guarded", "messages"), [(True, 30), (False, 60)], ids=["ours", "naive"])
async def test_two_ticks_at_once_send_ten_due_rules_ten_times_to_each(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, guarded: bool, messages: int
) -> None:
    """Without the unique turn and the unique message, each would be there twice under the same schedule."""
    event, _rules = await reminding(*({"anchor": "end", "minutes": number} for number in range(10)))
    people = [await registered(event) for _ in range(3)]
    if not guarded:
        monkeypatch.setattr(actions, "_CLAIM", CLAIM_NAIVE)
        monkeypatch.setattr(actions, "_OWE", OWE_NAIVE)
        await database.execute("ALTER TABLE message DROP CONSTRAINT message_once")
        await database.execute("ALTER TABLE reminder_run DROP CONSTRAINT reminder_run_once")
    both_have_read = asyncio.Barrier(2)
    claimed = actions._claimed

    async def late(*args: Any) -> Any:
        await both_have_read.wait()
        return await claimed(*args)

    monkeypatch.setattr(actions, "_claimed", late)
    now = END + HOUR
    sent = await asyncio.gather(queue_due_reminders(now), queue_due_reminders(now))
    assert sum(sent) == messages
    each = await database.fetch("SELECT subject_id, count(*) AS n FROM message GROUP BY subject_id")
    assert {row["subject_id"]: row["n"] for row in each} == dict.fromkeys(people, messages // 3)
