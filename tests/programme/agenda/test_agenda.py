"""The agenda: written by staff, pointed at where it is odd, read by the hour, moving with its event."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient
from icalendar import Calendar

from events.core import clock, secrets
from events.core.actor import SYSTEM
from events.core.database import fetch, fetchrow, fetchval
from events.core.i18n import in_language
from events.programme import queries
from events.programme.actions import EventChanges, copy_event, edit_event
from events.programme.agenda import rules as agenda_rules
from events.programme.agenda.actions import move_item
from tests.factories import NOW, insert, make_event, make_registration, make_staff, sign_in

START = NOW + timedelta(days=30)
"""Noon in Finland on 1 October 2026, when the event begins."""


async def make_item(event: UUID, title: str = "Talk", *, at: int = 0, minutes: int = 30, **columns: Any) -> UUID:
    """Insert an item that begins so many minutes after the event does."""
    begun = START + timedelta(minutes=at)
    times = {"starts_at": begun, "ends_at": begun + timedelta(minutes=minutes)}
    return await insert("agenda_item", event=event, title_en=title, **{**times, **columns})


async def said(event: UUID) -> list[str]:
    view = await queries.by_id(event)
    assert view is not None
    with in_language("en"):
        return agenda_rules.warnings(await queries.agenda(event), view.starts_at, view.ends_at)


async def test_two_items_in_one_room_at_the_same_time_are_pointed_out(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_item(event, "One", room="Sali", minutes=60)
    await make_item(event, "Two", room="sali", at=30)
    await make_item(event, "Elsewhere", room="Aula", at=30)
    await make_item(event, "After", room="Sali", at=60)
    assert await said(event) == ["One and Two are in the same room at the same time."]


async def test_a_room_of_an_item_at_every_site_is_also_the_room_at_one_of_them(db: asyncpg.Connection) -> None:
    event = await make_event()
    other = await insert("site", event=event, mode="venue", name="Kehräämö", position=1)
    first = await fetchval("SELECT id FROM site WHERE event = $1 AND position = 0", event)
    await make_item(event, "Here", room="Aula", site=first)
    await make_item(event, "There", room="Aula", site=other)
    assert await said(event) == [], "two sites have two rooms of a name"
    await make_item(event, "Everywhere", at=10, minutes=10, room="Aula")
    assert sorted(await said(event)) == [
        "Here and Everywhere are in the same room at the same time.",
        "There and Everywhere are in the same room at the same time.",
    ]


async def test_what_lies_outside_or_has_no_limit_is_pointed_out(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_item(event, "Before", at=-30)
    await make_item(event, "Over", at=350)
    await make_item(event, "Open", sign_up=True)
    assert await said(event) == [
        "Before lies outside the time of the event.",
        "Over lies outside the time of the event.",
        "Open is signed up for, without a limit of places.",
    ]


async def order(event: UUID) -> list[tuple[str, str, str]]:
    return [
        (item.title[0], f"{item.starts_at - START}", f"{item.ends_at - item.starts_at}")
        for item in await queries.agenda(event)
    ]


async def test_items_change_places_and_keep_their_length(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_item(event, "First", minutes=30)
    second = await make_item(event, "Second", at=40, minutes=60)
    await make_item(event, "Other room", at=30, room="Aula")
    assert await move_item(event, second, earlier=True, actor=SYSTEM, now=NOW)
    assert [row for row in await order(event) if row[0] != "Other room"] == [
        ("Second", "0:00:00", "1:00:00"),
        ("First", "1:10:00", "0:30:00"),
    ]
    assert not await move_item(event, second, earlier=True, actor=SYSTEM, now=NOW)
    assert await move_item(event, second, earlier=False, actor=SYSTEM, now=NOW)
    assert ("Second", "0:40:00", "1:00:00") in await order(event)


async def test_the_agenda_moves_with_its_event_by_the_clock_on_the_wall(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_item(event, at=60)
    winter = datetime.fromisoformat("2026-11-02T10:00:00+00:00")
    await edit_event(event, EventChanges(starts_at=winter, ends_at=winter + timedelta(hours=6)), actor=SYSTEM, now=NOW)
    (item,) = await queries.agenda(event)
    assert item.starts_at == winter + timedelta(hours=1)
    copied = await copy_event(event, START, actor=SYSTEM, now=NOW)
    (item,) = await queries.agenda(copied.id)
    assert item.starts_at == START + timedelta(hours=1)


ANSWERS = {"title_en": "Talk", "kind": "talk", "day": "2026-10-01", "starts": "12.00", "ends": "12.45", "room": "Sali"}


async def test_staff_add_change_move_and_delete_items(client: AsyncClient) -> None:
    await make_event(slug="paja")
    await sign_in(client, await make_staff("admin"))
    with clock.at(NOW):
        assert (await client.get("/staff/events/paja/agenda/new")).status_code == 200
        assert (await client.post("/staff/events/paja/agenda/new", data=ANSWERS)).status_code == 303
        item = await fetchval("SELECT id FROM agenda_item")
        path = f"/staff/events/paja/agenda/{item}"
        changed = {**ANSWERS, "ends": "13.00", "speakers": "Aino Esimerkki, Yritys\n\n Bo, Företag"}
        assert (await client.post(path, data=changed)).status_code == 303
        assert "Aino Esimerkki, Yritys" in (await client.get(path)).text
        stuck = await client.post(f"{path}/later")
        assert stuck.headers["location"] == "/staff/events/paja/agenda?stuck=1"
        assert "Nothing was moved" in (await client.get(stuck.headers["location"])).text
        listed = (await client.get("/staff/events/paja/agenda")).text
        row = await fetchrow("SELECT starts_at, ends_at, speakers FROM agenda_item")
        assert (await client.post(f"{path}/delete")).status_code == 303
        assert (await client.get(path)).status_code == 404
    assert row is not None
    assert (row["ends_at"] - row["starts_at"], row["speakers"]) == (
        timedelta(hours=1),
        "Aino Esimerkki, Yritys\nBo, Företag",
    )
    assert f'id="item-{item}"' in listed
    assert [row["action"] for row in await fetch("SELECT action FROM audit ORDER BY at, id")].count(
        "agenda.changed"
    ) == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"title_en": ""}, "Give the item a title."),
        ({"ends": "11.00"}, "The item must end after it starts."),
        ({"starts": "25.00"}, "There is no such time."),
        ({"day": ""}, "Give a date."),
        ({"site": "00000000-0000-4000-8000-000000000000"}, "Not a valid choice"),
        ({"kind": "party"}, "Not a valid choice"),
    ],
)
async def test_what_does_not_hold_is_said_beside_its_field(
    client: AsyncClient, wrong: dict[str, str], message: str
) -> None:
    await make_event(slug="paja")
    await sign_in(client, await make_staff("admin"))
    with clock.at(NOW):
        answer = await client.post("/staff/events/paja/agenda/new", data={**ANSWERS, **wrong})
    assert answer.status_code == 422
    assert message in answer.text
    assert 'value="Sali"' in answer.text
    assert await fetchval("SELECT count(*) FROM agenda_item") == 0


async def test_the_agenda_is_read_on_page_ticket_and_in_the_calendar(client: AsyncClient) -> None:
    client.cookies.set("language", "en")
    event = await make_event(slug="paja", online=True)
    online = await fetchval("SELECT id FROM site WHERE mode = 'online'")
    await make_item(event, "Welcome", room="Sali")
    await make_item(event, "Only online", at=30, site=online)
    registration = await make_registration(event)
    with clock.at(NOW):
        public = (await client.get("/events/paja")).text
        ticket = (await client.get(f"/t/{secrets.derive('ticket', registration)}")).text
        own = (await client.get(f"/r/{secrets.derive('manage', registration)}/calendar.ics")).content
        feed = (await client.get("/events/paja/calendar.ics")).content
    assert "Welcome" in public
    assert "Only online" in public
    assert "12:00–12:30 Welcome (Sali)" in ticket
    assert "Only online" not in ticket
    described = [str(Calendar.from_ical(each).events[0]["description"]) for each in (own, feed)]
    assert all("12:00–12:30 Welcome (Sali)" in each for each in described)
    assert ["Only online" in each for each in described] == [False, True]


async def test_a_material_of_an_item_stands_beside_it(client: AsyncClient) -> None:
    event = await make_event(slug="paja")
    item = await make_item(event)
    await insert("material", event=event, item=item, url="https://kalvot.example/", title_en="Slides")
    with clock.at(NOW):
        assert (await client.get("/events/paja")).text.count('href="https://kalvot.example/"') == 2


async def test_an_item_in_an_hour_that_the_clocks_skip_stays_as_long_as_it_was(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_item(event, at=60, minutes=45)
    night = datetime(2027, 3, 28, 0, tzinfo=UTC)
    changes = EventChanges(starts_at=night, ends_at=night + timedelta(hours=6))
    await edit_event(event, changes, actor=SYSTEM, now=NOW)
    (item,) = await queries.agenda(event)
    assert (item.starts_at, item.ends_at) == (night + timedelta(hours=1), night + timedelta(hours=1, minutes=45))
