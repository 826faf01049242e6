from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from events.core import clock, database, secrets
from tests.factories import insert, make_event

TOKEN = "token-for-tests"
BODY = {
    "name": "Aino Esimerkki",
    "email": "Aino@Yritys.Example",
    "organisation": "Yritys Oy",
    "business_id": "2252888-5",
    "size": "small",
    "municipality": "837",
    "language": "fi",
    "answers": {},
    "consents": {"news": True, "photos": False},
}


@pytest.fixture
async def program(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A program whose token may register people for every event."""
    await insert("api_token", name="test", token_hash=secrets.digest(TOKEN), scope="registration")
    client.headers["authorization"] = f"Bearer {TOKEN}"
    return client


async def make_open(**columns: Any) -> str:
    slug = f"paja-{uuid4().hex[:6]}"
    start = clock.now() + timedelta(days=30)
    await make_event(slug=slug, starts_at=start, ends_at=start + timedelta(hours=3), **columns)
    return slug


async def send(
    program: httpx.AsyncClient, slug: str, headers: Mapping[str, str] | None = None, **changes: Any
) -> httpx.Response:
    return await program.post(f"/api/v1/events/{slug}/registrations", json={**BODY, **changes}, headers=headers)


async def test_a_program_registers_a_person(program: httpx.AsyncClient) -> None:
    answer = await send(program, await make_open())
    assert answer.status_code == 201
    made = answer.json()
    assert set(made) == {"id", "status", "ticket", "manage_url"}
    assert made["status"] == "confirmed"
    row = await database.fetchrow(
        "SELECT registration.*, person.email, person.given_name, person.family_name, organisation.business_id"
        " FROM registration JOIN person ON person.id = registration.person"
        " JOIN organisation ON organisation.id = registration.organisation"
    )
    assert row
    assert (row["email"], row["given_name"], row["family_name"]) == ("aino@yritys.example", "Aino", "Esimerkki")
    assert (row["business_id"], row["municipality"], row["source"]) == ("2252888-5", "837", "api")
    assert row["ticket_hash"] == secrets.digest(made["ticket"])
    assert row["manage_hash"] == secrets.digest(made["manage_url"].rpartition("/")[2])
    assert await database.fetchval("SELECT array_agg(kind) FROM consent") == ["news"]


@pytest.mark.parametrize(
    ("consents", "stop", "mails"),
    [({"news": True}, "unsubscribed", 1), ({"photos": True}, "unsubscribed", 0), ({"news": True}, "by hand", 0)],
)
async def test_who_agrees_to_news_after_unsubscribing_is_asked_by_mail_first(
    program: httpx.AsyncClient, consents: Mapping[str, bool], stop: str, mails: int
) -> None:
    await database.execute("INSERT INTO suppression (address, reason) VALUES ('aino@yritys.example', $1)", stop)
    slug = await make_open()
    assert (await send(program, slug, consents=consents)).status_code == 201
    assert (await send(program, slug, consents=consents)).status_code == 409
    assert await database.fetchval("SELECT count(*) FROM message WHERE reason = 'hear_again'") == mails
    assert await database.fetchval("SELECT count(*) FROM suppression") == 1, "that a program says so proves nothing"


async def test_who_waits_is_told_the_position(program: httpx.AsyncClient) -> None:
    slug = await make_open(capacity=0)
    answer = await send(program, slug)
    assert (answer.json()["status"], answer.json()["position"]) == ("waitlisted", 1)


@pytest.mark.parametrize(
    ("columns", "code"),
    [({"capacity": 0, "waiting_list": "none"}, "full"), ({"state": "cancelled"}, "closed")],
)
async def test_a_refusal_has_its_code(program: httpx.AsyncClient, columns: Mapping[str, Any], code: str) -> None:
    answer = await send(program, await make_open(**columns))
    assert (answer.status_code, answer.json()["code"]) == (409, code)


async def test_the_same_person_again_is_a_conflict(program: httpx.AsyncClient) -> None:
    slug = await make_open()
    await send(program, slug)
    answer = await send(program, slug, name="AINO ESIMERKKI")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_registered")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "ei-sahkopostia"}, "email"),
        ({"email": ""}, "email"),
        ({"name": "  "}, "given_name"),
        ({"name": "A" * 300}, "name"),
        ({"business_id": "1234567-8"}, "business_id"),
        ({"size": "huge"}, "size"),
        ({"municipality": "999"}, "municipality"),
        ({"municipality": "8370000"}, "municipality"),
        ({"municipality": None, "country": "XX"}, "country"),
        ({"municipality": "837", "country": "SE"}, "country"),
        ({"language": "de"}, "language"),
        ({"site": "no-uuid"}, "site"),
        ({"site": str(uuid4())}, "site"),
        ({"answers": {"diet": "vegan"}}, "answers.diet"),
        ({"organisation": "O" * 201}, "organisation"),
        ({"consents": {"everything": True}}, "consents"),
        ({"email": 5}, "email"),
    ],
)
async def test_what_does_not_hold_is_named_by_field(
    program: httpx.AsyncClient, changes: Mapping[str, Any], field: str
) -> None:
    answer = await send(program, await make_open(), **changes)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "invalid")
    assert any(name.startswith(field) for name in problem["errors"]), problem
    assert await database.fetchval("SELECT count(*) FROM registration") == 0


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b'"text"', b"[" * 5000, b'{"name": "\\ud800"}'])
async def test_what_is_no_json_is_a_bad_request(program: httpx.AsyncClient, body: bytes) -> None:
    slug = await make_open()
    answer = await program.post(
        f"/api/v1/events/{slug}/registrations", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_invisible_signs_do_no_harm_and_what_is_no_text_is_refused(program: httpx.AsyncClient) -> None:
    slug = await make_open()
    refused = await send(program, slug, name="Ai\x00no Esimerkki")
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["name"])
    answer = await send(program, slug, name="Ai\u200bno\u202e Esimerkki")
    assert answer.status_code == 201
    assert await database.fetchval("SELECT given_name FROM person") == "Aino"


async def test_a_repeated_key_gets_the_same_answer_and_other_content_a_conflict(program: httpx.AsyncClient) -> None:
    slug, key = await make_open(), {"idempotency-key": "order-66"}
    first, again = [await send(program, slug, headers=key) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = await send(program, slug, headers=key, name="Eino Esimerkki")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    elsewhere = await send(program, await make_open(), headers=key)
    assert elsewhere.json()["code"] == "idempotency_key_reused"
    assert await database.fetchval("SELECT count(*) FROM registration") == 1


async def test_no_secret_is_kept_for_repeating(program: httpx.AsyncClient) -> None:
    made = (await send(program, await make_open(), headers={"idempotency-key": "k"})).json()
    kept = await database.fetchval("SELECT idempotency_key::text FROM idempotency_key")
    assert made["ticket"] not in kept
    assert made["manage_url"].rpartition("/")[2] not in kept


async def test_who_may_not_learns_nothing(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    assert (await send(client, slug)).status_code == 401
    await insert("api_token", name="door", token_hash=secrets.digest("door"), scope="checkin")
    wrong = await send(client, slug, headers={"authorization": "Bearer door"})
    assert wrong.status_code == 404


async def test_a_token_of_one_event_opens_no_other(client: httpx.AsyncClient) -> None:
    mine, other = await make_open(), await make_open()
    event = await database.fetchval("SELECT id FROM event WHERE slug = $1", mine)
    await insert("api_token", name="one", token_hash=secrets.digest("one"), scope="registration", event_id=event)
    headers = {"authorization": "Bearer one"}
    assert (await send(client, mine, headers=headers)).status_code == 201
    assert (await send(client, other, headers=headers)).status_code == 404


async def test_an_unknown_event_is_not_found(program: httpx.AsyncClient) -> None:
    for slug in ("no-such-event", "%00", "Ä", "x" * 500):
        assert (await send(program, slug)).status_code == 404


async def test_the_api_is_described(client: httpx.AsyncClient) -> None:
    described = (await client.get("/api/v1/openapi.json")).json()
    operation = described["paths"]["/api/v1/events/{slug}/registrations"]["post"]
    assert {"201", "409", "422"} <= set(operation["responses"])
    assert "Idempotency-Key" in [parameter["name"] for parameter in operation["parameters"]]
