"""Items of the agenda for programs: which there are, and registering with some of them."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from events.core import database, secrets
from tests.factories import insert
from tests.programme.agenda.test_agenda import START, make_item
from tests.registration.items.test_signing_up import COUNTED, workshop
from tests.registration.questions.making import make_question
from tests.registration.test_api import make_open, send


@pytest.fixture
async def program(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A program with a token of its own: what one may do is kept in memory for a second."""
    token = uuid4().hex
    await insert("api_token", name="test", token_hash=secrets.digest(token), scope="registration")
    client.headers["authorization"] = f"Bearer {token}"
    return client


async def make_with_items(**columns: Any) -> tuple[str, UUID, UUID, UUID]:
    """An event with three workshops: the first two at the same time, the last one full."""
    slug = await make_open(**columns)
    event = UUID(str(await database.fetchval("SELECT id FROM event WHERE slug = $1", slug)))
    items = await workshop(event, "Left"), await workshop(event, "Right", at=15), await workshop(event, "Last", at=60)
    await database.execute("UPDATE agenda_item SET capacity = 0 WHERE id = $1", items[2])
    return slug, *items


async def test_a_program_learns_which_items_there_are(client: httpx.AsyncClient) -> None:
    slug, left, *_others = await make_with_items(online=True)
    event = UUID(str(await database.fetchval("SELECT id FROM event WHERE slug = $1", slug)))
    await make_item(event, "Talk", at=-30, title_fi="Puhe", room="Sali", speakers="Taina Tuottaja, Paja Oy")
    agenda = (await client.get(f"/api/v1/events/{slug}")).json()["agenda"]
    assert [(item["title"], item["sign_up"], item["capacity"], item["left"]) for item in agenda] == [
        ("Talk", False, None, None),
        ("Left", True, 5, 5),
        ("Right", True, 5, 5),
        ("Last", True, 0, 0),
    ]
    assert agenda[0]["titles"] == {"fi": "Puhe", "en": "Talk"}
    assert agenda[0]["speakers"] == ["Taina Tuottaja, Paja Oy"]
    assert (agenda[1]["id"], agenda[1]["site"]) == (str(left), None)
    assert agenda[1]["starts_at"] == f"{START:%Y-%m-%dT%H:%M:%SZ}"
    assert agenda[1]["ends_at"] == f"{START + timedelta(minutes=30):%Y-%m-%dT%H:%M:%SZ}"


async def test_a_program_registers_with_items(program: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    slug, left, *_others = await make_with_items()
    made = await send(program, slug, items=[str(left), str(left)])
    assert (made.status_code, made.json()["status"], made.json()["items"]) == (201, "confirmed", [str(left)])
    assert (await client.get(f"/api/v1/events/{slug}")).json()["agenda"][0]["left"] == 4
    without = await send(program, slug, email="b@yritys.example", items=[])
    assert "items" not in without.json()


async def test_items_come_with_answers(program: httpx.AsyncClient) -> None:
    slug, left, *_others = await make_with_items()
    event = UUID(str(await database.fetchval("SELECT id FROM event WHERE slug = $1", slug)))
    await make_question(event, "why", required=True)
    refused = await send(program, slug, items=[str(left)])
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["answers.why"])
    made = await send(program, slug, items=[str(left)], answers={"why": "Because"})
    assert made.json()["items"] == [str(left)]
    assert await database.fetchval(COUNTED) == 0


async def test_who_waits_has_no_items_and_the_answer_says_so(program: httpx.AsyncClient) -> None:
    slug, left, *_others = await make_with_items(capacity=0)
    made = (await send(program, slug, items=[str(left)])).json()
    assert (made["status"], made["items"]) == ("waitlisted", [])


@pytest.mark.parametrize("wanted", ["clash", "full", "unknown", "nonsense", "text"])
async def test_items_that_cannot_be_had_are_named_and_nothing_is_kept(program: httpx.AsyncClient, wanted: str) -> None:
    slug, left, right, full = await make_with_items()
    items: dict[str, object] = {
        "clash": [str(left), str(right)],
        "full": [str(left), str(full)],
        "unknown": [str(uuid4())],
        "nonsense": ["x"],
        "text": str(left),
    }
    refused = await send(program, slug, {"Idempotency-Key": "k"}, items=items[wanted])
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert all(name.startswith("items") for name in refused.json()["errors"]), refused.text
    assert await database.fetchval("SELECT count(*) FROM registration") == 0
    assert await database.fetchval(COUNTED) == 0
    assert (await send(program, slug, {"Idempotency-Key": "k"}, items=[str(left)])).status_code == 201


async def test_a_repeated_request_gives_the_same_and_other_items_are_refused(program: httpx.AsyncClient) -> None:
    slug, left, right, _full = await make_with_items()
    await database.execute("UPDATE agenda_item SET capacity = 1 WHERE id = $1", left)
    key = {"Idempotency-Key": "k"}
    first, again = [await send(program, slug, key, items=[str(left)]) for _ in range(2)]
    other = await send(program, slug, key, items=[str(right)])
    assert (first.json(), again.status_code) == (again.json(), 201)
    assert other.json()["code"] == "idempotency_key_reused"
    assert await database.fetchval("SELECT count(*) FROM registration_item") == 1


async def test_items_are_described(client: httpx.AsyncClient) -> None:
    described = (await client.get("/api/v1/openapi.json")).json()
    schemas = described["components"]["schemas"]
    wanted, event = schemas["Wanted"]["properties"], schemas["ApiEventPage"]["properties"]
    assert wanted["items"]["items"] == {"type": "string", "format": "uuid"}
    assert event["agenda"]["items"] == {"$ref": "#/components/schemas/ApiItem"}
