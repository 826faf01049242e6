from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from events.core import clock, database
from events.core.i18n import in_language
from events.messaging.letter import Letter, Owed
from events.surveys.actions import submit
from events.surveys.letters import compose_survey
from events.surveys.sending.actions import invite_due
from tests.factories import make_person
from tests.surveys.asking import ANSWER, END, MORNING, asked, attended, held_event, tokens

MINUTE = timedelta(minutes=1)


async def messages() -> int:
    count: int = await database.fetchval("SELECT count(*) FROM message WHERE reason = 'survey'")
    return count


async def letter(language: str = "fi") -> Letter | None:
    row = await database.fetchrow("SELECT * FROM message WHERE reason = 'survey'")
    assert row is not None
    owed = Owed(**{name: row[name] for name in Owed.__struct_fields__})
    with in_language(language), clock.at(MORNING):
        return await compose_survey(owed)


async def test_those_who_attended_are_asked_the_next_morning_at_nine(db: asyncpg.Connection) -> None:
    event = await held_event()
    await attended(event)
    assert await invite_due(MORNING - MINUTE) == 0
    assert await invite_due(MORNING) == 1


async def test_nine_is_nine_on_the_events_own_clock(db: asyncpg.Connection) -> None:
    """In Lisbon it is eight when it is ten in Helsinki; summer time ends on the night after the event."""
    ended = datetime(2026, 10, 24, 15, 0, tzinfo=UTC)
    event = await held_event(starts_at=ended - timedelta(hours=3), ends_at=ended, zone="Europe/Lisbon")
    await attended(event)
    nine = datetime(2026, 10, 25, 9, 0, tzinfo=UTC)
    assert await invite_due(nine - MINUTE) == 0
    assert await invite_due(nine) == 1


@pytest.mark.parametrize("state", ["no_show", "unknown"])
async def test_who_did_not_attend_is_not_asked(db: asyncpg.Connection, state: str) -> None:
    await attended(await held_event(), state)
    assert await invite_due(MORNING) == 0


async def test_an_event_without_a_survey_asks_nobody(db: asyncpg.Connection) -> None:
    await attended(await held_event(survey_enabled=False))
    assert await invite_due(MORNING) == 0


async def test_someone_without_an_address_is_not_asked(db: asyncpg.Connection) -> None:
    await attended(await held_event(), person=await make_person(email=None))
    assert await invite_due(MORNING) == 0


async def test_asking_again_asks_nobody_twice(db: asyncpg.Connection) -> None:
    await attended(await held_event())
    await invite_due(MORNING)
    assert await invite_due(MORNING + MINUTE) == 0
    assert await messages() == 1


async def test_who_is_marked_as_attended_later_is_asked_then_but_not_after_two_weeks(db: asyncpg.Connection) -> None:
    event = await held_event()
    await attended(event)
    await invite_due(MORNING)
    await attended(event, person=await make_person("Myöhäinen"))
    assert await invite_due(MORNING + timedelta(days=13)) == 1
    await attended(event, person=await make_person("Unohdettu"))
    assert await invite_due(MORNING + timedelta(days=14)) == 0


async def test_two_ticks_at_once_ask_everybody_once(committed_db: str) -> None:
    import asyncio

    event = await held_event()
    for each in range(5):
        await attended(event, person=await make_person(f"Osallistuja{each}"))
    sent = await asyncio.gather(*(invite_due(MORNING) for _ in range(4)))
    assert sum(sent) == 5
    assert await messages() == 5
    assert len(await tokens(event)) == 5


async def test_the_letter_thanks_gives_the_materials_and_the_link(db: asyncpg.Connection) -> None:
    _, (token,) = await asked(1, materials="[Kalvot](https://aineisto.example/kalvot) & muistio", title_fi="Työpaja")
    written = await letter()
    assert written is not None
    assert "Työpaja" in written.subject
    assert f"http://testserver/s/{token}" in written.text
    assert f"http://testserver/s/{token}" in written.html
    assert "& muistio" in written.text
    assert 'href="https://aineisto.example/kalvot"' in written.html


async def test_the_letter_is_not_sent_once_answered(db: asyncpg.Connection) -> None:
    _, (token,) = await asked(1)
    await submit(token, ANSWER, MORNING)
    assert await letter() is None


async def test_the_survey_is_open_for_four_weeks(db: asyncpg.Connection) -> None:
    await asked(1)
    assert await database.fetchval("SELECT closes_at FROM survey") == MORNING + timedelta(days=28)
    assert END < MORNING
