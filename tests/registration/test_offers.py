"""Places that are held for someone who has yet to say yes."""

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from events.core import database, secrets
from events.core.actor import SYSTEM
from events.core.errors import Conflict, NotFound
from events.programme.actions import cancel_event
from events.registration import held, offers, queries
from events.registration.actions import (
    accept_offer,
    approve,
    cancel,
    confirm_address,
    give_place,
    move_site,
    queue_again,
    register,
)
from events.registration.line import fill_all
from events.registration.offers import lapse_due
from events.registration.tables import State
from tests.factories import NOW, make_event
from tests.registration.test_actions import ORGANISER, counters, person, state_of
from tests.registration.test_register import reasons, sign_up, someone
from workers import due

DAY = timedelta(days=1)


async def full_event(**columns: object) -> tuple[UUID, list[UUID]]:
    """Make an event of one place whose waiting list offers; three have registered."""
    event = await make_event(capacity=1, waiting_list="offer", **columns)
    return event, [(await sign_up(event, number)).id for number in range(3)]


async def deadline_of(registration: UUID) -> object:
    return await database.fetchval("SELECT deadline FROM registration WHERE id = $1", registration)


async def states(registrations: list[UUID]) -> list[str]:
    return [await state_of(registration) for registration in registrations]


async def test_a_freed_place_is_offered_to_the_first_in_line_for_a_day(db: asyncpg.Connection) -> None:
    event, everyone = await full_event()
    await cancel(everyone[0], actor=person(everyone[0]), now=NOW)
    assert await states(everyone) == ["cancelled", "offered", "waitlisted"]
    assert await counters(event) == [(1, 1)]
    assert await deadline_of(everyone[1]) == NOW + DAY
    assert ("offer", "aino1@yritys.example") in await reasons()


@pytest.mark.parametrize(
    ("before_start", "hours", "held_for"),
    [
        (timedelta(days=30), 24, timedelta(hours=24)),
        (timedelta(days=30), 2, timedelta(hours=2)),
        (timedelta(hours=10), 24, timedelta(hours=5)),
        (timedelta(minutes=90), 24, timedelta(hours=1)),
        (timedelta(minutes=20), 24, timedelta(minutes=20)),
    ],
)
async def test_near_the_start_there_is_less_time_to_accept(
    db: asyncpg.Connection, before_start: timedelta, hours: int, held_for: timedelta
) -> None:
    event, everyone = await full_event(offer_hours=hours)
    start = NOW + before_start
    await database.execute("UPDATE event SET starts_at = $2, ends_at = $3 WHERE id = $1", event, start, start + DAY)
    await cancel(everyone[0], actor=SYSTEM, now=NOW)
    assert await deadline_of(everyone[1]) == NOW + held_for


async def test_accepting_an_offer_confirms_and_the_counters_stay(db: asyncpg.Connection) -> None:
    event, everyone = await full_event()
    await cancel(everyone[0], actor=person(everyone[0]), now=NOW)
    await accept_offer(everyone[1], actor=person(everyone[1]), now=NOW + DAY / 2)
    assert await state_of(everyone[1]) is State.CONFIRMED
    assert await deadline_of(everyone[1]) is None
    assert await counters(event) == [(1, 1)]
    assert ("confirmation", "aino1@yritys.example") in await reasons()
    await accept_offer(everyone[1], actor=person(everyone[1]), now=NOW + DAY / 2)
    assert (await reasons()).count(("confirmation", "aino1@yritys.example")) == 1


async def test_declining_an_offer_passes_it_on(db: asyncpg.Connection) -> None:
    _event, everyone = await full_event()
    await cancel(everyone[0], actor=SYSTEM, now=NOW)
    await cancel(everyone[1], actor=person(everyone[1]), now=NOW)
    assert await states(everyone) == ["cancelled", "cancelled", "offered"]


async def test_an_offer_that_nobody_takes_lapses_and_goes_to_the_next(db: asyncpg.Connection) -> None:
    event, everyone = await full_event()
    await cancel(everyone[0], actor=SYSTEM, now=NOW)
    assert await lapse_due(NOW + DAY - timedelta(seconds=1)) == 0
    assert await lapse_due(NOW + DAY) == 1
    assert await states(everyone) == ["cancelled", "cancelled", "offered"]
    assert await counters(event) == [(1, 0)]
    assert ("lapsed", "aino1@yritys.example") in await reasons()
    assert ("cancelled", "aino1@yritys.example") not in await reasons()
    assert await deadline_of(everyone[2]) == NOW + DAY + DAY


async def test_an_offer_cannot_be_taken_after_its_time_even_before_the_clock_has_come_round(
    db: asyncpg.Connection,
) -> None:
    _event, everyone = await full_event()
    await cancel(everyone[0], actor=SYSTEM, now=NOW)
    with pytest.raises(Conflict) as refused:
        await accept_offer(everyone[1], actor=person(everyone[1]), now=NOW + DAY)
    assert refused.value.code == "lapsed"


async def test_what_was_not_offered_cannot_be_accepted(db: asyncpg.Connection) -> None:
    _event, everyone = await full_event()
    with pytest.raises(Conflict):
        await accept_offer(everyone[1], actor=person(everyone[1]), now=NOW)
    with pytest.raises(NotFound):
        await accept_offer(everyone[1], actor=person(everyone[2]), now=NOW)


async def test_who_let_an_offer_lapse_can_queue_again_at_the_end_with_a_new_ticket(db: asyncpg.Connection) -> None:
    event, everyone = await full_event()
    before = await queries.registered(everyone[1])
    await cancel(everyone[0], actor=SYSTEM, now=NOW)
    await lapse_due(NOW + DAY)
    assert await queue_again(everyone[1], actor=person(everyone[1]), now=NOW + DAY) is State.WAITLISTED
    after = await queries.registered(everyone[1])
    assert after.position == 1
    assert after.ticket != before.ticket
    assert after.manage_token == before.manage_token
    assert await counters(event) == [(1, 1)]
    with pytest.raises(Conflict):
        await queue_again(everyone[1], actor=person(everyone[1]), now=NOW + DAY)


async def test_who_cancelled_has_not_lapsed(db: asyncpg.Connection) -> None:
    _event, everyone = await full_event()
    await cancel(everyone[0], actor=person(everyone[0]), now=NOW)
    with pytest.raises(Conflict):
        await queue_again(everyone[0], actor=person(everyone[0]), now=NOW)


async def test_nobody_is_offered_a_place_after_the_start(db: asyncpg.Connection) -> None:
    event, everyone = await full_event()
    start = NOW + timedelta(days=30)
    await cancel(everyone[0], actor=SYSTEM, now=start)
    assert await fill_all(start) == 0
    assert await counters(event) == [(0, 2)]


async def test_who_has_no_address_gets_the_place_at_once(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1, waiting_list="offer")
    first = await sign_up(event, 0)
    second = await register(event, someone(1, email=None), actor=SYSTEM, now=NOW, source="staff")
    await cancel(first.id, actor=SYSTEM, now=NOW)
    assert await state_of(second.id) is State.CONFIRMED


async def test_staff_may_give_an_offered_place_for_sure(db: asyncpg.Connection) -> None:
    event, everyone = await full_event()
    await cancel(everyone[0], actor=SYSTEM, now=NOW)
    await give_place(everyone[1], actor=ORGANISER, now=NOW)
    assert await state_of(everyone[1]) is State.CONFIRMED
    assert await counters(event) == [(1, 1)]


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_place_is_accepted_or_lapses_but_never_both(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The clock of one process has come to the deadline, another's has not; unguarded both go by what they saw first."""
    _event, everyone = await full_event()
    await cancel(everyone[0], actor=SYSTEM, now=NOW)
    if not guarded:
        seen, both = await held.hold(everyone[1]), asyncio.Barrier(2)

        async def hold_what_was_seen(_: UUID) -> held.Held:
            await both.wait()
            return seen

        monkeypatch.setattr(offers, "hold", hold_what_was_seen)
    await asyncio.gather(
        accept_offer(everyone[1], actor=person(everyone[1]), now=NOW + DAY - timedelta(seconds=1)),
        lapse_due(NOW + DAY),
        return_exceptions=True,
    )
    wrote = {reason for reason, address in await reasons() if address == "aino1@yritys.example"}
    assert ({"lapsed", "confirmation"} <= wrote) is not guarded


async def asking_event(**columns: object) -> UUID:
    return await make_event(address_hours=2, **columns)  # type: ignore[arg-type]


async def test_where_the_organiser_asks_the_place_is_held_until_the_address_is_confirmed(
    db: asyncpg.Connection,
) -> None:
    event = await asking_event(capacity=1)
    made = await sign_up(event)
    assert made.state is State.AWAITING_ADDRESS
    assert await counters(event) == [(1, 0)]
    assert await deadline_of(made.id) == NOW + timedelta(hours=2)
    assert await reasons() == [("confirm_address", "aino0@yritys.example")]
    await confirm_address(made.id, actor=person(made.id), now=NOW)
    assert await state_of(made.id) is State.CONFIRMED
    assert ("confirmation", "aino0@yritys.example") in await reasons()


async def test_an_address_that_is_not_confirmed_in_time_loses_the_place_to_the_next(db: asyncpg.Connection) -> None:
    event = await asking_event(capacity=1)
    first, second = [await sign_up(event, number) for number in range(2)]
    assert second.state is State.WAITLISTED
    await lapse_due(NOW + timedelta(hours=2))
    assert await state_of(first.id) is State.CANCELLED
    assert await state_of(second.id) is State.AWAITING_ADDRESS
    assert await counters(event) == [(1, 0)]


async def test_whom_staff_enter_is_asked_nothing(db: asyncpg.Connection) -> None:
    event = await asking_event()
    imported = await register(event, someone(), actor=SYSTEM, now=NOW, source="import")
    assert imported.state is State.CONFIRMED


async def test_approval_and_the_address_are_asked_one_after_the_other(db: asyncpg.Connection) -> None:
    event = await asking_event(needs_approval=True)
    made = await sign_up(event)
    assert made.state is State.AWAITING_APPROVAL
    assert await approve(made.id, actor=ORGANISER, now=NOW) is State.AWAITING_ADDRESS


async def test_moving_to_another_site_keeps_the_time_there_is_to_confirm(db: asyncpg.Connection) -> None:
    event = await asking_event(online=True)
    made = await sign_up(event)
    online = await database.fetchval("SELECT id FROM site WHERE event = $1 AND mode = 'online'", event)
    state = await move_site(made.id, online, actor=person(made.id), now=NOW + timedelta(hours=1))
    assert state is State.AWAITING_ADDRESS
    assert await deadline_of(made.id) == NOW + timedelta(hours=2)


async def test_the_private_link_offers_what_can_be_said_and_opening_it_says_nothing(
    db: asyncpg.Connection, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.cookies.set("language", "en")
    monkeypatch.setattr("events.core.clock.now", lambda: NOW)
    _event, everyone = await full_event()
    await cancel(everyone[0], actor=SYSTEM, now=NOW)
    here = f"/r/{secrets.derive('manage', everyone[1])}"
    page = await client.get(here)
    assert "Accept the place" in page.text
    assert "Decline the place" in page.text
    assert await state_of(everyone[1]) is State.OFFERED
    answer = await client.post(f"{here}/accept", headers={"sec-fetch-site": "same-origin"})
    assert answer.status_code == 303
    assert await state_of(everyone[1]) is State.CONFIRMED


async def test_a_link_followed_too_late_says_so_and_how_to_queue_again(
    db: asyncpg.Connection, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.cookies.set("language", "en")
    _event, everyone = await full_event()
    await cancel(everyone[0], actor=SYSTEM, now=NOW)
    await lapse_due(NOW + DAY)
    monkeypatch.setattr("events.core.clock.now", lambda: NOW + DAY)
    here = f"/r/{secrets.derive('manage', everyone[1])}"
    headers = {"sec-fetch-site": "same-origin"}
    late = await client.post(f"{here}/accept", headers=headers)
    assert late.status_code == 409
    assert "Register again at the end of the line" in late.text
    assert (await client.post(f"{here}/again", headers=headers)).status_code == 303
    assert await state_of(everyone[1]) is State.WAITLISTED


async def test_of_a_cancelled_event_no_place_lapses_and_nobody_is_told_twice(db: asyncpg.Connection) -> None:
    event, everyone = await full_event()
    await cancel(everyone[0], actor=SYSTEM, now=NOW)
    assert await cancel_event(event, actor=SYSTEM, now=NOW) == 2
    told = await reasons()
    assert await lapse_due(NOW + 2 * DAY) == 0
    assert await reasons() == told
    assert await database.fetchval(due._PLACES, NOW + 2 * DAY) is False


async def test_no_place_of_a_cancelled_event_is_given_taken_or_changed(client: httpx.AsyncClient) -> None:
    client.cookies.set("language", "en")
    event, everyone = await full_event(online=True)
    await cancel(everyone[0], actor=SYSTEM, now=NOW)
    await cancel_event(event, actor=SYSTEM, now=NOW)
    online = await database.fetchval("SELECT id FROM site WHERE mode = 'online'")
    _cancelled, offered, waiting = everyone
    for attempt in (
        accept_offer(offered, actor=person(offered), now=NOW),
        give_place(waiting, actor=ORGANISER, now=NOW),
        move_site(waiting, online, actor=ORGANISER, now=NOW),
    ):
        with pytest.raises(Conflict) as refused:
            await attempt
        assert refused.value.code == "event_cancelled"
    assert await states(everyone) == ["cancelled", "offered", "waitlisted"]
    text = (await client.get(f"/r/{secrets.derive('manage', offered)}")).text
    assert "Accept the place" not in text
    assert "Online" not in text


async def test_who_has_a_place_for_sure_moves_with_it_although_addresses_are_asked_for_since(
    db: asyncpg.Connection,
) -> None:
    event = await make_event(online=True)
    made = await sign_up(event)
    await database.execute("UPDATE event SET address_hours = 24 WHERE id = $1", event)
    online = await database.fetchval("SELECT id FROM site WHERE mode = 'online'")
    assert await move_site(made.id, online, actor=ORGANISER, now=NOW) is State.CONFIRMED
    assert await deadline_of(made.id) is None
    assert ("confirm_address", "aino0@yritys.example") not in await reasons()


async def test_whom_the_door_has_let_in_keeps_the_place_without_a_yes(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1, address_hours=24)
    inside, waiting = [(await sign_up(event, number)).id for number in range(2)]
    await database.execute(
        "INSERT INTO attendance (registration, state, source, actor_kind) VALUES ($1, 'attended', 'scan', 'staff')",
        inside,
    )
    assert await lapse_due(NOW + 2 * DAY) == 0
    assert await states([inside, waiting]) == ["awaiting_address", "waitlisted"]
    assert "lapsed" not in [reason for reason, _ in await reasons()]
