"""Items of the agenda on the public form, and what the pages and letters after it say of them."""

import re
from typing import Any
from uuid import UUID

import httpx
import pytest

from events.core import clock, database
from events.letters import COMPOSERS
from events.messaging.delivery import claim, compose
from tests.factories import make_staff, sign_in
from tests.registration.items.test_signing_up import COUNTED, workshop
from tests.registration.public.test_colleagues import BERT, alike
from tests.registration.public.test_pages import FORM, answer_of, make_open, own_path, send, states
from tests.registration.questions.making import make_question

LATER = "You choose by your private link once you have your place."


async def event_of(slug: str) -> UUID:
    return UUID(str(await database.fetchval("SELECT id FROM event WHERE slug = $1", slug)))


async def site_of(event: UUID, mode: str) -> UUID:
    return UUID(str(await database.fetchval("SELECT id FROM site WHERE event = $1 AND mode = $2", event, mode)))


async def form_of(client: httpx.AsyncClient, slug: str) -> str:
    return (await client.get(f"/events/{slug}/register")).text


def box(page: str, item: UUID) -> str:
    """The check box of an item."""
    found = re.search(rf'<input[^>]*name="items"[^>]*value="{item}"[^>]*>', page)
    assert found, item
    return found[0]


async def test_the_form_offers_items_with_hours_room_and_places_left(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    event = await event_of(slug)
    await workshop(event, "<Left>", room="Sali", capacity=2)
    await workshop(event, "", at=60, capacity=None, title_fi="Oikea")
    page = await form_of(client, slug)
    assert "12:00–12:30, &lt;Left&gt;, Sali, 2 places left" in page
    assert '13:00–13:30, <span lang="fi">Oikea</span></label>' in page
    assert "data-condition" not in page, "with one site there is nothing to say of where"
    path = await answer_of(client, slug, items=str(await database.fetchval("SELECT id FROM agenda_item LIMIT 1")))
    assert "You have signed up for" in (await client.get(path)).text


async def test_on_several_days_the_day_stands_beside_the_hours(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    event = await event_of(slug)
    await workshop(event, "First")
    await workshop(event, "Second", at=24 * 60)
    assert re.search(r"1 Oct\w* 2026[^<]*12:00–12:30, First", await form_of(client, slug))


async def test_each_item_says_where_it_takes_place_and_the_server_checks(client: httpx.AsyncClient) -> None:
    slug = await make_open(online=True)
    event = await event_of(slug)
    venue, online = await site_of(event, "venue"), await site_of(event, "online")
    here, there = await workshop(event, "Here", site=venue), await workshop(event, "There", site=online, at=60)
    page = await form_of(client, slug)
    assert f'<fieldset role="presentation" class="choice" data-shown-at="{venue}">' in page
    assert f'class="field choices" data-shown-at="{venue} {online}"' in page
    assert '<span class="muted" data-condition>(Online)</span>' in page
    await workshop(event, "Both", at=120)
    assert '<span class="muted" data-condition>(Everywhere)</span>' in await form_of(client, slug)
    refused = await send(client, slug, site=str(online), items=str(here), given_name="Aino Maria")
    assert refused.status_code == 422
    assert "Here takes place elsewhere." in refused.text
    assert 'href="#items-0"' in refused.text
    assert "checked" in box(refused.text, here), "what was ticked stays ticked"
    assert 'value="Aino Maria"' in refused.text
    assert await states() == []
    await answer_of(client, slug, site=str(online), items=str(there))
    assert await states() == ["confirmed"]


async def test_items_at_the_same_time_are_refused_with_all_other_errors(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    event = await event_of(slug)
    items = [await workshop(event, "Left"), await workshop(event, "Right", at=15)]
    await make_question(event, "why", required=True)
    refused = await client.post(
        f"/events/{slug}/register", data={**FORM, "family_name": "", "items": [str(item) for item in items]}
    )
    assert refused.status_code == 422
    for words in ("Left and Right are at the same time", "Answer this question.", "Write the family name."):
        assert words in refused.text
    assert all("checked" in box(refused.text, item) for item in items)


async def test_a_full_item_cannot_be_chosen(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    event = await event_of(slug)
    full, free = await workshop(event, "Left", capacity=1), await workshop(event, "Right", at=60, capacity=2)
    await answer_of(client, slug, items=str(full))
    page = await form_of(client, slug)
    assert "Left, full" in page
    assert "disabled" in box(page, full)
    both = {"items": [str(full), str(free)], "email": "b@yritys.example", "given_name": "Bo"}
    refused = await client.post(f"/events/{slug}/register", data={**FORM, **both})
    assert (refused.status_code, "This is full: Left. Choose another." in refused.text) == (422, True)
    assert "checked" not in box(refused.text, full), "a browser would not send it: the page does not pretend"
    assert "checked" in box(refused.text, free)
    assert 'value="Bo"' in refused.text
    assert await states() == ["confirmed"]
    assert await database.fetchval(COUNTED) == 0


async def test_a_full_item_among_others_at_the_same_time_is_said_too(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    event = await event_of(slug)
    items = [await workshop(event, "Left", capacity=0), await workshop(event, "Right", at=15)]
    refused = await client.post(f"/events/{slug}/register", data={**FORM, "items": [str(item) for item in items]})
    assert "Left and Right are at the same time: choose one of them. This is full: Left." in refused.text


async def test_what_got_full_while_something_else_was_wrong_is_said(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    full = await workshop(await event_of(slug), "Left", capacity=1)
    await answer_of(client, slug, items=str(full))
    refused = await send(client, slug, items=str(full), email="b")
    assert "This is full: Left. Choose another." in refused.text


@pytest.mark.parametrize("value", ["", "x", "99", "\u202e", "00000000-0000-0000-0000-000000000000"])
@pytest.mark.parametrize("offered", [True, False])
async def test_nonsense_is_refused_beside_the_field(client: httpx.AsyncClient, value: str, offered: bool) -> None:
    slug = await make_open()
    if offered:
        await workshop(await event_of(slug))
    refused = await send(client, slug, items=value)
    assert (refused.status_code, "One cannot sign up for that here." in refused.text) == (422, True)


async def test_a_form_that_is_sent_twice_takes_the_last_place_once(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    last = await workshop(await event_of(slug), capacity=1)
    first, again = [await client.get(await answer_of(client, slug, items=str(last), form_id="ab" * 16)) for _ in "12"]
    assert alike(first.text, slug) == alike(again.text, slug)
    assert await states() == ["confirmed"]


@pytest.mark.parametrize("full", [True, False])
async def test_a_stranger_sees_the_same_whether_or_not_someone_is_registered(
    client: httpx.AsyncClient, full: bool
) -> None:
    known, new = await make_open(), await make_open()
    await answer_of(client, known)
    seen = []
    for slug in (known, new):
        item = await workshop(await event_of(slug), "Left", capacity=0 if full else 5)
        sent = await send(client, slug, items=str(item))
        assert sent.status_code == (422 if full else 303)
        if full:
            seen.append(re.sub('value="[0-9a-f-]{32,36}"', "", alike(sent.text, slug)))
        else:
            path = sent.headers["location"]
            entry = (await client.get(f"{path}/calendar.ics")).text
            assert "Left ✓" in entry.replace("\r\n ", "")
            seen.append(alike((await client.get(path)).text, slug))
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [({"capacity": 0}, "waiting"), ({"needs_approval": True}, "waiting"), ({"address_hours": 3}, "confirm_address")],
)
async def test_where_nobody_has_a_place_at_once_items_are_chosen_later_and_all_say_so(
    client: httpx.AsyncClient, columns: dict[str, Any], reason: str
) -> None:
    slug = await make_open(**columns)
    item = await workshop(await event_of(slug))
    page = await form_of(client, slug)
    assert 'name="items"' not in page
    assert "You choose once you have your place." in page
    path = await answer_of(client, slug, items=str(item))
    answered = (await client.get(path)).text
    assert LATER in answered
    assert "You have signed up for" not in answered
    (letter,) = [await compose(each.owed, COMPOSERS) for each in await claim(clock.now()) if each.owed.reason == reason]
    assert letter
    assert LATER in letter.text
    assert LATER in letter.html
    assert "✓" not in (await client.get(f"{path}/calendar.ics")).text
    assert await database.fetchval("SELECT count(*) FROM registration_item") == 0


async def test_who_got_no_place_though_others_did_is_not_told_of_items_after_a_place_came(
    client: httpx.AsyncClient,
) -> None:
    client.cookies.set("language", "en")
    slug = await make_open(capacity=0, online=True)
    event = await event_of(slug)
    item = await workshop(event)
    assert "If you have to wait for a place, you choose this when you get one." in await form_of(client, slug)
    path = await answer_of(client, slug, site=str(await site_of(event, "venue")), items=str(item))
    assert LATER in (await client.get(path)).text
    await database.execute("UPDATE site SET capacity = 1, taken = 1, waiting = 0 WHERE mode = 'venue'")
    await database.execute("UPDATE registration SET state = 'confirmed'")
    assert "You have signed up for" not in (await client.get(path)).text


async def test_colleagues_choose_by_their_own_links_and_the_form_says_so(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    item = await workshop(await event_of(slug))
    sent = {**FORM, **BERT, "items": str(item)}
    page = (await client.post(f"/events/{slug}/register", data={**sent, "add_colleague": "1"})).text
    assert "Each of them chooses by that link what to sign up for within the event." in page
    assert "checked" in box(page, item)
    assert (await client.post(f"/events/{slug}/register", data=sent)).status_code == 303
    assert await states() == ["confirmed", "confirmed"]
    rows = await database.fetch(
        "SELECT number FROM registration_item JOIN registration ON registration.id = registration"
    )
    assert [row["number"] for row in rows] == [1]


async def test_a_full_item_keeps_colleagues_from_being_registered_too(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    item = await workshop(await event_of(slug), "Left", capacity=0)
    refused = await send(client, slug, **BERT, items=str(item))
    assert (refused.status_code, "This is full: Left." in refused.text) == (422, True)
    assert 'value="Bert"' in refused.text
    assert await states() == []


async def test_a_mended_address_keeps_the_items(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    item = await workshop(await event_of(slug), "Left")
    await answer_of(client, slug)
    for email in (FORM["email"], "toinen@yritys.example"):  # of someone registered before, of someone new
        path = await answer_of(client, slug, items=str(item), email=email)
        await client.post(f"{path}/address", data={"email": f"oikea.{email}"})
        assert "Left" in (await client.get(path)).text
    rows = await database.fetch(
        "SELECT email FROM registration_item JOIN registration ON registration.id = registration"
        " JOIN person ON person.id = person ORDER BY email"
    )
    assert [row["email"] for row in rows] == ["oikea.aino@yritys.example", "oikea.toinen@yritys.example"]
    assert await database.fetchval(COUNTED) == 0


async def test_a_mended_address_keeps_the_registration_when_an_item_got_full(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    item = await workshop(await event_of(slug), "Left", capacity=1)
    await answer_of(client, slug)
    path = await answer_of(client, slug, items=str(item))
    await answer_of(client, slug, items=str(item), email="nopea@yritys.example")
    sent = await client.post(f"{path}/address", data={"email": "oikea@yritys.example"})
    assert sent.status_code == 303
    assert "Left" not in (await client.get(path)).text
    assert await states() == ["confirmed"] * 3


async def test_the_preview_of_the_form_shows_the_items(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    await workshop(await event_of(slug), title_fi="Paja")
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    page = (await client.get(f"/staff/events/{slug}/preview/form?language=fi")).text
    assert "Paja, 5 paikkaa vapaana" in page


async def test_the_private_page_shows_what_was_chosen_with_the_registration(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    item = await workshop(await event_of(slug), "Left")
    path = await own_path(client, slug, items=str(item))
    assert "checked" in box((await client.get(path)).text, item)
