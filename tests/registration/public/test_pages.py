import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from icalendar import Calendar

from events.core import clock, database, secrets
from tests.factories import mailed_link, make_event

FORM = {
    "given_name": "Aino",
    "family_name": "Esimerkki",
    "email": "aino@yritys.example",
    "organisation": "Yritys Oy",
    "municipality": "837",
}
FORM_ID = re.compile(r'name="form_id"[^>]*value="([0-9a-f]{32})"')


async def make_open(**columns: Any) -> str:
    slug = f"paja-{uuid4().hex[:6]}"
    start = clock.now() + timedelta(days=30)
    await make_event(slug=slug, starts_at=start, ends_at=start + timedelta(hours=3), **columns)
    return slug


async def send(client: httpx.AsyncClient, slug: str, **changes: str) -> httpx.Response:
    return await client.post(f"/events/{slug}/register", data={**FORM, **changes})


async def answer_of(client: httpx.AsyncClient, slug: str, **changes: str) -> str:
    """Register and return the path of the page after it."""
    sent = await send(client, slug, **changes)
    assert sent.status_code == 303, sent.text
    return sent.headers["location"]


async def own_path(client: httpx.AsyncClient, slug: str, **changes: str) -> str:
    """Register and return the private link of the letter."""
    await answer_of(client, slug, **changes)
    row = await database.fetchrow(
        "SELECT registration.id, manage_generation FROM registration JOIN person ON person.id = registration.person"
        " WHERE email = $1",
        changes.get("email", FORM["email"]),
    )
    assert row
    return mailed_link(row["id"], row["manage_generation"])


async def states() -> list[str]:
    return [row["state"] for row in await database.fetch("SELECT state FROM registration ORDER BY number")]


async def reasons() -> list[str]:
    rows = await database.fetch("SELECT reason FROM message WHERE state = 'queued' ORDER BY reason")
    return [row["reason"] for row in rows]


async def test_one_screen_asks_in_this_order(client: httpx.AsyncClient) -> None:
    page = (await client.get(f"/events/{await make_open(online=True)}/register")).text
    names = ("given_name", "family_name", "email", "organisation", "municipality", "country", "site", "size")
    places = [page.index(f'name="{name}"') for name in names]
    assert places == sorted(places)
    assert "checked" not in re.findall(r'<input[^>]*name="(?:news|photos)"[^>]*>', page)
    assert "The controller is the organiser" in page


async def test_who_sends_the_form_learns_where_the_confirmation_went(client: httpx.AsyncClient) -> None:
    path = await answer_of(client, await make_open())
    assert re.fullmatch("/r/[a-z0-9]{26}", path)
    page = await client.get(path)
    assert page.status_code == 200
    for words in ("You are registered", "aino@yritys.example", "Correct the address", "Add to calendar", "Cancel"):
        assert words in page.text
    assert page.headers["cache-control"] == "no-store"
    assert await states() == ["confirmed"]
    assert await database.fetchval("SELECT notice_version FROM registration") == 1


async def test_who_waits_sees_the_position(client: httpx.AsyncClient) -> None:
    slug = await make_open(capacity=0)
    await answer_of(client, slug, email="eka@yritys.example")
    page = await client.get(await answer_of(client, slug))
    assert "Your position is 2." in page.text


async def test_a_stranger_sees_the_same_page_whether_or_not_someone_is_registered(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    new, again = [await client.get(await answer_of(client, slug)) for _ in range(2)]
    token = re.compile(r"/r/[a-z0-9]{26}")
    assert token.sub("/r/…", new.text) == token.sub("/r/…", again.text)
    assert await states() == ["confirmed"]
    assert await reasons() == ["already_registered", "confirmation"]


async def test_what_a_stranger_does_on_that_page_does_not_touch_the_earlier_registration(
    client: httpx.AsyncClient,
) -> None:
    slug = await make_open()
    await answer_of(client, slug)
    again = await answer_of(client, slug)
    assert (await client.post(f"{again}/cancel")).status_code == 303
    page = await client.get(again)
    assert "Your cancellation has arrived" in page.text
    assert await states() == ["confirmed"]
    assert await reasons() == ["already_registered", "already_registered", "confirmation"]


async def test_cancelling_on_the_answer_page_needs_a_button(client: httpx.AsyncClient) -> None:
    path = await answer_of(client, await make_open())
    await client.get(f"{path}/cancel")
    assert await states() == ["confirmed"]
    await client.post(f"{path}/cancel")
    assert await states() == ["cancelled"]
    assert "Your cancellation has arrived" in (await client.get(path)).text


async def test_the_address_can_be_corrected_at_once(client: httpx.AsyncClient) -> None:
    path = await answer_of(client, await make_open(), email="vaara@yritys.example")
    wrong = await client.post(f"{path}/address", data={"email": "ei osoite"})
    assert wrong.status_code == 422
    assert 'value="ei osoite"' in wrong.text
    await client.post(f"{path}/address", data={"email": "oikea@yritys.example"})
    assert "oikea@yritys.example" in (await client.get(path)).text
    rows = await database.fetch("SELECT recipient, state FROM message ORDER BY recipient")
    assert [tuple(row) for row in rows] == [("oikea@yritys.example", "queued"), ("vaara@yritys.example", "dropped")]


async def test_correcting_to_the_address_of_someone_registered_reveals_nothing_and_leaves_one_registration(
    client: httpx.AsyncClient,
) -> None:
    slug = await make_open()
    await answer_of(client, slug)
    path = await answer_of(client, slug, email="vaara@yritys.example")
    answer = await client.post(f"{path}/address", data={"email": FORM["email"]}, follow_redirects=True)
    assert "You are registered" in answer.text
    assert await states() == ["confirmed", "cancelled"]
    assert await reasons() == ["already_registered", "cancelled", "confirmation"]


async def test_sending_the_same_form_twice_makes_one_registration_and_one_letter(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    found = FORM_ID.search((await client.get(f"/events/{slug}/register")).text)
    assert found
    paths = [await answer_of(client, slug, form_id=found[1]) for _ in range(2)]
    assert await reasons() == ["confirmation"]
    await client.post(f"{paths[1]}/cancel")
    assert await states() == ["cancelled"]


async def test_errors_stand_beside_their_fields_and_what_was_typed_is_kept(client: httpx.AsyncClient) -> None:
    answer = await send(client, await make_open(), email="väärä", family_name="", news="1", size="small")
    assert answer.status_code == 422
    assert 'id="error-summary"' in answer.text
    assert 'href="#email"' in answer.text
    assert 'aria-describedby="family_name-error"' in answer.text
    assert 'value="väärä"' in answer.text
    assert 'value="Yritys Oy"' in answer.text
    assert re.search(r'<option selected value="837">', answer.text)
    assert re.search(r"<input[^>]*checked[^>]*name=\"news\"|name=\"news\"[^>]*checked", answer.text)
    assert await states() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"municipality": ""}, "municipality"),
        ({"municipality": "999"}, "municipality"),
        ({"municipality": "abroad"}, "country"),
        ({"municipality": "abroad", "country": "XX"}, "country"),
        ({"business_id": "1234567-8"}, "business_id"),
        ({"given_name": "–"}, "given_name"),
    ],
)
async def test_what_does_not_hold_is_said_at_its_field(
    client: httpx.AsyncClient, changes: dict[str, str], field: str
) -> None:
    answer = await send(client, await make_open(), **changes)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


async def test_one_may_come_from_abroad_and_without_an_organisation(client: httpx.AsyncClient) -> None:
    await answer_of(client, await make_open(), municipality="abroad", country="SE", organisation="")
    row = await database.fetchrow("SELECT municipality, country, organisation FROM registration")
    assert row
    assert tuple(row) == (None, "SE", None)


async def test_changing_the_language_keeps_what_was_typed(client: httpx.AsyncClient) -> None:
    answer = await send(client, await make_open(), email="kesken", _language="sv")
    assert answer.status_code == 200
    assert '<html lang="sv"' in answer.text
    assert 'value="kesken"' in answer.text
    assert "error-summary" not in answer.text


async def test_consents_are_kept_in_the_words_and_language_that_were_shown(client: httpx.AsyncClient) -> None:
    await answer_of(client, await make_open(), news="1")
    row = await database.fetchrow("SELECT kind, text, language FROM consent")
    assert row
    assert tuple(row) == ("news", "You may send me news about SIXNET’s events by e-mail.", "en")


async def test_who_fills_the_hidden_field_is_told_that_nothing_was_sent(client: httpx.AsyncClient) -> None:
    answer = await send(client, await make_open(), leave_empty="https://spam.example")
    assert answer.status_code == 422
    assert "please send once more" in answer.text
    assert "spam.example" not in answer.text
    assert await states() == []
    assert await reasons() == []


async def test_the_public_form_is_limited_and_says_when_to_come_back(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    for number in range(10):
        await answer_of(client, slug, given_name=f"Aino {'x' * number}")
    answer = await send(client, slug, given_name="Eino")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"state": "cancelled"}, "The event has been cancelled."),
        ({"capacity": 0, "waiting_list": "none"}, "The event is full."),
        ({"registration_opens_at": clock.now() + timedelta(days=3)}, "Registration has not opened yet."),
        ({"registration_closes_at": clock.now() - timedelta(days=3)}, "Registration has closed."),
    ],
)
async def test_a_closed_form_says_why(client: httpx.AsyncClient, columns: dict[str, Any], words: str) -> None:
    slug = await make_open(**columns)
    assert words in (await client.get(f"/events/{slug}/register")).text
    answer = await send(client, slug)
    assert answer.status_code == 409
    assert words in answer.text


async def test_drafts_and_unknown_events_have_no_form(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"/events/{await make_open(state='draft')}/register")).status_code == 404
    assert (await client.get("/events/no-such-event/register")).status_code == 404


async def test_the_private_link_shows_changes_and_cancels(client: httpx.AsyncClient) -> None:
    path = await own_path(client, await make_open())
    page = await client.get(path)
    assert "Open the ticket" in page.text
    changed = await client.post(path, data={**FORM, "organisation": "Toinen Oy", "municipality": "049"})
    assert changed.headers["location"] == f"{path}?saved=details"
    row = await database.fetchrow(
        "SELECT organisation.name, registration.municipality FROM registration"
        " JOIN organisation ON organisation.id = registration.organisation"
    )
    assert row
    assert tuple(row) == ("Toinen Oy", "049")
    await client.post(f"{path}/cancel")
    assert await states() == ["cancelled"]
    assert "no longer in force" in (await client.get(path)).text


async def test_a_new_address_brings_a_new_private_link(client: httpx.AsyncClient) -> None:
    path = await own_path(client, await make_open())
    changed = await client.post(path, data={**FORM, "email": "uusi@yritys.example"})
    assert changed.status_code == 200
    assert "Please look into your mail" in changed.text
    (registration,) = await database.fetch("SELECT id FROM registration")
    new = mailed_link(registration["id"], 1)
    assert new[3:29] not in changed.text
    assert (await client.get(new)).status_code == 200
    for dead in (path, path[:29], new[:29] + path[29:]):
        assert (await client.get(dead)).status_code == 404


async def test_errors_on_the_private_page_keep_what_was_typed(client: httpx.AsyncClient) -> None:
    path = await own_path(client, await make_open())
    answer = await client.post(path, data={**FORM, "email": "puuttuu"})
    assert answer.status_code == 422
    assert 'value="puuttuu"' in answer.text


async def test_one_moves_to_another_site(client: httpx.AsyncClient) -> None:
    slug = await make_open(online=True)
    path = await own_path(client, slug)
    site = await database.fetchval("SELECT id FROM site WHERE mode = 'online'")
    await client.post(f"{path}/site", data={"site": str(site)})
    assert await database.fetchval("SELECT site FROM registration") == site
    assert "Join online" in (await client.get(path)).text
    assert (await client.post(f"{path}/site", data={"site": "no-uuid"})).status_code == 404


async def test_consents_are_withdrawn_and_given_and_both_stay_on_record(client: httpx.AsyncClient) -> None:
    path = await own_path(client, await make_open(), news="1")
    await client.post(f"{path}/consents", data={"photos": "1"})
    rows = await database.fetch("SELECT kind, withdrawn_at IS NULL AS holds FROM consent ORDER BY kind")
    assert [tuple(row) for row in rows] == [("news", False), ("photos", True)]


async def test_consents_say_in_which_language_they_were_given(client: httpx.AsyncClient) -> None:
    path = await own_path(client, await make_open(), news="1")
    assert '<label for="news">' in (await client.get(path)).text
    text = (await client.get(f"{path}?lang=sv")).text
    assert '<label for="news" lang="en">You may send me news' in text


async def test_one_takes_everything_along_that_is_held(client: httpx.AsyncClient) -> None:
    path = await own_path(client, await make_open(), news="1")
    held = (await client.get(f"{path}/data.json")).json()
    assert held["person"]["email"] == "aino@yritys.example"
    assert held["registrations"][0]["consents"][0]["kind"] == "news"
    assert held["messages"][0]["reason"] == "confirmation"


async def test_who_asks_to_be_forgotten_is_and_the_count_stays(client: httpx.AsyncClient) -> None:
    path = await own_path(client, await make_open(), news="1")
    assert (await client.post(f"{path}/erase")).status_code == 200
    row = await database.fetchrow("SELECT given_name, email, erased_at FROM person")
    assert row
    assert (row["given_name"], row["email"]) == ("", None)
    assert await states() == ["cancelled"]
    assert (await client.get(path)).status_code == 404
    texts = await database.fetch("SELECT message::text FROM message UNION ALL SELECT receipt::text FROM receipt")
    assert not any("aino" in row[0].lower() for row in texts)


async def test_the_ticket_shows_the_code_and_no_name(client: httpx.AsyncClient) -> None:
    await answer_of(client, await make_open())
    row = await database.fetchrow("SELECT id, ticket_code FROM registration")
    assert row
    path = f"/t/{secrets.derive('ticket', row['id'])}"
    page = await client.get(path)
    assert row["ticket_code"] in page.text
    assert "<svg" in page.text
    assert "Test workshop" in page.text
    for private in ("Aino", "Esimerkki", "aino@", "Yritys", "/r/"):
        assert private not in page.text
    assert "private" in page.headers["cache-control"]


async def test_a_cancelled_ticket_says_that_it_opens_nothing(client: httpx.AsyncClient) -> None:
    path = await answer_of(client, await make_open())
    row = await database.fetchrow("SELECT id FROM registration")
    assert row
    await client.post(f"{path}/cancel")
    page = await client.get(f"/t/{secrets.derive('ticket', row['id'])}")
    assert "does not open the door" in page.text


@pytest.mark.parametrize("path", ["/r/x", "/r/" + "a" * 26, "/t/x", "/t/" + "a" * 26, "/r/%00", "/r/x/cancel"])
async def test_unknown_links_are_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_a_receipt_works_for_a_day(client: httpx.AsyncClient) -> None:
    path = await answer_of(client, await make_open())
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        assert (await client.get(path)).status_code == 404


async def test_no_secret_reaches_the_log(
    client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str], db: asyncpg.Connection
) -> None:
    path = await answer_of(client, await make_open())
    await client.get(path)
    await client.get("/t/" + "b" * 26)
    said = capsys.readouterr()
    assert path.rpartition("/")[2] not in said.out + said.err
    assert "b" * 26 not in said.out + said.err


def entry_of(answer: httpx.Response) -> tuple[str, str, str]:
    """Return UID, status and whether the online link stands in a calendar entry."""
    item = Calendar.from_ical(answer.text).events[0]
    return str(item["uid"]), str(item["status"]), "yes" if "teams.example" in answer.text else "no"


async def test_a_place_has_one_calendar_entry_however_it_comes_into_the_calendar(client: httpx.AsyncClient) -> None:
    slug = await make_open(online=True)
    await database.execute("UPDATE site SET join_url = 'https://teams.example/x' WHERE mode = 'online'")
    online = str(await database.fetchval("SELECT id FROM site WHERE mode = 'online'"))
    receipt = await answer_of(client, slug, site=online)
    registration = await database.fetchval("SELECT id FROM registration")
    own = f"/r/{secrets.derive('manage', registration)}"
    uid = f"{registration}@sixnet"
    assert f'href="{receipt}/calendar.ics"' in (await client.get(receipt)).text
    assert entry_of(await client.get(f"{receipt}/calendar.ics")) == (uid, "CONFIRMED", "no")
    assert entry_of(await client.get(f"{own}/calendar.ics")) == (uid, "CONFIRMED", "yes")
    again = await answer_of(client, slug, site=online)
    assert entry_of(await client.get(f"{again}/calendar.ics"))[0] != uid, "a stranger learns nothing of the first"
    await client.post(f"{own}/cancel")
    assert entry_of(await client.get(f"{own}/calendar.ics")) == (uid, "CANCELLED", "no")


async def test_who_registers_as_a_sole_trader_is_suggested_to_nobody(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    await answer_of(client, slug, organisation="Tmi Kello ja Kulta", email="a@kello.example")
    await answer_of(client, slug, organisation="Esimerkki Eino", given_name="Eino", email="b@eino.example")
    await answer_of(client, slug, organisation="Kelloseppien Oy", given_name="Elsa", email="c@sepat.example")
    found = [
        one["name"]
        for words in ("kello", "esimerkki", "eino")
        for one in (await client.get("/organisations/suggest", params={"q": words})).json()["items"]
    ]
    assert found == ["Kelloseppien Oy"]


async def test_erasing_takes_the_receipts_along_of_who_tried_again_too(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    own = await own_path(client, slug)
    await answer_of(client, slug)
    await answer_of(client, slug, given_name="Eino", email="eino@yritys.example")
    assert (await client.post(f"{own}/erase")).status_code == 200
    assert await database.fetchval("SELECT count(*) FROM receipt") == 1


async def test_a_consent_is_asked_and_kept_in_the_language_in_which_the_page_is_read(client: httpx.AsyncClient) -> None:
    path = await own_path(client, await make_open())
    page = (await client.get(path, params={"lang": "sv"})).text
    client.cookies.clear()
    asked = re.search(r'for="photos">([^<]*)<', page)
    assert asked
    await client.post(f"{path}/consents", data={"photos": "1", "read_in": "sv"})
    kept = await database.fetchrow("SELECT text, language FROM consent WHERE kind = 'photos'")
    assert kept
    assert (kept["text"], kept["language"]) == (asked[1], "sv")
    assert 'for="photos" lang="sv"' in (await client.get(path)).text, "as it was given"
    await client.post(f"{path}/consents", data={"photos": "1", "news": "1", "read_in": "<x>"})
    assert await database.fetchval("SELECT language FROM consent WHERE kind = 'news'") == "en"


async def test_who_waits_is_promised_no_ticket(client: httpx.AsyncClient) -> None:
    waiting, placed = await make_open(capacity=0), await make_open()
    page = (await client.get(await answer_of(client, waiting))).text
    assert "A message with your private link has been sent to" in page
    assert "ticket" not in page
    assert "The confirmation with your ticket" in (await client.get(await answer_of(client, placed))).text
    changed = await client.post(
        await own_path(client, waiting, email="b@yritys.example"), data={**FORM, "email": "new@yritys.example"}
    )
    assert "Your new link is on its way to new@yritys.example" in changed.text
    assert "new ticket" not in changed.text


async def test_a_broken_private_link_says_how_to_get_another(client: httpx.AsyncClient) -> None:
    answer = await client.get("/r/cut-off")
    assert answer.status_code == 404
    assert "You can have it sent again from the page of the event." in answer.text
    assert "sent again" not in (await client.get("/events/not-there")).text
