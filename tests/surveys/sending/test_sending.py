import asyncio
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient

from events.core import clock, database
from events.core.actor import SYSTEM
from events.core.errors import Conflict
from events.core.i18n import in_language
from events.messaging.letter import Letter, Owed
from events.surveys.actions import submit
from events.surveys.letters import compose_survey
from events.surveys.sending import actions
from events.surveys.sending.actions import invite_due, remind_due, send_late, set_sending
from events.surveys.sending.queries import Plan, sending_of
from events.surveys.sending.rules import Sending
from events.surveys.tables import Audience
from tests.factories import NOW, make_person
from tests.surveys.asking import ANSWER, END, MORNING, attended, held_event, tokens
from tests.surveys.building.making import own_survey, question

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
BEFORE = END - 20 * DAY
IMPACT = datetime(2026, 12, 22, 7, 0, tzinfo=UTC)
"""9:00 in Helsinki, three months after the event."""


async def choose(event: UUID, which: str, *, at: datetime = BEFORE, **more: Any) -> None:
    await set_sending(event, which, Sending(**{"sends": True, **more}), version=None, actor=SYSTEM, now=at)


async def persons(event: UUID, number: int = 3, state: str = "attended") -> list[UUID]:
    return [await attended(event, state, person=await make_person(f"Osallistuja{each}")) for each in range(number)]


async def letters(occurrence: str = "%") -> int:
    count: int = await database.fetchval(
        "SELECT count(*) FROM message WHERE reason = 'survey' AND occurrence LIKE $1", occurrence
    )
    return count


async def written(occurrence: str, now: datetime, language: str = "en") -> Letter | None:
    row = await database.fetchrow("SELECT * FROM message WHERE reason = 'survey' AND occurrence LIKE $1", occurrence)
    assert row is not None
    with in_language(language), clock.at(now):
        return await compose_survey(Owed(**{name: row[name] for name in Owed.__struct_fields__}))


async def plan(event: UUID, which: str) -> Plan:
    return await sending_of(event, which)


async def test_an_impact_survey_goes_out_months_later_when_somebody_wants_it(db: asyncpg.Connection) -> None:
    event = await held_event()
    await persons(event)
    await invite_due(MORNING)
    assert await invite_due(IMPACT) == 0, "nobody is written to months later unless somebody chose so"
    await choose(event, "impact_3", days=0, months=3)
    assert await invite_due(IMPACT - MINUTE) == 0
    assert await invite_due(IMPACT) == 3
    assert await letters() == 6
    letter = await written("%-%", IMPACT)
    assert letter is not None
    assert letter.subject == "What has come of it? Test workshop"
    assert "Some months ago you took part" in letter.text


async def test_messages_of_several_surveys_of_one_registration_are_told_apart(db: asyncpg.Connection) -> None:
    event = await held_event()
    await attended(event)
    which = await own_survey(event, question("one", "Food", "good", "bad"))
    await choose(event, which, days=1)
    assert await invite_due(MORNING) == 2
    rows = await database.fetch("SELECT occurrence FROM message ORDER BY occurrence")
    assert [row["occurrence"] for row in rows] == sorted(["0", which])
    assert len(set(await tokens(event))) == 2


@pytest.mark.parametrize(
    ("ends", "months", "due"),
    [
        (datetime(2026, 8, 31, 12, tzinfo=UTC), 6, datetime(2027, 2, 28, 7, tzinfo=UTC)),
        (datetime(2027, 8, 31, 12, tzinfo=UTC), 6, datetime(2028, 2, 29, 7, tzinfo=UTC)),
        (datetime(2028, 2, 29, 12, tzinfo=UTC), 3, datetime(2028, 5, 29, 6, tzinfo=UTC)),
        (datetime(2028, 2, 29, 12, tzinfo=UTC), 12, datetime(2029, 2, 28, 7, tzinfo=UTC)),
        (datetime(2026, 9, 30, 21, 30, tzinfo=UTC), 3, datetime(2027, 1, 1, 7, tzinfo=UTC)),  # 0:30 of 1.10. there
    ],
)
async def test_months_are_counted_on_the_calendar(
    db: asyncpg.Connection, ends: datetime, months: int, due: datetime
) -> None:
    event = await held_event(starts_at=ends - timedelta(hours=3), ends_at=ends)
    await persons(event, 1)
    await choose(event, "impact_6", months=months, days=0, at=ends - DAY)
    assert (await plan(event, "impact_6")).due_at == due
    await database.execute("UPDATE event SET survey_enabled = false")
    assert await invite_due(due - MINUTE) == 0
    assert await invite_due(due) == 1


async def test_a_survey_closes_at_the_time_of_the_day_at_which_it_went_out(db: asyncpg.Connection) -> None:
    event = await held_event()
    await persons(event, 1)
    winter = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
    await choose(event, "feedback", days=1, open_for=60)
    assert (await plan(event, "feedback")).closes_at == winter, "9:00 as in September"
    await invite_due(MORNING)
    await choose(event, "feedback", days=1, open_for=61, at=MORNING)
    assert (await plan(event, "feedback")).closes_at == winter + DAY


@pytest.mark.parametrize(("audience", "number"), [("attended", 2), ("no_show", 3), ("all", 6)])
async def test_a_survey_goes_to_those_it_is_for(db: asyncpg.Connection, audience: str, number: int) -> None:
    event = await held_event(survey_enabled=False)
    await persons(event, 2)
    await persons(event, 3, "no_show")
    await persons(event, 1, "unknown")
    gone = await attended(event, "unknown", person=await make_person("Peruja"))
    await database.execute("UPDATE registration SET state = 'cancelled' WHERE id = $1", gone)
    which = await own_survey(event, question("one", "Food", "good", "bad"))
    await choose(event, which, days=1, audience=Audience(audience))
    assert (await plan(event, which)).people == number
    assert await invite_due(MORNING) == number


async def test_an_own_survey_goes_out_under_its_name_in_the_readers_language(client: AsyncClient) -> None:
    event = await held_event(survey_enabled=False)
    await persons(event, 1)
    which = await own_survey(event, question("one", "Food", "good", "bad"))
    await choose(event, which, days=1)
    await invite_due(MORNING)
    for language in ("fi", "en"):
        letter = await written(which, MORNING, language)
        assert letter is not None
        assert letter.subject.startswith(f"Kysely {language}: ")
        assert f"Kysely {language}\n" in letter.text
    (token,) = await tokens(event)
    with clock.at(MORNING):
        page = (await client.get(f"/s/{token}?lang=sv")).text
    assert "<h1>Kysely sv</h1>" in page
    assert "<title>Kysely sv" in page


async def test_a_survey_that_asks_nothing_is_not_sent(db: asyncpg.Connection) -> None:
    event = await held_event(survey_enabled=False)
    await persons(event)
    which = await own_survey(event)
    with pytest.raises(Conflict):
        await choose(event, which)
    assert await invite_due(MORNING) == 0


async def test_one_reminder_goes_to_who_has_not_answered(db: asyncpg.Connection) -> None:
    event = await held_event()
    await persons(event, 4)
    await choose(event, "feedback", days=1, remind_after=7)
    await invite_due(MORNING)
    await submit((await tokens(event))[0], ANSWER, MORNING + DAY)
    assert await remind_due(MORNING + 7 * DAY - MINUTE) == 0
    assert await remind_due(MORNING + 7 * DAY) == 3
    assert await remind_due(MORNING + 8 * DAY) == 0
    letter = await written("%:reminder", MORNING + 7 * DAY)
    assert letter is not None
    assert letter.subject == "Reminder: Thank you for coming: Test workshop"
    assert "This is the only reminder." in letter.text
    assert "This is the only reminder." in letter.html


async def test_who_was_asked_just_before_is_not_reminded(db: asyncpg.Connection) -> None:
    event = await held_event()
    await persons(event, 1)
    await choose(event, "feedback", days=1, remind_after=7)
    await invite_due(MORNING)
    await attended(event, person=await make_person("Myöhäinen"))
    await invite_due(MORNING + 6 * DAY)
    assert await remind_due(MORNING + 7 * DAY) == 1


async def test_a_reminder_says_nothing_of_answers_that_came_since(db: asyncpg.Connection) -> None:
    """It is owed to all at one moment and written whether an answer came meanwhile or not."""
    event = await held_event()
    await persons(event, 3)
    await choose(event, "feedback", days=1, remind_after=7)
    await invite_due(MORNING)
    await remind_due(MORNING + 7 * DAY)
    assert (
        len(await database.fetch("SELECT DISTINCT xmin, created_at, due_at FROM message WHERE occurrence <> '0'")) == 1
    )
    for token in await tokens(event):
        await submit(token, ANSWER, MORNING + 7 * DAY)
    assert await written("%:reminder", MORNING + 7 * DAY) is not None


async def test_a_survey_whose_time_had_passed_asks_first(db: asyncpg.Connection) -> None:
    event = await held_event()
    await persons(event)
    late = IMPACT + 3 * DAY
    await choose(event, "impact_3", months=3, days=0, at=late)
    assert await invite_due(late) == 0
    assert (await plan(event, "impact_3")).asks(late)
    await send_late(event, "impact_3", version=None, actor=SYSTEM, now=late)
    with pytest.raises(Conflict):
        await send_late(event, "feedback", version=None, actor=SYSTEM, now=late)
    assert await invite_due(late) == 3
    after = await plan(event, "impact_3")
    assert (after.begins_at, after.closes_at) == (late, late + 28 * DAY)


async def test_once_sent_only_reminder_and_end_change(db: asyncpg.Connection) -> None:
    event = await held_event()
    await persons(event)
    await invite_due(MORNING)
    with pytest.raises(Conflict):
        await choose(event, "feedback", days=2, at=MORNING)
    with pytest.raises(Conflict):
        await choose(event, "feedback", days=1, audience=Audience.ALL, at=MORNING)
    await choose(event, "feedback", days=1, remind_after=3, open_for=10, at=MORNING)
    changed = await plan(event, "feedback")
    assert (changed.remind_at, changed.closes_at) == (MORNING + 3 * DAY, MORNING + 10 * DAY)
    assert await remind_due(MORNING + 3 * DAY) == 3


async def test_a_reminder_whose_time_had_passed_does_not_go_out(db: asyncpg.Connection) -> None:
    event = await held_event()
    await persons(event)
    await invite_due(MORNING)
    await choose(event, "feedback", days=1, remind_after=3, at=MORNING + 4 * DAY)
    assert await remind_due(MORNING + 5 * DAY) == 0


async def test_the_hour_is_the_events_own(db: asyncpg.Connection) -> None:
    event = await held_event(zone="Atlantic/Azores")
    await persons(event, 1)
    await choose(event, "feedback", days=2, local_time=time(18, 30))
    due = datetime(2026, 9, 24, 18, 30, tzinfo=UTC)
    assert await invite_due(due - MINUTE) == 0
    assert await invite_due(due) == 1


async def at_once(work: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Let four ticks read what is due before any of them writes; returns how many mails they owe together."""
    outside = copy_context()
    async with database.transaction():
        await database.fetch("SELECT FROM survey FOR UPDATE")
        ticks = [asyncio.create_task(work(), context=outside.copy()) for _each in range(4)]
        await asyncio.sleep(1)
    return sum(await asyncio.gather(*ticks))


async def _racing(event: UUID) -> int:
    await invite_due(MORNING)
    return await at_once(lambda: remind_due(MORNING + 7 * DAY))


@pytest.mark.parametrize("number", [5])
async def test_two_ticks_at_once_remind_once(committed_db: str, number: int) -> None:
    event = await held_event()
    await persons(event, number)
    await choose(event, "feedback", days=1, remind_after=7)
    assert await _racing(event) == number
    assert await letters("%:reminder") == number


async def test_without_its_guards_they_would_remind_again(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: neither the survey's turn is claimed nor does the ledger know messages again."""
    event = await held_event()
    await persons(event, 5)
    await choose(event, "feedback", days=1, remind_after=7)
    monkeypatch.setattr(actions, "CLAIM", "UPDATE survey SET reminded = true WHERE id = $1")
    again = actions._OWE_AGAIN.replace("survey.id || ':reminder'", "gen_random_uuid()::text")
    monkeypatch.setattr(actions, "_OWE_AGAIN", again)
    assert await _racing(event) > 5


async def test_two_ticks_at_once_ask_once_for_each_of_two_surveys(committed_db: str) -> None:
    event = await held_event()
    await persons(event, 4)
    which = await own_survey(event, question("one", "Food", "good", "bad"))
    await choose(event, which, days=1, at=NOW)
    await choose(event, "feedback", days=1, at=NOW)
    assert await at_once(lambda: invite_due(MORNING)) == 8
    assert await letters() == 8
    assert len(await tokens(event)) == 8


async def test_two_ticks_without_the_ledgers_knowledge_would_ask_again(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the invitations."""
    event = await held_event()
    await persons(event, 4)
    owe = actions._OWE.replace("THEN '0' ELSE", "THEN gen_random_uuid()::text ELSE")
    monkeypatch.setattr(actions, "_OWE", owe)
    await choose(event, "feedback", days=1, at=NOW)
    assert await at_once(lambda: invite_due(MORNING)) > 4
