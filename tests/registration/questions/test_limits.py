"""Limits of a number that registration asks for hold wherever it is answered; what stands from before may stay."""

import re
from uuid import UUID

import asyncpg
import httpx
import pytest

from events.core import clock, database
from events.core.actor import SYSTEM
from events.core.errors import Invalid
from events.core.i18n import in_language
from events.registration.questions import bank, queries
from events.registration.questions.answering import Entered, change_answers
from events.registration.questions.asked import Asked
from events.registration.questions.builder_forms import stored
from events.registration.questions.importing import answer_in
from tests.factories import NOW, make_event, make_staff, sign_in
from tests.registration.public.test_pages import make_open, send
from tests.registration.questions.making import make_question
from tests.registration.questions.test_answering import answers, person, sign_up
from tests.registration.questions.test_api import program  # noqa: F401 - a fixture
from tests.registration.test_api import send as send_by_program

NEW = "/staff/events/paja/questions/new"


@pytest.fixture
async def staff(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await make_event(slug="paja")
    await sign_in(client, await make_staff("coordinator"))
    return client


async def only_question() -> Asked:
    (question,) = await queries.of_event("paja")
    return question


async def event_of(slug: str) -> UUID:
    return UUID(str(await database.fetchval("SELECT id FROM event WHERE slug = $1", slug)))


async def test_limits_are_set_when_a_question_is_built(staff: httpx.AsyncClient) -> None:
    page = (await staff.get(f"{NEW}?kind=number")).text
    assert re.search(r'<input[^>]* name="least"[^>]* value="0"', page), "most numbers count something"
    wrong = {"kind": "number", "label_en": "Guests", "least": "5", "most": "4"}
    assert "below the smallest" in (await staff.post(NEW, data=wrong)).text
    assert (await staff.post(NEW, data={**wrong, "least": "1"})).status_code == 303
    question = await only_question()
    assert (question.least, question.most) == (1, 4)
    here = f"/staff/events/paja/questions/{question.id}"
    assert (await staff.post(here, data={"kind": "number", "label_en": "People"})).status_code == 303
    assert (await only_question()).most == 4, "what a form without them sends takes none away"
    assert (await staff.post(here, data={"kind": "short", "label_en": "People"})).status_code == 303
    assert (await only_question()).most is None


async def test_the_bank_keeps_limits(db: asyncpg.Connection) -> None:
    event = await make_event(slug="paja")
    question = await make_question(event, "people", "number", least=1, most=4)
    await bank.save_to_bank(event, question, actor=SYSTEM, now=NOW)
    template = await database.fetchval("SELECT id FROM question_template")
    kept = await bank.banked(template, actor=SYSTEM, now=NOW)
    assert (kept.least, kept.most) == (1, 4)
    await bank.change_in_bank(template, kept, actor=SYSTEM, now=NOW)
    await database.execute("DELETE FROM question")
    await bank.add_from_bank(event, template, actor=SYSTEM, now=NOW)
    assert stored(await only_question())["most"] == 4


@pytest.mark.parametrize(
    ("limits", "number", "words"),
    [
        ({"least": 0}, "−1", "At least 0."),
        ({"most": 5}, "5,5", "At most 5."),
        ({"least": 1, "most": 4}, "5", "Write a number from 1 to 4."),
    ],
)
async def test_the_form_says_what_is_taken(
    client: httpx.AsyncClient, limits: dict[str, int], number: str, words: str
) -> None:
    slug = await make_open()
    await make_question(await event_of(slug), "people", "number", **limits)
    page = (await client.get(f"/events/{slug}/register")).text
    assert ("At most" in page or "From 1 to 4." in page) is ("most" in limits)
    refused = await send(client, slug, **{"answers.people": number})
    assert refused.status_code == 422
    assert refused.text.count(words) > page.count(words)
    assert (await send(client, slug, **{"answers.people": "3"})).status_code == 303


async def test_a_program_is_held_to_them(program: httpx.AsyncClient) -> None:  # noqa: F811 - the fixture
    slug = await make_open()
    await make_question(await event_of(slug), "people", "number", least=0)
    refused = await send_by_program(program, slug, answers={"people": -1})
    assert refused.status_code == 422
    assert refused.json()["errors"] == {"answers.people": ["Vähintään 0."]}, "as they speak who register"
    assert (await send_by_program(program, slug, answers={"people": 0})).status_code == 201


async def test_a_cell_of_an_imported_table_is_held_to_them(db: asyncpg.Connection) -> None:
    await make_question(await make_event(slug="paja"), "people", "number", most=4)
    assert answer_in(await only_question(), "4") == 4
    with in_language("en"), pytest.raises(Invalid) as refused:
        answer_in(await only_question(), "40")
    assert refused.value.errors == {"answers.people": ["At most 4."]}


async def test_an_answer_from_before_the_limits_may_stay_and_a_new_one_keeps_to_them(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_question(event, "people", "number")
    await make_question(event, "why")
    made = await sign_up(event, people="-7", why="Because")
    await database.execute("UPDATE question SET least = 0, most = 4 WHERE code = 'people'")
    for actor in (person(made), SYSTEM):
        await change_answers(made.id, Entered({"people": "−7", "why": actor.kind}), actor=actor, now=NOW)
        assert await answers(made) == {"people": -7, "why": actor.kind}
        with pytest.raises(Invalid):
            await change_answers(made.id, Entered({"people": "-6"}), actor=actor, now=NOW)
    with clock.at(NOW):
        await change_answers(made.id, Entered({"people": "4"}), actor=person(made), now=NOW)
    assert await answers(made) == {"people": 4}
