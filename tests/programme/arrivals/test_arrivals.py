"""Arrival cards: written by staff, shown to those with a place; and what a new link to the meeting brings about."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient
from msgspec import structs

from events.core import clock, secrets
from events.core.actor import SYSTEM
from events.core.database import execute, fetch, fetchval
from events.programme import queries
from events.programme.actions import EventChanges, NewSite, edit_event
from events.programme.arrivals.actions import COLUMNS
from tests.factories import NOW, make_event, make_registration, make_staff, sign_in

CARD = {"host": "Kehitysyhtiö", "phone": "+358 00 000 000", "entrance_fi": "Pihan puolelta\novi B", "door": "Ovi B"}


async def site_of(event: UUID, mode: str = "venue") -> UUID:
    site: UUID = await fetchval("SELECT id FROM site WHERE event = $1 AND mode = $2", event, mode)
    return site


async def write(event: UUID, **texts: str) -> UUID:
    site = await site_of(event)
    names = ", ".join(texts)
    places = ", ".join(f"${number}" for number in range(2, len(texts) + 2))
    await execute(
        f"INSERT INTO arrival (id, site, {names}) VALUES (gen_random_uuid(), $1, {places})", site, *texts.values()
    )
    return site


async def test_staff_write_a_card_and_write_it_anew(client: AsyncClient) -> None:
    event = await make_event(slug="paja")
    await sign_in(client, await make_staff("admin"))
    path = f"/staff/events/paja/sites/{await site_of(event)}/arrival"
    with clock.at(NOW):
        assert (await client.post(path, data=CARD)).status_code == 303
        assert (await client.post(path, data={**CARD, "host": "Toinen"})).status_code == 303
        shown = (await client.get(path)).text
        assert 'value="Toinen"' in shown
        assert "door=Ovi+B" in (await client.get("/staff/events/paja")).text
        refused = await client.post(path, data={**CARD, "map_url": "javascript:alert(1)", "parking_fi": "x" * 601})
    assert refused.status_code == 422
    assert "beginning with https://" in refused.text
    assert "Pihan puolelta" in refused.text
    assert await fetchval("SELECT count(*) FROM arrival") == 1


async def test_a_card_belongs_to_a_site_of_that_event(client: AsyncClient) -> None:
    await make_event(slug="paja")
    other = await site_of(await make_event())
    await sign_in(client, await make_staff("admin"))
    with clock.at(NOW):
        assert (await client.get(f"/staff/events/paja/sites/{other}/arrival")).status_code == 404
        assert (await client.post(f"/staff/events/paja/sites/{other}/arrival", data=CARD)).status_code == 404


@pytest.mark.parametrize(
    ("columns", "link"),
    [
        ({"address": "Yliopistonkatu 55"}, "https://www.openstreetmap.org/search?query=Yliopistonkatu+55%2C+Tampere"),
        ({"address": "Yliopistonkatu 55", "map_url": "https://kartta.example/1"}, "https://kartta.example/1"),
        ({}, ""),
    ],
)
async def test_the_map_is_that_of_the_address_unless_one_is_given(
    db: asyncpg.Connection, columns: dict[str, str], link: str
) -> None:
    event = await make_event()
    await execute("UPDATE site SET address = $1", columns.get("address", ""))
    site = await write(event, map_url=columns.get("map_url", ""))
    assert (await queries.arrivals(event))[site].map_link == link


async def test_ticket_and_own_page_show_the_card_to_those_with_a_place(client: AsyncClient) -> None:
    event = await make_event(slug="paja")
    await write(event, **CARD)
    for state, shows in (("confirmed", True), ("waitlisted", False)):
        registration = await make_registration(event, state=state)
        with clock.at(NOW):
            ticket = (await client.get(f"/t/{secrets.derive('ticket', registration)}")).text
            own = (await client.get(f"/r/{secrets.derive('manage', registration)}")).text
        assert ["+358 00 000 000" in ticket, "ovi B" in ticket, "ovi B" in own] == [shows] * 3
    with clock.at(NOW):
        public = (await client.get("/events/paja")).text
    assert "Kehitysyhtiö" in public
    assert "+358 00 000 000" not in public


@pytest.mark.parametrize("card", [CARD, {"map_url": "https://kartta.example/1"}])
async def test_what_only_a_screen_can_do_is_not_on_the_printed_ticket(
    client: AsyncClient, card: dict[str, str]
) -> None:
    event = await make_event(slug="paja")
    await execute("UPDATE site SET address = 'Yliopistonkatu 55'")
    await write(event, **card)
    registration = await make_registration(event)
    with clock.at(NOW):
        ticket = (await client.get(f"/t/{secrets.derive('ticket', registration)}")).text
    assert '<dd class="no-print"><a href="https://' in ticket
    assert '<p class="muted no-print">' in ticket
    bare = card is not CARD
    assert ('<section class="arrival no-print"' in ticket, '<section class="arrival"' in ticket) == (bare, not bare)


async def change_link(event: UUID, url: str, **more: Any) -> int:
    view = await queries.by_id(event)
    assert view is not None
    names = ("id", "mode", "name", "address", "municipality", "join_url", "capacity")
    sites = [NewSite(**{name: getattr(site, name) for name in names}) for site in view.sites]
    sites = [structs.replace(site, join_url=url) if site.mode == "online" else site for site in sites]
    return (await edit_event(event, EventChanges(sites=sites, **more), actor=SYSTEM, now=NOW)).told


async def test_a_new_link_is_told_once_and_only_to_those_confirmed_there(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    online = await site_of(event, "online")
    there = await make_registration(event, site=online)
    for state in ("waitlisted", "awaiting_approval"):
        await make_registration(event, site=online, state=state)
    await make_registration(event)
    assert await change_link(event, "https://meet.example/2") == 1
    for _again in range(3):
        assert await change_link(event, "https://meet.example/2") == 0
    assert await change_link(event, "https://meet.example/3") == 1
    told = await fetch("SELECT subject_id, reason, occurrence FROM message ORDER BY occurrence")
    assert [tuple(row) for row in told] == [
        (there, "event_changed", "1:link"),
        (there, "event_changed", "2:link"),
    ]


async def test_of_a_link_that_is_taken_away_nobody_is_told(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    await make_registration(event, site=await site_of(event, "online"))
    assert await change_link(event, "") == 0
    assert await change_link(event, "https://meet.example/2") == 1


async def test_what_staff_call_an_online_site_is_told_to_nobody(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    await make_registration(event, site=await site_of(event, "online"))
    view = await queries.by_id(event)
    assert view is not None
    names = ("id", "mode", "name", "address", "municipality", "join_url", "capacity")
    sites = [NewSite(**{name: getattr(site, name) for name in names}) for site in view.sites]
    named = [structs.replace(site, name="Teams") if site.mode == "online" else site for site in sites]
    edited = await edit_event(event, EventChanges(sites=named), actor=SYSTEM, now=NOW)
    assert (edited.changed, edited.told) == (["sites"], 0)


async def test_the_form_says_for_each_site_whom_a_change_reaches(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    event = await make_event(slug="paja", online=True)
    for state in ("confirmed", "waitlisted", "waitlisted"):
        await make_registration(event, site=await site_of(event, "online"), state=state)
    for state in ("confirmed", "waitlisted"):
        await make_registration(event, state=state)
    with clock.at(NOW):
        form = (await client.get("/staff/events/paja/edit/sites")).text
        times = (await client.get("/staff/events/paja/edit/times")).text
    assert "Tampere-talo: if you change the place, 2 people are written to." in form
    assert "Online: if you change the link, 1 person is written to." in form
    assert "If you change the time, the 5 people who have registered are written to." in times


async def test_a_link_that_changes_with_the_time_is_told_with_it(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    await make_registration(event, site=await site_of(event, "online"))
    view = await queries.by_id(event)
    assert view is not None
    assert await change_link(event, "https://meet.example/2", starts_at=view.starts_at.replace(minute=30)) == 1
    assert await fetchval("SELECT occurrence FROM message") == "1"


async def test_joining_leads_to_the_meeting_and_is_no_attendance(client: AsyncClient) -> None:
    event = await make_event(online=True)
    registration = await make_registration(event, site=await site_of(event, "online"))
    path = f"/r/{secrets.derive('manage', registration)}"
    with clock.at(NOW):
        page = await client.get(path)
        assert f'action="{path}/join"' in page.text
        assert "form-action 'self' https: http:;" in page.headers["content-security-policy"]
        answer = await client.post(f"{path}/join")
    assert (answer.status_code, answer.headers["location"]) == (303, "https://meet.example/1")
    assert await fetchval("SELECT join_pressed_at FROM registration") == NOW
    assert await fetchval("SELECT count(*) FROM attendance") == 0


@pytest.mark.parametrize("state", ["waitlisted", "awaiting_approval", "cancelled"])
async def test_who_has_no_place_does_not_learn_the_link(client: AsyncClient, state: str) -> None:
    event = await make_event(online=True)
    registration = await make_registration(event, site=await site_of(event, "online"), state=state)
    path = f"/r/{secrets.derive('manage', registration)}"
    with clock.at(NOW):
        page = await client.get(path)
        assert "meet.example" not in page.text
        assert "meet.example" not in page.headers["content-security-policy"]
        assert (await client.post(f"{path}/join")).status_code == 404
    assert await fetchval("SELECT join_pressed_at FROM registration") is None


async def test_an_odd_link_loosens_no_rule_of_the_page(client: AsyncClient) -> None:
    event = await make_event(online=True)
    await execute("UPDATE site SET join_url = 'https://meet.example; script-src *' WHERE mode = 'online'")
    registration = await make_registration(event, site=await site_of(event, "online"))
    with clock.at(NOW):
        page = await client.get(f"/r/{secrets.derive('manage', registration)}")
    assert "script-src *" not in page.headers["content-security-policy"]


async def test_a_page_without_a_link_sends_its_forms_to_this_service_alone(client: AsyncClient) -> None:
    registration = await make_registration(await make_event(online=True))
    with clock.at(NOW):
        page = await client.get(f"/r/{secrets.derive('manage', registration)}")
    assert "form-action 'self';" in page.headers["content-security-policy"]


def test_the_form_has_every_text_of_the_card() -> None:
    assert len(COLUMNS) == len(set(COLUMNS)) == 16
