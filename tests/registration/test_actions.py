import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from events.core import database, secrets
from events.core.actor import ANONYMOUS, SYSTEM, Actor, ActorKind, Grant
from events.core.errors import Conflict, NotAllowed, NotFound
from events.registration.actions import approve, cancel, decline, give_place, move_site, register, set_role
from events.registration.details import Details, change_details
from events.registration.line import fill_all
from events.registration.tables import RegistrationRole, State
from tests.factories import NOW, make_event
from tests.registration.test_register import reasons, sign_up, someone

ORGANISER = Actor(ActorKind.STAFF, name="Organiser", grants=(Grant("organiser", "region", "06"),))
STRANGER = Actor(ActorKind.STAFF, name="Elsewhere", grants=(Grant("organiser", "region", "17"),))


def person(registration: UUID) -> Actor:
    return Actor(ActorKind.PARTICIPANT, registration, by_mail=True)


async def state_of(registration: UUID) -> State:
    return State(await database.fetchval("SELECT state FROM registration WHERE id = $1", registration))


async def counters(event: UUID) -> list[tuple[int, int]]:
    rows = await database.fetch("SELECT taken, waiting FROM site WHERE event = $1 ORDER BY position", event)
    return [(row["taken"], row["waiting"]) for row in rows]


async def test_a_freed_place_goes_to_the_first_in_line_by_itself(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1)
    going, first, second = [await sign_up(event, number) for number in range(3)]
    cancelled = await cancel(going.id, actor=person(going.id), now=NOW)
    assert cancelled.moved_up == (first.id,)
    assert [await state_of(who.id) for who in (going, first, second)] == ["cancelled", "confirmed", "waitlisted"]
    assert await counters(event) == [(1, 1)]
    assert ("place_freed", "aino1@yritys.example") in await reasons()
    assert ("cancelled", "aino0@yritys.example") in await reasons()


async def test_where_staff_choose_by_hand_a_freed_place_stays_free_until_they_do(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1, waiting_list="by_hand")
    going, first, second = [await sign_up(event, number) for number in range(3)]
    with pytest.raises(Conflict):
        await give_place(second.id, actor=ORGANISER, now=NOW)
    await cancel(going.id, actor=ORGANISER, now=NOW)
    assert await counters(event) == [(0, 2)]
    await give_place(second.id, actor=ORGANISER, now=NOW)
    assert await state_of(second.id) is State.CONFIRMED
    assert await state_of(first.id) is State.WAITLISTED
    assert await counters(event) == [(1, 1)]


async def test_leaving_the_line_frees_no_place(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1)
    _, waiting, last = [await sign_up(event, number) for number in range(3)]
    await cancel(waiting.id, actor=person(waiting.id), now=NOW)
    assert await counters(event) == [(1, 1)]
    assert await state_of(last.id) is State.WAITLISTED


async def test_cancelling_twice_changes_nothing(db: asyncpg.Connection) -> None:
    event = await make_event()
    made = await sign_up(event)
    await cancel(made.id, actor=person(made.id), now=NOW)
    assert (await cancel(made.id, actor=person(made.id), now=NOW)).already
    assert await counters(event) == [(0, 0)]


async def test_a_letter_that_was_not_sent_yet_is_not_sent_after_cancelling(db: asyncpg.Connection) -> None:
    made = await sign_up(await make_event())
    await cancel(made.id, actor=person(made.id), now=NOW)
    rows = await database.fetch("SELECT reason, state FROM message")
    assert {(row["reason"], row["state"]) for row in rows} == {("confirmation", "dropped"), ("cancelled", "queued")}


async def test_once_the_event_has_begun_only_staff_cancel(db: asyncpg.Connection) -> None:
    made = await sign_up(await make_event())
    later = NOW + timedelta(days=31)
    with pytest.raises(NotAllowed):
        await cancel(made.id, actor=person(made.id), now=later)
    await cancel(made.id, actor=ORGANISER, now=later)
    assert await state_of(made.id) is State.CANCELLED


@pytest.mark.parametrize("actor", [ANONYMOUS, STRANGER, person(UUID(int=1))])
async def test_what_is_none_of_ones_business_is_not_there(db: asyncpg.Connection, actor: Actor) -> None:
    made = await sign_up(await make_event(online=True))
    site = await database.fetchval("SELECT id FROM site WHERE mode = 'online'")
    for attempt in (
        cancel(made.id, actor=actor, now=NOW),
        approve(made.id, actor=actor, now=NOW),
        decline(made.id, actor=actor, now=NOW),
        give_place(made.id, actor=actor, now=NOW),
        set_role(made.id, RegistrationRole.SPEAKER, actor=actor, now=NOW),
        move_site(made.id, site, actor=actor, now=NOW),
        change_details(made.id, Details(given_name="A", family_name="B", email="a@b.example"), actor=actor, now=NOW),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await state_of(made.id) is State.CONFIRMED


async def test_approving_gives_a_place_while_there_is_one_and_the_end_of_the_line_then(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1, needs_approval=True)
    first, second, third = [await sign_up(event, number) for number in range(3)]
    assert await approve(first.id, actor=ORGANISER, now=NOW) is State.CONFIRMED
    assert await approve(second.id, actor=ORGANISER, now=NOW) is State.WAITLISTED
    await decline(third.id, actor=ORGANISER, now=NOW)
    assert await counters(event) == [(1, 1)]
    assert {reason for reason, who in await reasons() if "aino0" in who} == {"waiting", "confirmation"}
    with pytest.raises(Conflict):
        await approve(first.id, actor=ORGANISER, now=NOW)


async def test_moving_to_another_site_frees_the_place_here(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1, online=True)
    online = await database.fetchval("SELECT id FROM site WHERE event = $1 AND mode = 'online'", event)
    going = await sign_up(event, 0)
    waiting = await sign_up(event, 1)
    assert await move_site(going.id, online, actor=person(going.id), now=NOW) is State.CONFIRMED
    assert await state_of(waiting.id) is State.CONFIRMED
    assert await counters(event) == [(1, 0), (1, 0)]


async def test_a_full_site_is_moved_to_only_by_who_agrees_to_wait(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1, online=True)
    venue = await database.fetchval("SELECT id FROM site WHERE event = $1 AND mode = 'venue'", event)
    online = await database.fetchval("SELECT id FROM site WHERE event = $1 AND mode = 'online'", event)
    await sign_up(event, 0)
    other = await sign_up(event, 1, site=online)
    with pytest.raises(Conflict):
        await move_site(other.id, venue, actor=person(other.id), now=NOW)
    assert await state_of(other.id) is State.CONFIRMED
    assert await move_site(other.id, venue, actor=person(other.id), now=NOW, may_wait=True) is State.WAITLISTED


async def test_a_mended_address_gets_a_new_ticket_and_the_old_letter_opens_nothing(db: asyncpg.Connection) -> None:
    made = await sign_up(await make_event())
    details = Details(given_name="Aino", family_name="Esimerkki 0", email="oikea@yritys.example")
    changed = await change_details(made.id, details, actor=person(made.id), now=NOW)
    row = await database.fetchrow("SELECT * FROM registration")
    assert row
    assert row["manage_hash"] == secrets.digest(changed.manage_token) != secrets.digest(made.manage_token)
    assert row["ticket_hash"] == secrets.digest(changed.ticket) != secrets.digest(made.ticket)
    rows = await database.fetch("SELECT recipient, state FROM message")
    assert {tuple(row) for row in rows} == {("aino0@yritys.example", "dropped"), ("oikea@yritys.example", "queued")}
    assert await database.fetchval("SELECT array_agg(email) FROM person") == ["oikea@yritys.example"]


async def test_details_cannot_become_those_of_someone_registered_already(db: asyncpg.Connection) -> None:
    event = await make_event()
    await sign_up(event, 0)
    other = await sign_up(event, 1)
    details = Details(given_name="Aino", family_name="Esimerkki 0", email="aino0@yritys.example")
    with pytest.raises(Conflict):
        await change_details(other.id, details, actor=person(other.id), now=NOW)


async def test_the_address_of_one_event_can_change_while_the_person_stays_elsewhere(db: asyncpg.Connection) -> None:
    first, second = await make_event(), await make_event()
    made = await sign_up(first)
    await sign_up(second)
    details = Details(given_name="Aino", family_name="Esimerkki 0", email="uusi@yritys.example")
    await change_details(made.id, details, actor=person(made.id), now=NOW)
    assert await database.fetchval("SELECT count(DISTINCT person) FROM registration") == 2


async def test_a_role_is_set_by_staff(db: asyncpg.Connection) -> None:
    made = await sign_up(await make_event())
    await set_role(made.id, RegistrationRole.SPEAKER, actor=ORGANISER, now=NOW)
    assert await database.fetchval("SELECT role FROM registration") == "speaker"


async def test_while_some_cancel_and_others_come_no_place_is_lost_or_sold_twice(committed_db: str) -> None:
    event = await make_event(capacity=20)
    made = [await sign_up(event, number) for number in range(40)]
    await asyncio.gather(
        *(cancel(who.id, actor=SYSTEM, now=NOW) for who in made[::2]),
        *(register(event, someone(number), actor=ANONYMOUS, now=NOW) for number in range(100, 130)),
    )
    assert await counters(event) == [(20, 30)]
    rows = await database.fetch(
        "SELECT state, max(number) AS last, min(number) AS first, count(*) AS n FROM registration"
        " WHERE state <> 'cancelled' GROUP BY state ORDER BY state"
    )
    confirmed, waitlisted = rows
    assert (confirmed["n"], waitlisted["n"]) == (20, 30)
    assert confirmed["last"] < waitlisted["first"]


async def test_more_places_go_to_those_who_wait_and_nobody_else(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1)
    by_hand = await make_event(capacity=1, waiting_list="by_hand")
    for number in range(4):
        await sign_up(event, number)
        await sign_up(by_hand, number)
    await database.execute("UPDATE site SET capacity = 3")
    assert await fill_all(NOW) == 2
    assert await counters(event) == [(3, 1)]
    assert await counters(by_hand) == [(1, 3)]
    assert await fill_all(NOW) == 0
