"""The pages of webhooks: who may, what is shown once, the log, and sending again."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import AsyncClient, Response

from events.accounts.tables import Role
from events.core import clock, database, jobs
from events.core.actor import SYSTEM, Actor, ActorKind
from events.core.errors import Invalid, NotAllowed
from events.messaging.webhooks import ledger, rules
from events.messaging.webhooks.tables import Happening
from events.outreach.webhooks import actions
from tests.factories import NOW, insert, make_event, make_staff, sign_in

FORM = {"url": "https://kone.example/in", "description": "Asiakasrekisteri", "kinds": ["event.published"]}


def secret_in(answer: Response) -> str:
    found = re.search(r'id="secret" value="([^"]+)"', answer.text)
    assert found
    return unescape(found[1])


@contextmanager
def nudges(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    heard: list[str] = []
    with monkeypatch.context() as patched:
        patched.setattr(jobs, "nudge", heard.append)
        yield heard


async def make_endpoint(*kinds: str, **columns: object) -> UUID:
    return await insert(
        "webhook_endpoint",
        url="https://kone.example/in",
        description="Kone",
        kinds=list(kinds) or ["event.published"],
        **columns,
    )


async def owe(endpoint: UUID, **columns: object) -> UUID:
    return await insert("webhook_delivery", **{"endpoint": endpoint, "kind": "event.published", **columns})


async def test_an_endpoint_is_added_and_its_secret_shown_this_once(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("admin"))
    made = await client.post("/staff/webhooks", data=FORM)
    assert made.status_code == 200
    row = await database.fetchrow("SELECT id, url, description, kinds FROM webhook_endpoint")
    assert row
    assert secret_in(made) == rules.secret(row["id"], 0)
    assert [row["url"], row["description"], row["kinds"]] == [FORM["url"], FORM["description"], FORM["kinds"]]
    for address in ("/staff/webhooks", f"/staff/webhooks/{row['id']}"):
        page = await client.get(address)
        assert "Asiakasrekisteri" in page.text
        assert "whsec_" not in page.text
    shown = (await client.get("/staff/webhooks")).text
    assert ("kone.example" in shown, "kone.example/in" in shown) == (True, False)
    assert await database.fetchval("SELECT action FROM audit WHERE subject_kind = 'webhook'") == "webhook.added"
    again = await client.post(
        f"/staff/webhooks/{row['id']}/secret", data={"secret": secret_in(made), "_language": "sv"}
    )
    assert secret_in(again) == secret_in(made)
    assert 'lang="sv"' in again.text
    guessed = await client.post(f"/staff/webhooks/{row['id']}/secret", data={"secret": "whsec_x"})
    assert guessed.status_code == 404


async def test_no_address_of_mail_is_asked_for(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("admin"))
    for language, said in (("en", "Write the address that is told."), ("fi", "johon tiedot lähetetään")):
        answer = await client.post(f"/staff/webhooks?lang={language}", data={**FORM, "url": ""})
        assert said in answer.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("url", url) for url in ("", "http://kone.example/", "https://127.0.0.1/", "https://[::1]/", "x" * 501)),
        *(("kinds", kinds) for kinds in ([], ["endpoint.test"], ["nothing"])),
        *(("description", text) for text in ("", "x" * 201)),
    ],
)
async def test_what_is_wrong_is_said_beside_the_field_and_nothing_saved(
    client: AsyncClient, field: str, value: object
) -> None:
    await sign_in(client, await make_staff("admin"))
    identity = await make_endpoint()
    for address in ("/staff/webhooks", f"/staff/webhooks/{identity}"):
        answer = await client.post(address, data={**FORM, field: value})
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
        assert field == "description" or "Asiakasrekisteri" in answer.text
    assert await database.fetch("SELECT description FROM webhook_endpoint") == [("Kone",)]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
async def test_nobody_but_an_admin_comes_near(client: AsyncClient, role: Role) -> None:
    kind = "group" if role is Role.CHAIR else "all"
    staff = await make_staff(role.value, kind=kind, resource=str(uuid4()) if kind == "group" else "")
    await sign_in(client, staff)
    endpoint = await make_endpoint()
    delivery = await owe(endpoint)
    path = f"/staff/webhooks/{endpoint}"
    for address in ("/staff/webhooks", path):
        assert (await client.get(address)).status_code == 404
    for address in ("/staff/webhooks", path, *(f"{path}/{deed}" for deed in ("secret", "off", "on", "test"))):
        assert (await client.post(address, data=FORM)).status_code == 404
    assert (await client.post(f"{path}/{delivery}/again")).status_code == 404
    with pytest.raises(NotAllowed):
        await actions.rotate(endpoint, actor=Actor(ActorKind.STAFF, staff), now=NOW)


async def test_a_program_cannot_add_an_inside_address_either(db: asyncpg.Connection) -> None:
    with pytest.raises(Invalid):
        await actions.add("https://10.0.0.1/", "x", [Happening.EVENT_PUBLISHED], actor=SYSTEM, now=NOW)


async def test_a_new_secret_takes_the_place_of_the_one_before(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("admin"))
    endpoint = await make_endpoint()
    rotated = await client.post(f"/staff/webhooks/{endpoint}/secret")
    assert secret_in(rotated) == rules.secret(endpoint, 1) != rules.secret(endpoint, 0)
    assert await database.fetchval("SELECT rotated_at FROM webhook_endpoint") is not None
    old = await client.post(f"/staff/webhooks/{endpoint}/secret", data={"secret": rules.secret(endpoint, 0)})
    assert old.status_code == 404


async def test_switched_off_it_is_owed_nothing_and_on_again_only_what_is_new(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("admin"))
    endpoint = await make_endpoint(gone=True)
    delivery = await owe(endpoint)
    event = await make_event()
    assert (await client.post(f"/staff/webhooks/{endpoint}/off")).status_code == 303
    assert await database.fetchval("SELECT state FROM webhook_delivery") == "dropped"
    assert await ledger.add(Happening.EVENT_PUBLISHED, event, now=NOW) == 0
    for refused in (f"{delivery}/again", "test"):
        assert (await client.post(f"/staff/webhooks/{endpoint}/{refused}")).status_code == 409
    assert (await client.post(f"/staff/webhooks/{endpoint}/on")).status_code == 303
    assert not await database.fetchval("SELECT gone FROM webhook_endpoint")
    assert await ledger.add(Happening.EVENT_PUBLISHED, event, now=NOW) == 1
    actions_noted = await database.fetch("SELECT action FROM audit WHERE subject_kind = 'webhook' ORDER BY id")
    assert [row[0] for row in actions_noted] == ["webhook.switched_off", "webhook.switched_on"]


async def test_a_test_is_owed_to_this_endpoint_alone(client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    await sign_in(client, await make_staff("admin"))
    endpoint, _other = await make_endpoint("checkin.recorded"), await make_endpoint()
    with nudges(monkeypatch) as heard:
        answer = await client.post(f"/staff/webhooks/{endpoint}/test")
    assert answer.headers["location"].endswith("?saved=test")
    assert await database.fetch("SELECT endpoint, kind FROM webhook_delivery") == [(endpoint, "endpoint.test")]
    assert heard == ["webhooks.deliver"]


async def test_the_log_says_what_became_of_each_and_sends_it_again(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(client, await make_staff("admin"))
    endpoint = await make_endpoint()
    event = await make_event(slug="tamperes-talkoot")
    await ledger.add(Happening.EVENT_PUBLISHED, event, now=NOW)
    delivery = await database.fetchval(
        "UPDATE webhook_delivery SET state = 'failed', tries = 8, status = 500, words = '<b>broken</b>',"
        " finished_at = now() RETURNING id"
    )
    page = await client.get(f"/staff/webhooks/{endpoint}")
    assert "&lt;b&gt;broken&lt;/b&gt;" in page.text
    assert all(word in page.text for word in ("tamperes-talkoot", "500", "Failed", "An event was published"))
    assert "1 failed" in (await client.get("/staff/webhooks")).text
    with nudges(monkeypatch) as heard, clock.at(clock.now()):
        assert (await client.post(f"/staff/webhooks/{endpoint}/{delivery}/again")).status_code == 303
    assert heard == ["webhooks.deliver"]
    rows = await database.fetch("SELECT id, state, tries, finished_at FROM webhook_delivery")
    assert rows == [(delivery, "queued", 0, None)], "the same delivery, with the same id"


async def test_what_is_in_hand_is_not_sent_beside_itself(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("admin"))
    endpoint = await make_endpoint()
    delivery = await owe(endpoint, state="sending", tries=2, lease_until=NOW + timedelta(minutes=5))
    assert (await client.post(f"/staff/webhooks/{endpoint}/{delivery}/again")).status_code == 303
    assert await database.fetch("SELECT state, tries FROM webhook_delivery") == [("sending", 2)]


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("admin"))
    endpoint, other = await make_endpoint(), await make_endpoint()
    delivery = await owe(other)
    nothing = f"/staff/webhooks/{uuid4()}"
    assert (await client.get(nothing)).status_code == 404
    assert (await client.post(nothing, data=FORM)).status_code == 404
    for deed in ("off", "on", "test", "secret", "fly"):
        assert (await client.post(f"{nothing}/{deed}")).status_code == 404
    assert (await client.post(f"/staff/webhooks/{endpoint}/fly")).status_code == 404
    assert (await client.post(f"/staff/webhooks/{endpoint}/{delivery}/again")).status_code == 404


async def test_a_long_log_comes_in_pages(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("admin"))
    endpoint = await make_endpoint()
    for number in range(51):
        await owe(endpoint, words=f"answer-{number:02}", occurred_at=NOW + timedelta(minutes=number))
    first, second = [(await client.get(f"/staff/webhooks/{endpoint}?page={number}")).text for number in (1, 2)]
    assert ("answer-50" in first, "answer-00" in first) == (True, False)
    assert ("answer-50" in second, "answer-00" in second) == (False, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("gaierror: [Errno -2] Name or service not known", "Palvelimen nimeä ei tunneta"),
        ("ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED] x", "Palvelimen varmenne ei kelpaa"),
        ("ConnectError: All connection attempts failed", "Palvelimeen ei saatu yhteyttä"),
    ],
)
async def test_a_try_in_vain_is_said_in_plain_words_and_when_the_next_one_is(
    client: AsyncClient, words: str, said: str
) -> None:
    await sign_in(client, await make_staff("admin"))
    endpoint = await make_endpoint()
    await owe(endpoint, tries=1, words=words, due_at=NOW + timedelta(minutes=5))
    with clock.at(NOW):
        page = unescape((await client.get(f"/staff/webhooks/{endpoint}", headers={"accept-language": "fi"})).text)
    assert said in page
    assert f'lang="en">{words}<' in page
    assert "Yritetään uudelleen" in page
    assert "Odottaa lähetystä" not in page


async def test_what_the_receiver_answered_stands_as_it_is(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("admin"))
    endpoint = await make_endpoint()
    await owe(endpoint, tries=1, status=503, words="busy", due_at=NOW)
    page = (await client.get(f"/staff/webhooks/{endpoint}")).text
    assert "busy" in page
    assert "no connection" not in page
