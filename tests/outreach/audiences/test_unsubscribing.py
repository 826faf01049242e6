"""The pages behind unsubscribe links: they say how one stands now, and take back what was pressed."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from events.core import clock, database, secrets
from events.core.actor import Actor, ActorKind
from events.messaging.actions import refuse_themes, unsubscribe
from events.registration.consents import consent_texts, settle
from events.registration.own.link import person_of
from events.registration.queries import by_id
from events.registration.tables import ConsentKind
from events.registration.unsubscribing import actions
from events.registration.unsubscribing.queries import UNDONE_WITHIN
from tests.factories import NOW, make_event
from tests.outreach.audiences.people import EVERYBODY, about, agree, guest, invited, meant, theme
from tests.outreach.audiences.test_letters import mailed

GONE = "You get no more news and invitations"
AGAIN = "You get news and invitations again"
ASKS = "No more news and invitations?"
LATER = NOW + timedelta(hours=1)


@pytest.fixture
async def letter(client: httpx.AsyncClient) -> tuple[str, str]:
    """The address of who got a letter, and the path of its unsubscribe link."""
    return await mailed("Aino")


async def leave(client: httpx.AsyncClient, path: str, what: str = "all") -> str:
    with clock.at(NOW):
        return (await client.post(path, data={"what": what})).text


async def undo(client: httpx.AsyncClient, path: str, what: str = "all", **more: Any) -> httpx.Response:
    with clock.at(more.pop("at", LATER)):
        return await client.post(f"{path}/undo", data={"again": what, **more})


async def look(client: httpx.AsyncClient, path: str) -> str:
    with clock.at(LATER):
        return (await client.get(path)).text


async def stops() -> list[str]:
    sql = "SELECT reason FROM suppression UNION ALL SELECT theme FROM refused_theme UNION ALL SELECT status FROM"
    return sorted(row["reason"] for row in await database.fetch(f"{sql} unreachable"))


async def consents() -> list[tuple[Any, ...]]:
    sql = "SELECT kind, text, language, given_at, withdrawn_at FROM consent ORDER BY given_at"
    return [tuple(row) for row in await database.fetch(sql)]


async def again() -> list[str]:
    """Who would get a letter by now."""
    await database.execute("DELETE FROM message")
    return await meant(EVERYBODY)


async def test_it_can_be_taken_back_and_the_agreement_holds_from_then_on_as_it_was_read(
    client: httpx.AsyncClient, letter: tuple[str, str]
) -> None:
    _address, path = letter
    page = await leave(client, path)
    words = consent_texts("en")[ConsentKind.NEWS]
    assert GONE in page
    assert words in page
    assert 'name="read_in" value="en"' in page
    answer = await undo(client, path, read_in="en")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?saved=again")
    assert await stops() == []
    assert await consents() == [("news", "x", "fi", NOW, NOW), ("news", words, "en", LATER, None)]
    noted = await database.fetchrow("SELECT * FROM audit WHERE action = 'registration.consents_changed'")
    assert noted
    assert noted["actor_kind"] == "participant"
    assert await again() == ["aino"]


async def test_an_invitations_link_does_the_same(client: httpx.AsyncClient) -> None:
    event = await make_event(starts_at=NOW + timedelta(days=9), ends_at=NOW + timedelta(days=10))
    invitation = await invited(event, "Ville", language="en")
    token = secrets.derive("invitation", invitation)
    await database.execute("UPDATE invitation SET token_hash = $1", secrets.digest(token))
    path = f"/i/{token}/unsubscribe"
    assert ASKS in await look(client, path)
    assert GONE in await leave(client, path)
    assert await stops() == ["unsubscribed"]
    answer = await undo(client, path)
    assert answer.headers["location"] == f"{path}?saved=again"
    assert await stops() == []
    assert f'href="/i/{token}"' in await look(client, path)


@pytest.mark.parametrize("of", ["letter", "invitation"])
async def test_the_page_speaks_the_language_of_the_letter_unless_another_was_chosen(
    client: httpx.AsyncClient, of: str
) -> None:
    if of == "letter":
        _address, path = await mailed("Aino", language="sv")
    else:
        invitation = await invited(await make_event(starts_at=LATER + timedelta(days=9)), "Ville", language="sv")
        token = secrets.derive("invitation", invitation)
        await database.execute("UPDATE invitation SET token_hash = $1", secrets.digest(token))
        path = f"/i/{token}/unsubscribe"
    assert '<html lang="sv">' in await look(client, path), "whatever the browser asks for"
    assert '<html lang="sv">' in await leave(client, path)
    assert '<html lang="fi">' in await look(client, f"{path}?lang=fi")
    assert '<html lang="fi">' in await look(client, path), "the choice is kept by a cookie"
    assert '<html lang="fi">' in await leave(client, path)


async def test_opened_later_the_page_says_what_is_so_now(client: httpx.AsyncClient, letter: tuple[str, str]) -> None:
    address, path = letter
    assert ASKS in await look(client, path)
    await leave(client, path)
    for opened in (path, f"{path}?saved=again", f"{path}?lang=en"):
        page = await look(client, opened)
        assert GONE in page
        assert AGAIN not in page
        assert 'name="what"' not in page
    await undo(client, path)
    page = await look(client, f"{path}?saved=again")
    assert AGAIN in page
    assert f"may be sent to {address} now" in page
    assert 'name="what" value="all"' in page


async def test_pressing_twice_gives_the_agreement_back_once(client: httpx.AsyncClient, letter: tuple[str, str]) -> None:
    _address, path = letter
    await leave(client, path)
    for _twice in range(2):
        assert (await undo(client, path)).status_code == 303
    assert len(await consents()) == 2


async def test_presses_at_once_and_agreeing_by_the_private_link_meanwhile_are_one_agreement(committed_db: str) -> None:
    address, begun = "aino@yritys.example", asyncio.Event()
    registration = await guest("Aino", email=address)
    await unsubscribe(address, now=NOW)
    agreeing = Actor(ActorKind.PARTICIPANT, registration, by_mail=True)

    async def agree_slowly() -> None:
        async with database.transaction():
            await database.execute("SELECT FROM registration FOR UPDATE")  # as `settle` begins
            begun.set()
            await asyncio.sleep(0.3)
            news = [ConsentKind.NEWS]
            await settle(registration, news, asked=news, language="fi", actor=agreeing, now=LATER)

    async def press() -> None:
        await begun.wait()
        await actions.undo(address, language="fi", now=LATER)

    await asyncio.gather(agree_slowly(), press(), press())
    assert len(await consents()) == 2
    assert await stops() == []


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"sec-fetch-site": ""}, "List-Unsubscribe=One-Click"),
        ({}, "List-Unsubscribe=One-Click"),
        ({}, ""),
        ({"sec-fetch-site": ""}, "again=all"),
        ({"sec-fetch-site": "cross-site"}, "again=all"),
    ],
)
async def test_only_the_button_of_the_page_takes_it_back_and_no_machine(
    client: httpx.AsyncClient, letter: tuple[str, str], headers: dict[str, str], body: str
) -> None:
    _address, path = letter
    await leave(client, path)
    headers = {"content-type": "application/x-www-form-urlencoded", **headers}
    with clock.at(LATER):
        answer = await client.post(f"{path}/undo", content=body, headers=headers)
        assert answer.status_code in {400, 403}
        assert (await client.get(f"{path}/undo")).status_code == 405
        assert (await client.head(f"{path}/undo")).status_code == 405
    assert await stops() == ["unsubscribed"]
    assert len(await consents()) == 1


@pytest.mark.parametrize("made_up", ["token", "message"])
async def test_a_link_that_was_made_up_takes_nothing_back(
    client: httpx.AsyncClient, letter: tuple[str, str], made_up: str
) -> None:
    _address, path = letter
    await leave(client, path)
    start, message, token = path.rsplit("/", 2)
    other = f"{start}/{message}/{'x' * 26}" if made_up == "token" else f"{start}/{UUID(int=1)}/{token}"
    assert (await undo(client, other)).status_code == 404
    assert await stops() == ["unsubscribed"]


async def test_a_letter_that_was_passed_on_brings_nobody_back_who_left_long_ago(
    client: httpx.AsyncClient, letter: tuple[str, str]
) -> None:
    _address, path = letter
    await leave(client, path)
    for late, left in ((UNDONE_WITHIN, ["unsubscribed"]), (UNDONE_WITHIN - timedelta(seconds=1), [])):
        with clock.at(NOW + late):
            page = (await client.get(path)).text
        assert GONE in page
        assert ("open the private link in a mail" in page) is bool(left)
        assert ("/undo" in page) is not bool(left)
        assert (await undo(client, path, at=NOW + late)).status_code == 303
        assert await stops() == left


async def test_mail_that_came_back_is_not_undone(client: httpx.AsyncClient, letter: tuple[str, str]) -> None:
    address, path = letter
    await database.execute("INSERT INTO unreachable (address, status) VALUES ($1, '5.1.1')", address)
    await leave(client, path)
    await undo(client, path)
    assert await stops() == ["5.1.1"]
    page = await look(client, f"{path}?saved=again")
    assert "came back, so at present nothing is sent there" in page
    assert AGAIN not in page


async def test_what_was_entered_by_hand_stays(client: httpx.AsyncClient, letter: tuple[str, str]) -> None:
    address, path = letter
    await database.execute("INSERT INTO suppression (address, reason) VALUES ($1, 'by hand')", address)
    assert "It was entered by hand" in await leave(client, path)
    await undo(client, path)
    assert await stops() == ["by hand"]
    assert AGAIN not in await look(client, f"{path}?saved=again")


async def test_what_one_had_withdrawn_oneself_is_not_given_back(client: httpx.AsyncClient) -> None:
    _address, path = await mailed("Aino")
    registration: UUID = await database.fetchval("SELECT id FROM registration")
    await agree(registration, kind="photos")
    found = await by_id(registration)
    assert found
    await settle(
        registration, [], asked=[ConsentKind.NEWS], language="fi", actor=person_of(found), now=NOW - timedelta(hours=1)
    )
    page = await leave(client, path)
    assert "holds again" not in page
    await undo(client, path)
    rows = await database.fetch(
        "SELECT kind FROM consent WHERE registration = $1 AND withdrawn_at IS NULL", registration
    )
    assert [row["kind"] for row in rows] == ["photos"]


async def test_themes_are_taken_back_alone_and_what_was_refused_before_stays(client: httpx.AsyncClient) -> None:
    await about(await make_event(), "steel", "wood")
    address, path = await mailed("Aino", about=("steel", "wood"))
    await refuse_themes(address, [await theme("steel")], now=NOW - timedelta(days=1))
    assert ASKS in await look(client, path), "of wood they still hear"
    assert "on these themes" in await leave(client, path, "themes")
    assert await stops() == ["steel", "wood"]
    page = await look(client, path)
    assert "on these themes" in page
    assert 'name="what" value="all"' in page
    await undo(client, path, "themes")
    assert await stops() == ["steel"]
    assert AGAIN in await look(client, f"{path}?saved=again")


async def test_taking_back_that_all_were_stopped_leaves_the_themes_refused(client: httpx.AsyncClient) -> None:
    await about(await make_event(), "steel")
    _address, path = await mailed("Aino", about=("steel",))
    await leave(client, path, "themes")
    await leave(client, path)
    await undo(client, path)
    assert await stops() == ["steel"]
    assert "on these themes" in await look(client, f"{path}?saved=again")
