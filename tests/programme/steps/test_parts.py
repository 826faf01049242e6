"""What the checklist finds in what hangs on an event: agenda, questions, materials, the way there."""

from datetime import timedelta
from uuid import UUID

import asyncpg
from httpx import AsyncClient

from events.core import clock
from events.core.database import execute, fetchval
from events.core.i18n import in_language
from events.programme import queries
from events.programme.steps.parts import to_mend
from tests.factories import NOW, insert, make_event, make_staff, sign_in
from tests.programme.agenda.test_agenda import make_item
from tests.registration.questions.making import make_question

WHOLE = {"title_fi": "Puhe", "title_sv": "Tal", "room": "Sali"}
PARTS = ("agenda", "questions", "materials", "arrival", "no-arrival")


async def found(event: UUID) -> dict[str, tuple[str, str]]:
    """What is found in the parts of an event: (severity, words) by code."""
    view = await queries.by_id(event)
    assert view is not None
    with in_language("en"):
        return {
            each.code: (each.severity.value, each.words)
            for each in await to_mend(view, NOW)
            if each.code.startswith(PARTS)
        }


async def arrive(event: UUID, **texts: str) -> None:
    site = await fetchval("SELECT id FROM site WHERE event = $1 AND mode = 'venue'", event)
    await insert("arrival", site=site, **texts)


async def test_of_whole_parts_nothing_is_found(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    await make_item(event, "", **WHOLE)
    await make_question(event, "diet", "one", "vegan")
    await insert("material", event=event, url="https://kalvot.example")
    await arrive(event, entrance_fi="Ovi B", entrance_sv="Dörr B")
    assert await found(event) == {}


async def test_what_contradicts_itself_in_the_agenda_is_found(db: asyncpg.Connection) -> None:
    event = await make_event()
    await arrive(event, phone="+358 00")
    await make_item(event, "One", **WHOLE)
    await make_item(event, "Two", at=10, **{**WHOLE, "sign_up": True})
    assert await found(event) == {
        "agenda": ("wrong", "One and Two are in the same room at the same time."),
        "agenda-unlimited": ("hint", "Two is signed up for, without a limit of places."),
    }
    await execute("UPDATE agenda_item SET starts_at = starts_at - interval '1 day' WHERE title_en = 'One'")
    assert (await found(event))["agenda"] == ("wrong", "One lies outside the time of the event.")


async def test_texts_that_are_missing_in_a_language_are_counted(db: asyncpg.Connection) -> None:
    event = await make_event(languages=["fi", "en"])
    await make_item(event, "Only English")
    await make_question(event, "one", label_sv="")
    await make_question(event, "two", "one", "yes", "no")
    await execute("UPDATE question_option SET label_sv = ''")
    await make_question(event, "three", label_en="")
    await insert("material", event=event, url="https://kalvot.example", title_fi="Kalvot")
    await arrive(event, entrance_fi="Ovi B")
    assert await found(event) == {
        "agenda-fi": ("missing", "1 item of the agenda has no Finnish title."),
        "agenda-sv": ("missing", "1 item of the agenda has no Swedish title."),
        "questions-sv": ("missing", "2 questions are not in Swedish."),
        "questions-en": ("missing", "1 question is not in English."),
        "materials-sv": ("hint", "1 material has no Swedish title."),
        "materials-en": ("hint", "1 material has no English title."),
        "arrival-sv": ("hint", "How to get there is not said in Swedish: Tampere-talo."),
        "arrival-en": ("hint", "How to get there is not said in English: Tampere-talo."),
    }


async def test_a_venue_without_a_word_on_getting_in_is_worth_a_look(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    assert await found(event) == {"no-arrival": ("hint", "It is not said how to get in: Tampere-talo.")}


async def test_of_what_is_over_nothing_is_found(db: asyncpg.Connection) -> None:
    over = {"starts_at": NOW - timedelta(days=2), "ends_at": NOW - timedelta(days=1)}
    assert await found(await make_event(**over)) == {}


async def test_the_pages_before_publishing_show_it(client: AsyncClient) -> None:
    event = await make_event(slug="paja", state="draft", series=await insert("series"))
    await make_question(event, "one", label_sv="")
    await sign_in(client, await make_staff("admin"))
    series = await fetchval("SELECT series FROM event")
    with clock.at(NOW):
        for page in ("/staff/events/paja", "/staff/events/paja/publish", f"/staff/series/{series}/publish"):
            text = (await client.get(page)).text
            assert "1 question is not in Swedish." in text, page
            assert 'href="/staff/events/paja/questions"' in text, page
