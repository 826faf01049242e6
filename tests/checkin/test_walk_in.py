from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from events.checkin import actions, presence
from events.checkin.actions import WalkIn
from events.checkin.closing import open_ends
from events.checkin.settings.actions import choose
from events.checkin.settings.tables import Poster
from events.checkin.shapes import Batch, WalkedIn
from events.checkin.tables import ScanResult, ScanType
from events.core import clock, database
from events.core.actor import SYSTEM
from tests.checkin.doors import attendance, scanned, slug_of, ticket
from tests.factories import NOW, make_event, make_registration, make_staff, sign_in


def came(slug: str, name: str = "Kaisa Ovelta", **values: object) -> WalkedIn:
    return WalkedIn(**{"nonce": str(uuid4()), "event": slug, "at": NOW, "name": name, "door": "A", **values})


async def upload(*walk_ins: WalkedIn, now: object = NOW) -> list[str]:
    answers = await actions.upload(Batch(scans=[], walk_ins=list(walk_ins)), actor=SYSTEM, now=now)  # type: ignore[arg-type]
    return [answer.result for answer in answers.walk_ins]


async def people(event: UUID) -> list[tuple[str, str]]:
    rows = await database.fetch(
        "SELECT registration.state, attendance.state AS attended FROM registration"
        " LEFT JOIN attendance ON attendance.registration = registration.id WHERE event = $1 ORDER BY number",
        event,
    )
    return [tuple(row) for row in rows]


async def test_who_came_in_without_network_is_registered_once_however_often_it_is_sent(db: asyncpg.Connection) -> None:
    event = await make_event()
    walk_in = came(await slug_of(event), organisation="Konepaja Oy")
    assert await upload(walk_in) == await upload(walk_in) == ["ok"]
    assert await people(event) == [("confirmed", "attended")]


@pytest.mark.parametrize("offline", [False, True])
async def test_who_walked_in_goes_out_like_anybody(db: asyncpg.Connection, *, offline: bool) -> None:
    event = await make_event(starts_at=NOW, ends_at=NOW + timedelta(hours=2))
    slug = await slug_of(event)
    await choose(event, exits=True, poster=Poster.NONE, actor=SYSTEM, now=NOW)
    if offline:
        await upload(came(slug), now=NOW + timedelta(hours=1))
    else:
        await actions.let_in(event, WalkIn(name="Kaisa Ovelta", door="A"), actor=SYSTEM, now=NOW)
    registration = await database.fetchval("SELECT id FROM registration WHERE event = $1", event)
    assert await attendance(registration) == ("attended", "desk", True, NOW)
    again = await actions.redeem(scanned(ticket(registration), slug, 5, door="B"), actor=SYSTEM, now=NOW)
    assert (again.result, again.first_door) == (ScanResult.DUPLICATE, "A")
    out = scanned(ticket(registration), slug, 30, type=ScanType.EXIT)
    answer = await actions.redeem(out, actor=SYSTEM, now=NOW + timedelta(minutes=70))
    assert answer.result is ScanResult.OK, "they were inside"
    assert await attendance(registration) == ("attended", "desk", False, NOW)
    assert await presence.minutes(event) == {registration: 30}


async def test_two_of_one_name_are_two(db: asyncpg.Connection) -> None:
    event = await make_event()
    slug = await slug_of(event)
    assert await upload(came(slug), came(slug)) == ["ok", "ok"]
    assert len(await people(event)) == 2


@pytest.mark.parametrize("waiting_list", ["automatic", "none", "offer", "by_hand"])
async def test_beyond_the_last_place_people_come_in_all_the_same(db: asyncpg.Connection, waiting_list: str) -> None:
    event = await make_event(capacity=1, waiting_list=waiting_list, needs_approval=True)
    slug = await slug_of(event)
    assert await upload(came(slug, "A B"), came(slug, "C D")) == ["ok", "over"]
    assert await people(event) == [("confirmed", "attended"), ("waitlisted", "attended")]
    assert await database.fetchval("SELECT taken FROM site WHERE event = $1", event) == 1


async def test_who_is_heard_of_too_late_waits_for_a_person(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    event = await make_event(starts_at=NOW - timedelta(hours=8), ends_at=NOW - timedelta(hours=2))
    slug = await slug_of(event)
    await actions.reconcile(event, actor=SYSTEM, now=NOW)
    late = came(slug)
    assert await upload(late) == await upload(late) == ["kept"]
    (one,) = await open_ends.late(event)
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    here = f"/staff/events/{slug}/attendance"
    with clock.at(NOW):
        assert "Kaisa Ovelta" in (await client.get(here)).text
        refused = await client.post(f"{here}/late", data={"let_in": str(one.nonce)})
        assert refused.status_code == 409, "the attendance is still closed"
        await actions.reopen(event, actor=SYSTEM, now=NOW)
        assert (await client.post(f"{here}/late", data={"let_in": str(one.nonce)})).status_code == 303
        assert (await client.post(f"{here}/late", data={"let_in": str(one.nonce)})).status_code == 404
    assert await people(event) == [("confirmed", "attended")]
    assert await open_ends.late(event) == []


async def test_two_doors_that_admitted_one_ticket_stand_on_the_list_with_both_times(
    client: httpx.AsyncClient, db: asyncpg.Connection
) -> None:
    event = await make_event()
    slug = await slug_of(event)
    registration = await make_registration(event)
    first, second = scanned(ticket(registration), slug, 0, door="A"), scanned(ticket(registration), slug, 5, door="B")
    await actions.upload(Batch(scans=[second]), actor=SYSTEM, now=NOW + timedelta(hours=1))
    await actions.upload(Batch(scans=[first]), actor=SYSTEM, now=NOW + timedelta(hours=1))
    (conflict,) = await open_ends.conflicts(event)
    assert (conflict.first_door, conflict.first_at) == ("A", NOW)
    assert (conflict.second_door, conflict.second_at) == ("B", NOW + timedelta(minutes=5))
    await sign_in(client, await make_staff())
    with clock.at(NOW):
        shown = (await client.get(f"/staff/events/{slug}/attendance")).text
    assert 'id="conflicts"' in shown


async def test_what_the_door_told_stands_although_our_answer_came_too_late(db: asyncpg.Connection) -> None:
    event = await make_event()
    slug = await slug_of(event)
    registration = await make_registration(event)
    await actions.redeem(scanned(ticket(registration), slug, door="A"), actor=SYSTEM, now=NOW)
    unheard = scanned(ticket(registration), slug, 1, door="B")
    answer = await actions.redeem(unheard, actor=SYSTEM, now=NOW + timedelta(minutes=1))
    assert answer.result.value == "duplicate"
    told = scanned(ticket(registration), slug, 1, door="B", nonce=unheard.nonce, said="ok")
    for _again in range(2):
        await actions.upload(Batch(scans=[told]), actor=SYSTEM, now=NOW + timedelta(minutes=9))
    assert len(await open_ends.conflicts(event)) == 1
    assert await database.fetchval("SELECT count(*) FROM scan") == 3
