"""Who was expected and came without registering: one button, and never two of one person."""

import asyncio
from datetime import date, timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from events.checkin import actions, staff_queries
from events.checkin.actions import unregistered
from events.core import clock, database
from events.core.actor import SYSTEM, Actor, ActorKind, Grant
from events.core.errors import Conflict, NotFound
from events.registration.invitations.actions import invite
from events.registration.invitations.guests import Guest
from tests.factories import NOW, insert, make_event, make_person, make_registration, make_staff, sign_in

START = NOW + timedelta(days=10)
AFTER = START + timedelta(hours=3)
HERE = "/staff/events/kokous/attendance"


async def meeting(**columns: object) -> UUID:
    """A group's meeting that has ended."""
    group = await insert("theme_group", theme="low-carbon", region="06", name_fi="Ryhmä")
    times = {"starts_at": START, "ends_at": START + timedelta(hours=2)}
    return await make_event(slug="kokous", theme_group=group, **times, **columns)


@pytest.fixture
async def event(client: httpx.AsyncClient) -> UUID:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    return await meeting()


async def member(event: UUID, given_name: str, family_name: str = "Lundin", **columns: object) -> UUID:
    """A member of the event's group."""
    person = await make_person(given_name, family_name, **columns)
    group = await database.fetchval("SELECT theme_group FROM event WHERE id = $1", event)
    await insert("group_member", theme_group=group, person=person, starts_on=date(2020, 1, 1))
    return person


async def ask(event: UUID, email: str, name: str = "") -> UUID:
    await invite(event, [Guest(email, name)], actor=SYSTEM, now=NOW)
    asked: UUID = await database.fetchval("SELECT id FROM invitation WHERE email = $1", email)
    return asked


async def expected(event: UUID) -> list[tuple[str, str]]:
    return [(each.name, each.answer) for each in await staff_queries.unregistered(event)]


async def marked(event: UUID) -> list[tuple[UUID, str, str]]:
    """Persons of the event's registrations with state and attendance."""
    rows = await database.fetch(
        "SELECT person, registration.state, coalesce(attendance.state, 'unknown') FROM registration"
        " LEFT JOIN attendance ON attendance.registration = registration.id WHERE event = $1 ORDER BY number",
        event,
    )
    return [tuple(row) for row in rows]


async def test_invited_and_members_are_listed_until_they_are_registered(event: UUID) -> None:
    await ask(event, "a@yritys.example", "Aino Esimerkki")
    await ask(event, "b@yritys.example")
    await database.execute("UPDATE invitation SET state = 'no' WHERE email = 'b@yritys.example'")
    here = await member(event, "Tuula")
    await make_registration(event, person=here)
    await member(event, "Peter", email=None)
    gone = await member(event, "Poissa")
    await database.execute("UPDATE group_member SET ends_on = '2021-01-01' WHERE person = $1", gone)
    known = await member(event, "Kutsuttu", email="k@yritys.example")
    await ask(event, "k@yritys.example", "Kutsuttu Lundin")
    cancelled = await member(event, "Veikko", email="v@yritys.example")
    await make_registration(event, person=cancelled, state="cancelled")
    assert await expected(event) == [
        ("Aino Esimerkki", "sent"),
        ("b@yritys.example", "no"),
        ("Kutsuttu Lundin", "sent"),
        ("Peter Lundin", ""),
        ("Veikko Lundin", ""),
    ]
    assert known not in {person for person, *_rest in await marked(event)}


async def test_an_invited_person_is_registered_as_who_they_are_and_marked(event: UUID) -> None:
    organisation = await insert("organisation", name="Malli Oy", folded="malli", municipality="837")
    person = await make_person("Peter", "Lundin", email="p@yritys.example", organisation=organisation)
    asked = await ask(event, "p@yritys.example", "Peter Lundin")
    made = await actions.invited_came(event, asked, actor=SYSTEM, now=AFTER)
    assert await actions.invited_came(event, asked, actor=SYSTEM, now=AFTER) == made
    assert await marked(event) == [(person, "confirmed", "attended")]
    assert await expected(event) == []
    row = await database.fetchrow("SELECT organisation, municipality, source FROM registration WHERE id = $1", made)
    assert row
    assert tuple(row) == (organisation, "837", "staff")
    assert await database.fetchval("SELECT count(*) FROM message WHERE subject_kind = 'registration'") == 0


async def test_an_address_alone_becomes_a_person_and_a_no_that_came_is_revived(event: UUID) -> None:
    asked = await ask(event, "vieras@yritys.example")
    await actions.invited_came(event, asked, actor=SYSTEM, now=AFTER)
    assert await database.fetchval("SELECT given_name FROM person WHERE email = 'vieras@yritys.example'") == "vieras"
    person = await make_person("Eino", "Malli", email="eino@yritys.example")
    asked = await ask(event, "eino@yritys.example", "Eino Malli")
    registration = await make_registration(event, person=person, state="cancelled")
    assert await actions.invited_came(event, asked, actor=SYSTEM, now=AFTER) == registration
    assert (person, "confirmed", "attended") in await marked(event)


async def test_a_member_without_an_address_is_no_second_person(event: UUID) -> None:
    peter = await member(event, "Peter", email=None)
    before = await database.fetchval("SELECT count(*) FROM person")
    made = await actions.member_came(event, peter, actor=SYSTEM, now=AFTER)
    assert await actions.member_came(event, peter, actor=SYSTEM, now=AFTER) == made
    assert await marked(event) == [(peter, "confirmed", "attended")]
    assert await database.fetchval("SELECT count(*) FROM person") == before
    later = await member(event, "Myöhä")
    await actions.member_came(event, later, actor=SYSTEM, now=AFTER)
    assert (later, "confirmed", "attended") in await marked(event)


async def test_only_who_is_expected_can_be_marked_and_only_while_it_is_open(event: UUID) -> None:
    stranger, other = await make_person("Vieras"), await make_event()
    asked = await ask(event, "a@yritys.example")
    elsewhere = Actor(ActorKind.STAFF, uuid4(), grants=(Grant("organiser", "event", str(other)),))
    for attempt in (
        actions.member_came(event, stranger, actor=SYSTEM, now=AFTER),
        actions.invited_came(other, asked, actor=SYSTEM, now=AFTER),
        actions.invited_came(event, asked, actor=elsewhere, now=AFTER),
        actions.invited_came(event, uuid4(), actor=SYSTEM, now=AFTER),
    ):
        with pytest.raises(NotFound):
            await attempt
    await database.execute("UPDATE event SET reconciled_at = now() WHERE id = $1", event)
    with pytest.raises(Conflict):
        await actions.invited_came(event, asked, actor=SYSTEM, now=AFTER)


async def test_the_chair_presses_one_button_beside_the_name(client: httpx.AsyncClient, event: UUID) -> None:
    asked = await ask(event, "a@yritys.example", "Aino Esimerkki")
    peter = await member(event, "Peter", email=None)
    with clock.at(START - timedelta(hours=1)):
        assert "Aino Esimerkki" not in (await client.get(HERE)).text
    with clock.at(AFTER):
        page = (await client.get(HERE)).text
        assert "Expected, not registered" in page
        assert f'name="invitation" value="{asked}"' in page
        assert f'name="member" value="{peter}"' in page
        assert "Peter Lundin" not in (await client.get(f"{HERE}?q=aino")).text
        for name, value in (("invitation", asked), ("member", peter)):
            answer = await client.post(f"{HERE}/came", data={name: str(value), "show": "unknown"})
            assert answer.headers["location"].startswith(f"{HERE}?show=unknown#r-")
        assert "Expected, not registered" not in (await client.get(HERE)).text
        for bad in ({}, {"member": "x"}, {"member": str(peter), "invitation": str(asked)}):
            assert (await client.post(f"{HERE}/came", data=bad)).status_code == 400
    assert [state for _person, *state in await marked(event)] == [["confirmed", "attended"]] * 2


async def test_a_full_event_without_a_waiting_list_says_so(client: httpx.AsyncClient, event: UUID) -> None:
    await database.execute("UPDATE event SET waiting_list = 'none'")
    await database.execute("UPDATE site SET capacity = 0")
    asked = await ask(event, "a@yritys.example")
    with clock.at(AFTER):
        answer = await client.post(f"{HERE}/came", data={"invitation": str(asked)})
    assert answer.status_code == 409
    assert "The event is full." in answer.text


async def test_who_pressed_join_is_shown_beside_not_known(client: httpx.AsyncClient, event: UUID) -> None:
    one = await make_registration(event, join_pressed_at=START + timedelta(minutes=2))
    with clock.at(AFTER):
        assert "Pressed “Join online” at 12:02" in (await client.get(HERE)).text.replace(
            "\N{NARROW NO-BREAK SPACE}", " "
        )
        await client.post(f"{HERE}/mark", data={"no_show": str(one)})
        assert "Pressed “Join online”" not in (await client.get(HERE)).text
        await database.execute("UPDATE registration SET join_pressed_at = $1", START - timedelta(days=1))
        await client.post(f"{HERE}/mark", data={"unknown": str(one)})
        assert "Pressed “Join online” on" in (await client.get(HERE)).text


async def press_twice() -> int:
    """Let two mark the same member without an address at once; returns how many registrations that makes."""
    event = await meeting()
    peter = await member(event, "Peter", email=None)
    both = (actions.member_came(event, peter, actor=SYSTEM, now=AFTER) for _press in range(2))
    results = await asyncio.gather(*both, return_exceptions=True)
    return sum(isinstance(result, UUID) for result in results)


@pytest.mark.parametrize("guarded", [True, False])
async def test_two_who_press_at_once_mark_one_person(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, *, guarded: bool
) -> None:
    """Without the lock the second finds nobody registered either, and fails on what the first has made."""
    if not guarded:
        looked = asyncio.Barrier(2)

        async def together(_person: UUID) -> None:
            await asyncio.sleep(0)

        fetch = database.fetchrow

        async def slowly(sql: str, *values: object) -> object:
            found = await fetch(sql, *values)
            if sql == unregistered._THERE:
                await looked.wait()
            return found

        monkeypatch.setattr(unregistered, "_lock", together)
        monkeypatch.setattr(database, "fetchrow", slowly)
    assert await press_twice() == (2 if guarded else 1)
