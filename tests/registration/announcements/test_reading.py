"""What was sent can be read again: how far it is, to whom it went, and what it said in each language."""

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from events.core import clock, database
from events.core.actor import Actor, ActorKind, Grant
from events.registration.announcements import actions
from tests.factories import NOW, make_event, make_staff, sign_in
from tests.registration.announcements.test_announcements import TEXTS, people, write

HERE = "/staff/events/paja/announcements"


@pytest.fixture
async def event(client: httpx.AsyncClient) -> UUID:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06", email="oskari@sixnet.example"))
    return await make_event(slug="paja", title_en="Workshop")


async def read(client: httpx.AsyncClient, path: str) -> str:
    with clock.at(NOW):
        answer = await client.get(path)
    assert answer.status_code == 200
    return answer.text


async def test_it_says_in_each_language_what_was_sent_and_to_whom(client: httpx.AsyncClient, event: UUID) -> None:
    await people(event, "Aino", "Ville")
    identity = await write(event, "state=confirmed")
    assert f'href="{HERE}/{identity}"' in await read(client, HERE)
    page = await read(client, f"{HERE}/{identity}")
    for words in ("Muutos: ", "Tule <strong>ajoissa</strong>", "Dear Maija", "2 addresses were meant when it went out"):
        assert words in page
    assert 'href="/staff/events/paja/registrations?state=confirmed"' in page


@pytest.mark.parametrize(
    ("states", "told", "not_told"),
    [
        ({}, ["Going out", "0 of 3", "Waiting: 3", "noscript"], ["Gone out"]),
        ({"sent": 1, "sending": 1}, ["Going out", "1 of 3", "Sent: 1"], ["Gone out"]),
        (
            {"sent": 2, "failed": 1},
            ["Gone out", "3 of 3", "Sent: 2", "Failed: 1"],
            ["Going out", "Waiting", "noscript"],
        ),
    ],
)
async def test_it_says_how_far_it_is_and_leads_to_what_became_of_each(
    client: httpx.AsyncClient, event: UUID, states: dict[str, int], told: list[str], not_told: list[str]
) -> None:
    await people(event, "Aino", "Ville", "Zelda")
    identity = await write(event)
    for state, n in states.items():
        await database.execute(
            "UPDATE message SET state = $1 WHERE id IN (SELECT id FROM message WHERE state = 'queued' LIMIT $2)",
            *(state, n),
        )
    for path in (HERE, f"{HERE}/{identity}"):
        page = await read(client, path)
        assert [words for words in told if words not in page] == []
        assert [words for words in not_told if words in page] == []
    for state, n in states.items():
        log = f"/staff/events/paja/messages?letter={identity}&state={state}"
        assert log.replace("&", "&amp;") in page
        assert (await read(client, log)).count(f'href="{HERE}/{identity}"') == n


async def test_the_messages_of_an_event_are_those_of_its_mails_too_and_of_one_alone_where_asked(
    client: httpx.AsyncClient, event: UUID
) -> None:
    await people(event, "Aino")
    first, second = await write(event), await write(event)
    await actions.test_to_oneself(trial := uuid4(), event, TEXTS, actor=await _oskari(), language="en", now=NOW)
    page = await read(client, "/staff/events/paja/messages")
    assert page.count(f'href="{HERE}/{first}"') == page.count(f'href="{HERE}/{second}"') == 1
    assert str(trial) not in page
    alone = await read(client, f"/staff/events/paja/messages?letter={second}")
    assert str(first) not in alone
    assert f'href="{HERE}/{second}"' in alone
    assert f'name="letter" type="hidden" value="{second}"' in alone
    assert "1 message" in await read(client, f"/staff/events/paja/messages?letter={first}&reason=announcement")
    assert str(first) in await read(client, "/staff/events/paja/messages?letter=nonsense")


async def test_one_that_is_to_go_out_says_when_and_one_that_meant_nobody_says_so(
    client: httpx.AsyncClient, event: UUID
) -> None:
    later = await write(event, send_at=NOW + timedelta(days=1))
    page = await read(client, f"{HERE}/{later}")
    assert "Will go out" in page
    assert "To whom is settled when it goes out" in page
    nobody = await write(event)
    assert "When it went out it meant nobody" in await read(client, f"{HERE}/{nobody}")


async def test_others_and_trials_are_not_there(client: httpx.AsyncClient, event: UUID) -> None:
    identity, trial = await write(event), uuid4()
    await actions.test_to_oneself(trial, event, TEXTS, actor=await _oskari(), language="en", now=NOW)
    await make_event(slug="toinen")
    for path in (f"{HERE}/{trial}", f"/staff/events/toinen/announcements/{identity}", f"{HERE}/{uuid4()}"):
        assert (await client.get(path)).status_code == 404
    await sign_in(client, await make_staff("organiser", kind="region", resource="01", email="other@sixnet.example"))
    assert (await client.get(f"{HERE}/{identity}")).status_code == 404


async def _oskari() -> Actor:
    staff: UUID = await database.fetchval("SELECT id FROM staff WHERE email = 'oskari@sixnet.example'")
    return Actor(ActorKind.STAFF, staff, grants=(Grant("organiser", "region", "06"),))
