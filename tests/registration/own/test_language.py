"""What stands behind a letter's own link speaks the language of the letter, unless its reader has chosen another."""

from datetime import datetime
from uuid import UUID

import httpx
import pytest

from events.core import clock, database, secrets
from events.core.actor import SYSTEM
from events.messaging import actions as messaging
from events.registration.invitations.actions import invite
from events.registration.invitations.guests import Guest
from events.registration.own.hearing_again import hearing_path
from tests.factories import NOW, mailed_link, make_event, make_person, make_registration

AINO = "aino@yritys.example"


@pytest.fixture
async def link(client: httpx.AsyncClient) -> str:
    """The link of a letter in Swedish; the browser asks for English."""
    event = await make_event(slug="paja")
    return mailed_link(await make_registration(event, person=await make_person(email=AINO), language="sv"))


async def spoken(client: httpx.AsyncClient, path: str, *, now: datetime = NOW) -> str:
    """Return the language of a page."""
    with clock.at(now):
        text = (await client.get(path)).text
    return text.partition('<html lang="')[2][:2]


async def test_ones_own_pages_speak_the_language_of_the_letter(client: httpx.AsyncClient, link: str) -> None:
    ticket = f"/t/{secrets.derive('ticket', await database.fetchval('SELECT id FROM registration'))}"
    pages = [link, *(f"{link}/{part}" for part in ("data", "cancel", "erase", "transfer", "participants")), ticket]
    assert [await spoken(client, page) for page in pages] == ["sv"] * len(pages)
    with clock.at(NOW):
        refused = await client.post(link, data={"given_name": ""})
        assert "Spara" in refused.text
        assert "Testverkstad" in (await client.get(f"{link}/calendar.ics")).text
    assert await spoken(client, "/") == "en", "other pages speak the browser's"


async def test_saving_ones_details_keeps_the_language_of_the_letters(client: httpx.AsyncClient, link: str) -> None:
    person = {"given_name": "Aino", "family_name": "Ny", "email": AINO, "municipality": "837"}
    with clock.at(NOW):
        assert (await client.post(link, data=person)).status_code == 303
        assert await database.fetchval("SELECT language FROM registration") == "sv"
        await client.post(f"{link}?lang=fi", data=person)
    assert await database.fetchval("SELECT language FROM registration") == "fi"


async def test_what_the_reader_has_chosen_comes_first_and_stays(client: httpx.AsyncClient, link: str) -> None:
    assert await spoken(client, f"{link}?lang=fi") == "fi"
    assert await spoken(client, link) == "fi", "the switch is kept in a cookie"
    client.cookies.clear()
    with clock.at(NOW):
        answer = await client.post(f"{link}/transfer", data={"_language": "en", "given_name": "Eino"})
    assert '<html lang="en"' in answer.text
    assert await spoken(client, link) == "en"


async def test_what_is_refused_behind_the_link_is_said_in_its_language_too(
    client: httpx.AsyncClient, link: str
) -> None:
    late = NOW.replace(year=NOW.year + 5)
    assert await spoken(client, link, now=late) == "sv"
    assert await spoken(client, f"/r/{'a' * 26}", now=late) == "en", "nobody knows whose link that would be"


async def test_an_invitation_and_the_form_it_leads_to_speak_its_language(client: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    with clock.at(NOW):
        await invite(event, [Guest(AINO, language="sv")], actor=SYSTEM, now=NOW)
    path = f"/i/{secrets.derive('invitation', await database.fetchval('SELECT id FROM invitation'))}"
    form = f"/events/paja/register?invitation={path[3:]}"
    assert [await spoken(client, page) for page in (path, f"{path}/unsubscribe", form)] == ["sv"] * 3
    with clock.at(NOW):
        sent = await client.post("/events/paja/register", data={"invitation": path[3:], "given_name": ""})
    assert '<html lang="sv"' in sent.text
    assert await spoken(client, "/events/paja/register") == "en", "without it the form speaks the browser's"
    assert await spoken(client, f"{form}&lang=fi") == "fi"
    assert await spoken(client, path) == "fi"


async def test_the_mail_that_asks_whether_to_write_again_leads_to_a_page_in_its_language(
    client: httpx.AsyncClient, link: str
) -> None:
    await messaging.unsubscribe(AINO, now=NOW)
    with clock.at(NOW):
        await client.post(f"{link}/hear-again")
    message: UUID = await database.fetchval("SELECT id FROM message WHERE reason = 'hear_again'")
    assert await spoken(client, hearing_path(message)) == "sv"
