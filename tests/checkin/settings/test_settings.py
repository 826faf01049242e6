"""What is chosen for an event's doors, and the presence that follows from exits."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from events.checkin import actions, presence
from events.checkin.settings import queries
from events.checkin.settings.actions import choose, renew_poster
from events.checkin.settings.queries import Chosen
from events.checkin.settings.tables import Poster
from events.checkin.tables import AttendanceState, ScanType
from events.core import clock, database
from events.core.actor import SYSTEM, Actor, ActorKind, Grant
from events.core.errors import NotFound
from events.programme.actions import copy_event
from tests.checkin.doors import scanned, slug_of, ticket
from tests.factories import NOW, make_event, make_registration, make_staff, sign_in
from tests.programme.counterparts.making import series_with_agenda

AFTER = NOW + timedelta(days=1)
OUT = ScanType.EXIT


async def make_running(**more: Any) -> UUID:
    return await make_event(starts_at=NOW, ends_at=NOW + timedelta(minutes=120), **more)


async def read(registration: UUID, event: UUID, minute: int, kind: ScanType = ScanType.ENTRY) -> None:
    scan = scanned(ticket(registration), await slug_of(event), minute, type=kind)
    await actions.redeem(scan, actor=SYSTEM, now=NOW + timedelta(minutes=minute))


async def frozen(event: UUID) -> dict[UUID, int]:
    await actions.reconcile(event, actor=SYSTEM, now=AFTER)
    rows = await database.fetch("SELECT registration, minutes FROM participation WHERE event = $1", event)
    return {row["registration"]: row["minutes"] for row in rows}


async def test_where_exits_are_read_presence_counts(db: asyncpg.Connection) -> None:
    event = await make_running()
    await choose(event, exits=True, poster=Poster.NONE, actor=SYSTEM, now=NOW)
    left, stayed, marked, online = [await make_registration(event) for _each in range(4)]
    for registration in (left, stayed, online):
        await read(registration, event, 10)
    await read(left, event, 40, OUT)
    await read(online, event, 20, OUT)
    await actions.mark([marked], AttendanceState.ATTENDED, actor=SYSTEM, now=AFTER)
    await database.execute("UPDATE attendance SET minutes = 90 WHERE registration = $1", online)
    assert await presence.minutes(event) == {left: 30, stayed: 110, online: 10}
    assert await frozen(event) == {left: 30, stayed: 110, marked: 120, online: 90}


async def test_whom_no_door_saw_is_measured_by_none(db: asyncpg.Connection) -> None:
    event = await make_running()
    await choose(event, exits=True, poster=Poster.NONE, actor=SYSTEM, now=NOW)
    undone, waved_through = await make_registration(event), await make_registration(event)
    await read(undone, event, 10)
    await read(undone, event, 11, ScanType.UNDO)
    await read(waved_through, event, 50, OUT)
    await actions.mark([undone, waved_through], AttendanceState.ATTENDED, actor=SYSTEM, now=AFTER)
    assert await presence.minutes(event) == {waved_through: 50}
    assert await frozen(event) == {undone: 120, waved_through: 50}


async def test_where_exits_are_not_read_everybody_was_there_all_along(db: asyncpg.Connection) -> None:
    event = await make_running()
    registration = await make_registration(event)
    await read(registration, event, 10)
    await read(registration, event, 40, OUT)
    assert await presence.minutes(event) == {}
    assert await frozen(event) == {registration: 120}


async def test_only_who_may_let_people_work_at_the_doors_chooses(db: asyncpg.Connection) -> None:
    event = await make_running()
    door = Actor(ActorKind.STAFF, event, grants=(Grant("door"),))
    with pytest.raises(NotFound):
        await choose(event, exits=True, poster=Poster.FIXED, actor=door, now=NOW)
    with pytest.raises(NotFound):
        await renew_poster(event, actor=door, now=NOW)
    assert await queries.chosen(event) == Chosen()
    for _again in range(2):
        await choose(event, exits=True, poster=Poster.FIXED, actor=SYSTEM, now=NOW)
    await renew_poster(event, actor=SYSTEM, now=NOW)
    assert await queries.chosen(event) == Chosen(exits=True, poster=Poster.FIXED, poster_generation=1)
    assert await database.fetchval("SELECT count(*) FROM audit WHERE action = 'event.doors_chosen'") == 1


async def test_a_copy_takes_the_choice_along_but_not_the_code(db: asyncpg.Connection) -> None:
    event = await make_running()
    await choose(event, exits=True, poster=Poster.FIXED, actor=SYSTEM, now=NOW)
    await renew_poster(event, actor=SYSTEM, now=NOW)
    copy = await copy_event(event, starts_at=NOW + timedelta(days=7), actor=SYSTEM, now=NOW)
    assert await queries.chosen(copy.id) == Chosen(exits=True, poster=Poster.FIXED)


async def test_the_page_saves_and_the_door_asks_the_way(client: httpx.AsyncClient) -> None:
    event = await make_running()
    registration = await make_registration(event)
    slug = await slug_of(event)
    await sign_in(client, await make_staff("admin"))
    with clock.at(NOW):
        assert "data-direction" not in (await client.get(f"/door/{slug}")).text
        saved = await client.post(f"/staff/events/{slug}/doors/settings", data={"exits": "y", "poster": "none"})
        assert saved.headers["location"].endswith("saved=settings#settings")
        assert re.search(r"<input[^>]*checked[^>]*name=.exits.", (await client.get(f"/staff/events/{slug}/doors")).text)
        assert "data-direction" in (await client.get(f"/door/{slug}")).text
    await read(registration, event, 10)
    shown = await client.get(f"/door/{slug}?q=esim")
    assert 'value="exit"' in shown.text.split("data-found>")[1]
    for nonce, words in (("n1", "Goodbye"), ("n2", "Was not inside")):
        sent = {"secret": ticket(registration), "nonce": nonce, "door": "", "kind": "exit", "force": ""}
        gone = await client.post(f"/door/{slug}", data=sent)
        said = gone.text.partition("data-stage>")[2].partition("door-modes")[0]
        assert words in said
        assert "<form" not in said, "neither undone nor let in"
    found = (await client.get(f"/door/{slug}?q=esim")).text.partition("data-found>")[2].partition("</ul>")[0]
    assert "Inside" not in found
    bad = await client.post(f"/staff/events/{slug}/doors/settings", data={"poster": "no such"})
    assert bad.status_code == 400


async def test_the_attendance_page_says_how_long(client: httpx.AsyncClient) -> None:
    event = await make_running()
    await choose(event, exits=True, poster=Poster.NONE, actor=SYSTEM, now=NOW)
    registration = await make_registration(event)
    await read(registration, event, 10)
    await read(registration, event, 27, OUT)
    await sign_in(client, await make_staff("admin"))
    assert "17 minutes" in (await client.get(f"/staff/events/{await slug_of(event)}/attendance")).text


async def test_a_whole_series_has_its_doors_alike(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    await sign_in(client, await make_staff("admin"))
    sent = {"exits": "y", "poster": "rotating", "scope": "all"}
    with clock.at(NOW):
        saved = await client.post(f"/staff/events/{events[0].slug}/doors/settings", data=sent)
        assert f"others={len(events) - 1}" in saved.headers["location"]
        assert "changed alike" in (await client.get(saved.headers["location"])).text
    assert {await queries.chosen(event.id) for event in events} == {Chosen(exits=True, poster=Poster.ROTATING)}
