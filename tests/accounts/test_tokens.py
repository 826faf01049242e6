import re
from uuid import UUID

import asyncpg
import httpx
import pytest
from litestar import Litestar

from events.accounts import actions
from events.accounts.authentication import TOKEN_KEPT, find_actor
from events.accounts.rules import Action, may
from events.accounts.tables import Scope
from events.core import clock, database, secrets
from events.core.actor import SYSTEM, Actor
from events.core.errors import NotAllowed, Unauthenticated
from tests import factories
from tests.accounts.test_people import acting
from tests.factories import NOW, make_event, make_staff


async def who(token: str) -> Actor:
    return await find_actor({"headers": [(b"authorization", f"Bearer {token}".encode())]})


async def test_a_token_is_shown_once_and_stored_as_a_hash(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("admin"))
    made = await client.post("/staff/tokens", data={"name": "Kassa", "scope": "checkin", "event": ""})
    assert made.headers["cache-control"] == "no-store"
    found = re.search(r'id="key" value="([^"]+)"', made.text)
    assert found
    token = found[1]
    assert (await who(token)).name == "Kassa"
    page = await client.get("/staff/tokens")
    assert "Kassa" in page.text
    assert token not in page.text
    stored = await database.fetchrow("SELECT * FROM api_token")
    assert stored["token_hash"] == secrets.digest(token)
    assert token not in str(dict(stored))


async def test_a_new_key_stays_when_the_language_is_changed(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("admin"))
    made = await client.post("/staff/tokens", data={"name": "Kassa", "scope": "checkin", "event": ""})
    assert '<button form="shown" name="_language" value="sv"' in made.text
    found = re.search(r'<input type="hidden" name="key" value="([^"]+)"', made.text)
    assert found
    again = await client.post("/staff/tokens", data={"key": found[1], "_language": "sv"})
    assert '<html lang="sv">' in again.text
    assert f'id="key" value="{found[1]}"' in again.text
    assert "Kassa" in again.text
    assert await database.fetchval("SELECT count(*) FROM api_token") == 1


async def test_only_a_key_that_there_is_is_shown_again(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("admin"))
    answer = await client.post("/staff/tokens", data={"key": "a" * 26, "_language": "sv"})
    assert "a" * 26 not in answer.text


async def test_a_revoked_token_opens_nothing(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("admin"))
    token = await actions.add_token("Kassa", Scope.CHECKIN, actor=SYSTEM, now=NOW)
    identity = (await who(token)).id
    assert (await client.post(f"/staff/tokens/{identity}/revoke")).status_code == 303
    assert (await client.post(f"/staff/tokens/{identity}/revoke")).status_code == 404
    with clock.at(clock.now() + TOKEN_KEPT), pytest.raises(Unauthenticated):
        await who(token)
    assert "Kassa" not in (await client.get("/staff/tokens")).text


async def test_a_token_of_one_event_opens_that_event_alone(client: httpx.AsyncClient) -> None:
    event, other = await make_event(slug="tamperes-talkoot"), await make_event()
    await factories.sign_in(client, await make_staff("admin"))
    wrong = await client.post("/staff/tokens", data={"name": "Ovi", "scope": "checkin", "event": "no-such"})
    assert wrong.status_code == 422
    assert "There is no such event." in wrong.text
    made = await client.post("/staff/tokens", data={"name": "Ovi", "scope": "checkin", "event": "tamperes-talkoot"})
    found = re.search(r'id="key" value="([^"]+)"', made.text)
    assert found
    actor = await who(found[1])
    assert may(actor, Action.CHECK_IN, now=NOW, event_id=event, region="06")
    assert not may(actor, Action.CHECK_IN, now=NOW, event_id=other, region="06")
    assert not may(actor, Action.EDIT_REGISTRATIONS, now=NOW, event_id=event, region="06")


async def test_tokens_are_an_administrators_matter(client: httpx.AsyncClient, app: Litestar) -> None:
    await factories.sign_in(client, await make_staff("coordinator"))
    assert (await client.get("/staff/tokens")).status_code == 404
    with pytest.raises(NotAllowed):
        actor = await acting(await make_staff("coordinator"))
        await actions.add_token("Kassa", Scope.ALL, actor=actor, now=NOW)


async def test_a_token_is_no_cookie_and_opens_no_staff_page(client: httpx.AsyncClient) -> None:
    token = await actions.add_token("Kaikki", Scope.ALL, actor=SYSTEM, now=NOW)
    assert (await client.get("/staff/", headers={"authorization": f"Bearer {token}"})).status_code == 404
    client.cookies.set("sixnet", token)
    assert (await client.get("/staff/")).status_code == 401


async def test_making_and_revoking_a_token_stands_in_the_audit_trail(db: asyncpg.Connection) -> None:
    admin = await acting(await make_staff("admin"))
    token = await actions.add_token("Kassa", Scope.CHECKIN, actor=admin, now=NOW)
    identity = (await who(token)).id
    assert isinstance(identity, UUID)
    await actions.revoke_token(identity, actor=admin, now=NOW)
    rows = await database.fetch(
        "SELECT action, actor_id, detail FROM audit WHERE subject_id = $1 ORDER BY id", str(identity)
    )
    assert [(row["action"], row["actor_id"]) for row in rows] == [
        ("token.added", admin.id),
        ("token.revoked", admin.id),
    ]
    assert token not in str([dict(row) for row in rows])


async def test_when_a_token_was_last_used_is_known_to_ten_minutes(db: asyncpg.Connection) -> None:
    token = await actions.add_token("Kassa", Scope.CHECKIN, actor=SYSTEM, now=NOW)
    with clock.at(NOW):
        await who(token)
    assert await database.fetchval("SELECT used_at FROM api_token") == NOW
