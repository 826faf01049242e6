from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from events.core import database, secrets
from tests.factories import insert
from tests.registration.questions.making import make_question, taken
from tests.registration.test_api import make_open, send


@pytest.fixture
async def program(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A program with a token of its own: what one may do is kept in memory for a second."""
    token = uuid4().hex
    await insert("api_token", name="test", token_hash=secrets.digest(token), scope="registration")
    client.headers["authorization"] = f"Bearer {token}"
    return client


async def event_of(slug: str) -> UUID:
    return UUID(str(await database.fetchval("SELECT id FROM event WHERE slug = $1", slug)))


async def stored() -> dict[str, str]:
    rows = await database.fetch(
        "SELECT code, value FROM registration_answer JOIN question ON question.id = question"
        " UNION ALL SELECT code, value FROM health_answer JOIN question ON question.id = question"
    )
    return {row["code"]: row["value"] for row in rows}


async def make_asking(**columns: Any) -> str:
    slug = await make_open(**columns)
    event = await event_of(slug)
    await make_question(event, "days", "many", ("mon", 1), "tue", required=True)
    await make_question(event, "coming", "yes_no")
    await make_question(event, "people", "number")
    await make_question(event, "diet", health=True)
    return slug


async def test_a_program_sends_answers(program: httpx.AsyncClient) -> None:
    slug = await make_asking()
    answers = {"days": ["mon"], "coming": True, "people": 3, "diet": "Nuts"}
    made = await send(program, slug, answers=answers, consents={"health": True})
    assert made.status_code == 201, made.text
    assert await stored() == {"days": '["mon"]', "coming": '"yes"', "people": "3", "diet": '"Nuts"'}
    assert await taken("mon") == 1
    assert await database.fetchval("SELECT count(*) FROM consent") == 0


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({}, "answers.days"),
        ({"days": ["sun"]}, "answers.days"),
        ({"days": ["tue"], "shoes": "42"}, "answers.shoes"),
        ({"days": ["tue"], "people": "many"}, "answers.people"),
        ({"days": ["tue"], "people": True}, "answers.people"),
        ({"days": ["tue"], "coming": "perhaps"}, "answers.coming"),
        ({"days": ["tue"], "diet": "Nuts"}, "answers.diet"),
        ({"days": ["tue"], "diet": ["Nuts"]}, "answers.diet"),
    ],
)
async def test_answers_that_do_not_hold_are_named_by_their_code(
    program: httpx.AsyncClient, answers: dict[str, Any], field: str
) -> None:
    refused = await send(program, await make_asking(), answers=answers)
    assert (refused.status_code, list(refused.json()["errors"])) == (422, [field])
    assert await database.fetchval("SELECT count(*) FROM registration") == 0


async def test_a_full_option_is_named_too(program: httpx.AsyncClient) -> None:
    slug = await make_asking()
    await send(program, slug, answers={"days": ["mon"]})
    refused = await send(program, slug, email="b@yritys.example", answers={"days": ["mon"]})
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["answers.days"])
    assert await database.fetchval("SELECT count(*) FROM registration") == 1


async def test_a_repeated_request_gives_the_same_and_other_answers_are_refused(program: httpx.AsyncClient) -> None:
    slug, key = await make_asking(), {"Idempotency-Key": "k"}
    first, again = [await send(program, slug, key, answers={"days": ["mon"]}) for _ in range(2)]
    other = await send(program, slug, key, answers={"days": ["tue"]})
    assert (first.json(), again.status_code) == (again.json(), 201)
    assert other.json()["code"] == "idempotency_key_reused"


async def test_an_event_that_is_not_there_is_not_found_with_answers_either(program: httpx.AsyncClient) -> None:
    assert (await send(program, "no-such-event", answers={"a": "b"})).status_code == 404


async def test_a_closed_event_says_so_before_it_asks(program: httpx.AsyncClient) -> None:
    slug = await make_asking(registration_opens_at=await database.fetchval("SELECT now() + interval '1 day'"))
    assert (await send(program, slug)).json()["code"] == "closed"
