"""Marking many at once, taking it back, and who did what."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from events.checkin import actions
from events.checkin.closing.deeds import deeds
from events.checkin.shapes import Batch
from events.checkin.tables import AttendanceState, ScanType
from events.core import clock, database
from events.core.actor import SYSTEM, Actor, ActorKind, Grant
from events.core.errors import Conflict, NotFound
from tests.checkin.doors import attendance, scanned, slug_of, ticket
from tests.factories import NOW, make_event, make_person, make_registration, make_staff, sign_in

CAME, NO_SHOW, UNKNOWN = AttendanceState.ATTENDED, AttendanceState.NO_SHOW, AttendanceState.UNKNOWN
AFTER = NOW + timedelta(days=31)


async def batch() -> UUID:
    """The last press."""
    found: UUID = await database.fetchval("SELECT batch FROM attendance_mark ORDER BY marked_at DESC LIMIT 1")
    return found


async def come(registration: UUID, event: UUID, kind: ScanType = ScanType.ENTRY) -> None:
    await actions.redeem(scanned(ticket(registration), await slug_of(event), type=kind), actor=SYSTEM, now=NOW)


async def states(*registrations: UUID) -> list[tuple[str, str]]:
    return [(await attendance(each))[:2] for each in registrations]


async def test_a_press_is_taken_back_and_each_is_known_as_before(db: asyncpg.Connection) -> None:
    event = await make_event()
    scanned_in, marked, unknown = [await make_registration(event) for _each in range(3)]
    await come(scanned_in, event)
    await actions.mark([marked], CAME, actor=SYSTEM, now=NOW)
    everyone = [scanned_in, marked, unknown]
    assert await actions.mark(everyone, NO_SHOW, actor=SYSTEM, now=NOW + timedelta(minutes=1)) == 3
    assert await actions.undo(await batch(), event, actor=SYSTEM, now=AFTER) == (3, 0)
    assert await states(*everyone) == [("attended", "scan"), ("attended", "desk"), ("unknown", "desk")]


async def test_what_is_known_since_stays(db: asyncpg.Connection) -> None:
    event = await make_event()
    late, absent, corrected = [await make_registration(event) for _each in range(3)]
    await actions.mark([late, absent, corrected], NO_SHOW, actor=SYSTEM, now=NOW)
    press = await batch()
    await come(late, event)
    await actions.mark([corrected], CAME, actor=SYSTEM, now=NOW + timedelta(minutes=1))
    assert await actions.undo(press, event, actor=SYSTEM, now=AFTER) == (1, 2)
    assert [state for state, _source in await states(late, absent, corrected)] == ["attended", "unknown", "attended"]


async def test_what_was_said_again_since_stays_until_that_is_taken_back_too(db: asyncpg.Connection) -> None:
    event = await make_event()
    person = await make_registration(event)
    presses = []
    for minute, state in enumerate((CAME, NO_SHOW, CAME)):
        await actions.mark([person], state, actor=SYSTEM, now=NOW + timedelta(minutes=minute))
        presses.append(await batch())
    assert await actions.undo(presses[0], event, actor=SYSTEM, now=AFTER) == (0, 1), "somebody said so since"
    for press in reversed(presses):
        assert await actions.undo(press, event, actor=SYSTEM, now=AFTER) == (1, 0)
    assert await states(person) == [("unknown", "desk")]


async def test_nothing_is_taken_back_twice_nor_by_strangers_nor_when_it_is_closed(db: asyncpg.Connection) -> None:
    event, other = await make_event(), await make_event()
    one, two = await make_registration(event), await make_registration(event)
    await actions.mark([one], CAME, actor=SYSTEM, now=NOW)
    press = await batch()
    elsewhere = Actor(ActorKind.STAFF, uuid4(), grants=(Grant("organiser", "event", str(other)),))
    for wrong_event, actor in ((event, elsewhere), (other, SYSTEM)):
        with pytest.raises(NotFound):
            await actions.undo(press, wrong_event, actor=actor, now=AFTER)
    await actions.mark([two], CAME, actor=SYSTEM, now=NOW)
    await actions.reconcile(event, actor=SYSTEM, now=AFTER)
    with pytest.raises(Conflict):
        await actions.undo(press, event, actor=SYSTEM, now=AFTER)
    await actions.reopen(event, actor=SYSTEM, now=AFTER)
    await actions.undo(press, event, actor=SYSTEM, now=AFTER)
    with pytest.raises(Conflict) as again:
        await actions.undo(press, event, actor=SYSTEM, now=AFTER)
    assert again.value.code == "undone"


async def test_two_who_take_the_same_back_at_once_do_it_once(committed_db: str) -> None:
    event = await make_event()
    people = [await make_registration(event) for _each in range(20)]
    await actions.mark(people, NO_SHOW, actor=SYSTEM, now=NOW)
    press = await batch()
    ends = await asyncio.gather(
        *(actions.undo(press, event, actor=SYSTEM, now=AFTER) for _each in range(4)), return_exceptions=True
    )
    assert [end for end in ends if not isinstance(end, Conflict)] == [(20, 0)]
    assert await database.fetchval("SELECT count(*) FROM attendance_mark WHERE undoes = $1", press) == 20


async def test_who_comes_while_a_mark_is_taken_back_has_come(committed_db: str) -> None:
    event = await make_event()
    slug = await slug_of(event)
    people = [await make_registration(event) for _each in range(12)]
    await actions.mark(people, NO_SHOW, actor=SYSTEM, now=NOW)
    press = await batch()
    readings = [actions.redeem(scanned(ticket(each), slug), actor=SYSTEM, now=NOW) for each in people]
    late = Batch(scans=[scanned(ticket(each), slug, 1, door="B", said="ok") for each in reversed(people)])
    taken_back, *_answers = await asyncio.gather(
        actions.undo(press, event, actor=SYSTEM, now=AFTER),
        *readings,
        actions.upload(late, actor=SYSTEM, now=AFTER),
    )
    assert sum(taken_back) == len(people)
    assert {state for state, _source in await states(*people)} == {"attended"}
    assert await database.fetchval("SELECT count(*) FROM scan") == 2 * len(people)


async def test_a_mark_at_the_moment_of_closing_is_counted_or_refused(committed_db: str) -> None:
    event = await make_event()
    people = [await make_registration(event) for _each in range(12)]
    await actions.mark(people, NO_SHOW, actor=SYSTEM, now=NOW)
    ends = await asyncio.gather(
        *(actions.mark([each], CAME, actor=SYSTEM, now=AFTER) for each in people[:6]),
        actions.reconcile(event, actor=SYSTEM, now=AFTER),
        *(actions.mark([each], CAME, actor=SYSTEM, now=AFTER) for each in people[6:]),
        return_exceptions=True,
    )
    refused = [end for end in ends if isinstance(end, Conflict)]
    assert [end for end in ends if isinstance(end, Exception) and end not in refused] == []
    came = [state for state, _source in await states(*people)].count("attended")
    counted = await database.fetchval("SELECT count(*) FROM participation WHERE event = $1", event)
    assert came == counted == len(people) - len(refused)


async def test_who_did_what_is_told(db: asyncpg.Connection) -> None:
    event = await make_event()
    aino, ville = [await make_registration(event, person=await make_person(name)) for name in ("Aino", "Ville")]
    staff = await make_staff("organiser", kind="region", resource="06")
    actor = Actor(ActorKind.STAFF, staff, "", (Grant("organiser", "region", "06"),))
    await actions.mark([aino], CAME, actor=actor, now=NOW)
    await actions.mark([aino, ville], NO_SHOW, actor=actor, now=NOW + timedelta(minutes=1))
    await actions.undo(await batch(), event, actor=actor, now=NOW + timedelta(minutes=2))
    await actions.mark_rest(event, NO_SHOW, actor=actor, now=NOW + timedelta(minutes=3))
    await actions.reconcile(event, actor=actor, now=AFTER)
    told = await deeds(event)
    assert [(deed.what, deed.people, deed.name) for deed in told] == [
        ("reconciled", 0, ""),
        ("no_show", 1, "Ville Esimerkki"),
        ("undone", 2, ""),
        ("no_show", 2, ""),
        ("attended", 1, "Aino Esimerkki"),
    ]
    assert {deed.by for deed in told} == {"Test organiser"}
    assert [deed.batch is not None for deed in told] == [False, True, False, False, True], (
        "what was undone is done with"
    )


@pytest.fixture
async def desk(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    return client


async def test_the_page_marks_those_who_are_ticked_or_all_that_it_shows(desk: httpx.AsyncClient) -> None:
    event = await make_event()
    people = {
        name: await make_registration(event, person=await make_person(name)) for name in ("Aino", "Ville", "Outi")
    }
    here = f"/staff/events/{await slug_of(event)}/attendance"
    ticked: dict[str, Any] = {"do": "attended", "chosen": [str(people["Aino"]), str(people["Ville"])]}
    with clock.at(AFTER):
        done = await desk.post(f"{here}/mark", data={**ticked, "show": "all"})
        assert "2 people marked" in (await desk.get(done.headers["location"])).text
        assert [state for state, _source in await states(*people.values())] == ["attended", "attended", "unknown"]
        every = {"do": "no_show", "every": "1", "q": "out", "show": "all", "chosen": str(people["Aino"])}
        await desk.post(f"{here}/mark", data=every)
        assert [state for state, _source in await states(*people.values())] == ["attended", "attended", "no_show"]
        nobody = await desk.post(f"{here}/mark", data={"do": "attended"})
        assert "Nobody was ticked." in (await desk.get(nobody.headers["location"])).text
        for bad in ({"do": "asleep", "chosen": ""}, {"do": "attended", "chosen": "x"}):
            assert (await desk.post(f"{here}/mark", data=bad)).status_code == 400
        pressed = await database.fetchval("SELECT batch FROM attendance_mark WHERE registration = $1", people["Outi"])
        undone = await desk.post(f"{here}/undo", data={"batch": str(pressed)})
        assert "Taken back for 1 person" in (await desk.get(undone.headers["location"])).text
        again = await desk.post(f"{here}/undo", data={"batch": "no-uuid"})
        assert again.status_code == 400
    assert [state for state, _source in await states(*people.values())] == ["attended", "attended", "unknown"]


async def test_who_came_without_an_address_can_be_listed(desk: httpx.AsyncClient) -> None:
    event = await make_event()
    nameless = await make_registration(event, person=await make_person("Kaisa", email=None))
    known = await make_registration(event, person=await make_person("Aino"))
    await actions.mark([nameless, known], CAME, actor=SYSTEM, now=NOW)
    here = f"/staff/events/{await slug_of(event)}/attendance"
    shown = (await desk.get(f"{here}?show=without_address")).text.split('id="deeds"')[0]
    assert "Kaisa" in shown
    assert "Aino" not in shown


async def test_a_press_on_a_page_that_is_older_than_the_closing_says_so(desk: httpx.AsyncClient) -> None:
    event = await make_event()
    person = await make_registration(event, person=await make_person("Aino"))
    await actions.mark([person], CAME, actor=SYSTEM, now=NOW)
    press, here = await batch(), f"/staff/events/{await slug_of(event)}/attendance"
    await actions.mark([person], NO_SHOW, actor=SYSTEM, now=NOW + timedelta(minutes=1))
    with clock.at(AFTER):
        undone = await desk.post(f"{here}/undo", data={"batch": str(press)})
        assert "Nothing was taken back" in (await desk.get(undone.headers["location"])).text
        await actions.reconcile(event, actor=SYSTEM, now=AFTER)
        for deed in ({"attended": str(person)}, {"do": "attended", "chosen": str(person)}):
            late = await desk.post(f"{here}/mark", data=deed)
            assert late.status_code == 409
            assert "The attendance of this event is closed." in late.text
            assert "Aino" in late.text, "the page itself, not one about an error"
    assert await states(person) == [("no_show", "desk")]
