"""Where something happens that webhooks tell of, it is owed in the same transaction, once, with nothing personal."""

import importlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient

from events.checkin.actions.append import append
from events.checkin.tables import ScanType
from events.core import clock, database, jobs
from events.core.actor import ANONYMOUS, SYSTEM, Actor, ActorKind
from events.messaging.webhooks import rules
from events.messaging.webhooks.ledger import Forms
from events.programme.actions import publish
from events.registration import hot_path
from events.registration.actions import cancel, decline
from events.registration.registering import register, register_together
from events.registration.transferring import transfer
from events.surveys.actions import submit, tell
from tests.checkin.doors import give_token, redeem, scanned, slug_of, ticket
from tests.factories import NOW, insert, make_event
from tests.registration.test_register import sign_up, someone
from tests.surveys.asking import ANSWER, MORNING, asked

redeeming = importlib.import_module("events.checkin.actions.redeem")

FORMS = (hot_path.BY_ID, hot_path.BY_SLUG, redeeming._FORMS)


@pytest.fixture(autouse=True, params=["plain", "telling"])
def remembered(request: pytest.FixtureRequest) -> Iterator[str]:
    """A process that remembers something, right or wrong, of what endpoints want."""
    for forms in FORMS:
        forms.likely = getattr(forms, request.param)
    yield request.param
    for forms in FORMS:
        forms.likely = forms.plain


async def listen(*kinds: str) -> UUID:
    return await insert(
        "webhook_endpoint", url="https://kone.example/", description="Kone", kinds=list(kinds) or list(rules.WANTED)
    )


async def told() -> list[tuple[str, dict[str, Any]]]:
    """What is owed so far, in its order, and is forgotten with that."""
    rows = await database.fetch("DELETE FROM webhook_delivery RETURNING kind, data")
    return sorted(((row["kind"], json.loads(row["data"])) for row in rows), key=str)


async def about(event: UUID, **data: object) -> dict[str, object]:
    return {"event": {"id": str(event), "slug": await slug_of(event)}, **data}


@pytest.mark.parametrize("by_slug", [True, False])
async def test_a_registration_is_told_of_in_its_own_statement(
    db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, by_slug: bool
) -> None:
    nudged: list[str] = []
    monkeypatch.setattr(jobs, "nudge", nudged.append)
    event = await make_event(capacity=1)
    await listen("registration.created")
    where = await slug_of(event) if by_slug else event
    for number, state in enumerate(("confirmed", "waitlisted")):
        made = await register(where, someone(number), actor=ANONYMOUS, now=NOW)
        assert made.state == state
        assert await told() == [("registration.created", await about(event, registration=str(made.id), state=state))]
    assert nudged.count("webhooks.deliver") == 2
    again = await register(where, someone(1), actor=ANONYMOUS, now=NOW)
    assert again.already
    assert await told() == []
    assert await database.fetchval("SELECT count(*) FROM registration") == 2


async def test_where_nobody_wants_to_know_nothing_is_owed_nor_nudged(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    nudged: list[str] = []
    monkeypatch.setattr(jobs, "nudge", nudged.append)
    event = await make_event()
    made = await sign_up(event)
    await give_token(client)
    with clock.at(NOW):
        entered = await redeem(client, ticket(made.id), await slug_of(event))
    assert entered.json()["result"] == "ok"
    await cancel(made.id, actor=SYSTEM, now=NOW)
    assert await told() == []
    assert "webhooks.deliver" not in nudged
    assert all(forms.likely == forms.plain for forms in (hot_path.BY_ID, redeeming._FORMS)), "the process learns it"


async def test_registering_again_is_told_of_again(db: asyncpg.Connection) -> None:
    event = await make_event()
    await listen()
    made = await sign_up(event)
    await cancel(made.id, actor=SYSTEM, now=NOW)
    await sign_up(event)
    kinds = [kind for kind, _data in await told()]
    assert kinds == ["registration.cancelled", "registration.created", "registration.created"]


async def test_several_registered_together_are_told_of_one_by_one(db: asyncpg.Connection) -> None:
    event = await make_event()
    await listen()
    made = await register_together(event, [someone(1), someone(2)], actor=SYSTEM, now=NOW, source="import", send=False)
    assert made
    assert {data["registration"] for _kind, data in await told()} == {str(each.id) for each in made}


async def test_cancelling_and_declining_are_told_of(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1)
    await listen("registration.cancelled")
    going, waiting = await sign_up(event, 1), await sign_up(event, 2)
    await decline(waiting.id, actor=SYSTEM, now=NOW)
    await cancel(going.id, actor=SYSTEM, now=NOW)
    await cancel(going.id, actor=SYSTEM, now=NOW)
    wanted = [(going.id, "cancelled"), (waiting.id, "declined")]
    assert sorted(await told(), key=lambda each: str(each[1]["state"])) == [
        ("registration.cancelled", await about(event, registration=str(identity), state=state))
        for identity, state in wanted
    ]


async def test_handing_a_place_over_is_one_going_and_one_coming(db: asyncpg.Connection) -> None:
    event = await make_event()
    mine = await sign_up(event, 1)
    await listen()
    await transfer(mine.id, someone(2), actor=Actor(ActorKind.PARTICIPANT, mine.id), now=NOW)
    gone, come = await told()
    assert gone == ("registration.cancelled", await about(event, registration=str(mine.id), state="cancelled"))
    theirs = await database.fetchrow("SELECT id, state FROM registration WHERE id <> $1", mine.id)
    assert theirs
    assert come == (
        "registration.created",
        await about(event, registration=str(theirs["id"]), state=theirs["state"]),
    )


async def test_an_entry_is_told_of_once(client: AsyncClient) -> None:
    event = await make_event()
    made = await sign_up(event)
    await listen("checkin.recorded")
    await give_token(client)
    slug = await slug_of(event)
    with clock.at(NOW):
        results = [
            (await redeem(client, ticket(made.id), slug, nonce=str(nonce))).json()["result"] for nonce in (1, 1, 2)
        ]
        await redeem(client, "x" * 26, slug)
    assert results == ["ok", "ok", "duplicate"]
    ((kind, data),) = await told()
    assert kind == "checkin.recorded"
    assert clock.datetime.fromisoformat(data.pop("at")) == NOW
    assert data == await about(event, registration=str(made.id), type="entry", result="ok")
    assert await database.fetchval("SELECT count(*) FROM scan") == 3


async def test_leaving_is_told_of_and_so_is_what_a_door_did_without_network(db: asyncpg.Connection) -> None:
    event = await make_event()
    made = await sign_up(event)
    await listen("checkin.recorded")
    slug = await slug_of(event)
    first, other = scanned(ticket(made.id), slug, 0, said="ok"), scanned(ticket(made.id), slug, 1, said="ok", door="B")
    out = scanned(ticket(made.id), slug, 2, type=ScanType.EXIT)
    for scan, offline in ((first, True), (first, True), (other, True), (out, False)):
        await append(scan, actor=SYSTEM, now=NOW + timedelta(minutes=5), offline=offline)
    assert [(data["type"], data["result"]) for _kind, data in await told()] == [
        ("entry", "ok"),
        ("entry", "conflict"),
        ("exit", "ok"),
    ]


async def test_publishing_is_told_of_once(db: asyncpg.Connection) -> None:
    event = await make_event(state="draft")
    await listen()
    await publish(event, actor=SYSTEM, now=NOW)
    await publish(event, actor=SYSTEM, now=NOW)
    assert await told() == [("event.published", await about(event))]


async def test_answers_are_told_of_by_five_and_never_as_they_come(db: asyncpg.Connection) -> None:
    """Who hears of a single answer could see it by the results before and after."""
    event, tokens = await asked(11)
    await listen("survey.answered")
    heard = []
    for number, token in enumerate(tokens, start=1):
        await submit(token, ANSWER, MORNING)
        assert await told() == [], "nothing in the transaction of an answer"
        await tell(MORNING + timedelta(minutes=number))
        heard += [(number, data) for _kind, data in await told()]
    assert heard == [(5, await about(event, answers=5)), (10, await about(event, answers=10))]


async def test_nothing_personal_goes_out(client: AsyncClient) -> None:
    event = await make_event()
    await listen()
    made = await sign_up(event)
    await give_token(client)
    with clock.at(NOW):
        await redeem(client, ticket(made.id), await slug_of(event), door="Aino’s phone")
    await cancel(made.id, actor=SYSTEM, now=NOW, reason="Flunssa", message="Voi voi")
    allowed = {"event", "registration", "state", "type", "at", "result"}
    owed = await told()
    assert len(owed) == 3
    assert all(set(data) <= allowed and set(data["event"]) == {"id", "slug"} for _kind, data in owed)


def test_a_plain_form_holds_no_insert_and_does_nothing_where_someone_is_to_be_told() -> None:
    for forms in FORMS:
        assert isinstance(forms, Forms)
        assert "webhook_delivery" not in forms.plain
        assert "webhook_delivery" in forms.telling
        assert "AND NOT (SELECT wanted FROM hook)" in forms.plain


async def test_the_description_of_the_api_says_what_is_sent(client: AsyncClient) -> None:
    described = (await client.get("/api/v1/openapi.json")).json()["webhooks"]
    assert set(described) == set(rules.WANTED)
    body = described["survey.answered"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"]["data"]["required"] == ["event", "answers"]
    event = await make_event(capacity=1)
    await listen()
    made = await sign_up(event, 1)
    await give_token(client)
    with clock.at(NOW):
        await redeem(client, ticket(made.id), await slug_of(event))
    await cancel(made.id, actor=SYSTEM, now=NOW)
    for kind, data in await told():
        schema = described[kind]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]["data"]
        assert set(data) == set(schema["required"]) == set(schema["properties"])
        assert all(data[name] in each["enum"] for name, each in schema["properties"].items() if "enum" in each)
