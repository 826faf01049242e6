"""What happens to a registration after it was made; registering itself stands in `registering`."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from events.core import database, jobs
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict
from events.core.i18n import gettext as _
from events.messaging import ledger
from events.messaging.tables import Reason
from events.registration.details import change_details
from events.registration.held import (
    NEWS,
    Held,
    give_up,
    hold,
    note,
    require_may_edit,
    require_open,
    require_staff,
    require_takes_place,
    set_state,
    tell,
)
from events.registration.items.chosen import give_items_back
from events.registration.line import enter, fill_freed_places, leave
from events.registration.new_registration import NewRegistration
from events.registration.offers import accept_offer, confirm_address, queue_again
from events.registration.questions.releasing import fit_answers
from events.registration.registering import register
from events.registration.rules import GONE, holds_place
from events.registration.tables import RegistrationRole, State
from events.registration.transferring import transfer

__all__ = [
    "NewRegistration",
    "accept_offer",
    "approve",
    "cancel",
    "change_details",
    "confirm_address",
    "decline",
    "give_place",
    "move_site",
    "queue_again",
    "register",
    "set_role",
    "transfer",
]


class Cancelled(Struct, frozen=True):
    """A registration that is gone; `moved_up` are those who got a place by it."""

    id: UUID
    already: bool = False
    moved_up: tuple[UUID, ...] = ()


async def cancel(
    registration_id: UUID, *, actor: Actor, now: datetime, message: str = "", reason: str = ""
) -> Cancelled:
    """Give a place, or a place in line, back; the first in line gets what became free.

    `message` is what staff write to the person about it; it stands in the mail. `reason` is what the person says of it,
    for the organisers.
    Raises NotFound, or NotAllowed for the person once the event has begun. Cancelling twice changes nothing.
    """
    async with transaction():
        held = await hold(registration_id)
        require_may_edit(held, actor, now)
        if held.state in GONE:
            return Cancelled(held.id, already=True)
        await database.execute("UPDATE registration SET cancel_reason = $2 WHERE id = $1", held.id, reason)
        moved_up = await give_up(held, State.CANCELLED, actor, now, message=message)
    jobs.nudge("mail.deliver")
    return Cancelled(held.id, moved_up=tuple(moved_up))


async def decline(registration_id: UUID, *, actor: Actor, now: datetime, message: str = "") -> None:
    """Turn down someone who awaits approval or stands in line, with a `message`; raises Conflict for anyone else."""
    async with transaction():
        held = await hold(registration_id)
        require_staff(held, actor, now)
        if held.state not in {State.AWAITING_APPROVAL, State.WAITLISTED}:
            raise Conflict(_("Only who awaits approval or stands in line can be declined."), code="not_waiting")
        await give_up(held, State.DECLINED, actor, now, message=message)
    jobs.nudge("mail.deliver")


async def approve(registration_id: UUID, *, actor: Actor, now: datetime, message: str = "") -> State:
    """Accept someone who awaits approval: to a place if there is one, else to the end of the line; returns which.

    `message` is what staff write to the person about it; it stands in the mail.
    Raises Conflict when there is no room and no line, or when nobody awaits approval here (any more).
    """
    async with transaction():
        held = await hold(registration_id)
        require_staff(held, actor, now)
        require_takes_place(held)
        if held.state is not State.AWAITING_APPROVAL:
            raise Conflict(_("This registration does not await approval."), code="not_waiting")
        require_open(held)
        if not held.room.free and held.waiting_list == "none":
            raise Conflict(_("The event is full."), code="full")
        state = held.placed if held.room.free else State.WAITLISTED
        await database.execute("UPDATE registration SET welcome_words = $2 WHERE id = $1", held.id, message)
        await _enter(held, held.site, state, actor, now, action="approved")
    jobs.nudge("mail.deliver")
    return state


async def give_place(registration_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Confirm someone who stands in line, whoever is before them, or for whom a place is held already.

    Raises Conflict when there is no room, or nothing to wait for.
    """
    async with transaction():
        held = await hold(registration_id)
        require_staff(held, actor, now)
        require_takes_place(held)
        if held.state not in {State.WAITLISTED, State.OFFERED, State.AWAITING_ADDRESS}:
            raise Conflict(_("This registration is not in line."), code="not_waiting")
        require_open(held)
        if held.state is State.WAITLISTED:
            if held.room.capacity is not None and held.room.taken >= held.room.capacity:
                raise Conflict(_("The event is full."), code="full")
            await database.execute("UPDATE site SET taken = taken + 1, waiting = waiting - 1 WHERE id = $1", held.site)
        await set_state(held, State.CONFIRMED, now)
        await ledger.drop_all("registration", held.id, now=now)
        await tell(held, Reason.PLACE_FREED, now=now, occurrence=f"{held.turn}:{held.state}{held.offers}")
        await note(held, "place_given", actor, now)
    jobs.nudge("mail.deliver")


async def move_site(
    registration_id: UUID, site_id: UUID, *, actor: Actor, now: datetime, may_wait: bool = False
) -> State:
    """Let someone attend elsewhere at the same event; returns the state there.

    Raises Conflict ("full") when there is no place there, unless `may_wait` says to give the own place up for the line.
    """
    async with transaction():
        held = await hold(registration_id, site_id)
        require_may_edit(held, actor, now)
        if held.state in GONE or site_id == held.site:
            return held.state
        require_takes_place(held)
        room = held.rooms.get(site_id)
        if room is None or room.closed or not await _is_site_of(site_id, held.event):
            raise Conflict(_("The event has no such place to attend."), code="no_such_site")
        state = held.state
        if state is not State.AWAITING_APPROVAL:
            if not room.free and (not may_wait or held.waiting_list == "none"):
                raise Conflict(_("There are no places left there."), code="full")
            # a place that is for sure stays so, also where the event has begun to ask for addresses since
            placed = held.state if held.state is State.CONFIRMED else held.placed
            state = placed if room.free else State.WAITLISTED
        await leave(held.site, held.state)
        await give_items_back(held.id, but_at=site_id if holds_place(state) else None)
        await fit_answers(held.id, held.event, site_id, placed=holds_place(state))
        await _enter(held, site_id, state, actor, now, action="moved")
        await fill_freed_places(held.site, now=now)
    jobs.nudge("mail.deliver")
    return state


async def set_role(registration_id: UUID, role: RegistrationRole, *, actor: Actor, now: datetime) -> None:
    """Say in which role someone takes part; reports count by it."""
    async with transaction():
        held = await hold(registration_id)
        require_staff(held, actor, now)
        if held.role == role:
            return
        await database.execute(
            "UPDATE registration SET role = $2, changed_at = $3 WHERE id = $1", held.id, role.value, now
        )
        await note(held, "role_set", actor, now, before=held.role, after=role.value)


async def _enter(held: Held, site_id: UUID, state: State, actor: Actor, now: datetime, *, action: str) -> None:
    number = await enter(site_id, state)
    await set_state(held, state, now)
    await database.execute("UPDATE registration SET site = $2, number = $3 WHERE id = $1", held.id, site_id, number)
    reason = Reason.CHANGED if state is held.state is State.CONFIRMED else NEWS[state]
    await tell(held, reason, now=now, occurrence=f"{held.ticket_generation}.{site_id.hex[:8]}.{number}:{held.state}")
    await note(held, action, actor, now, before=held.state.value, after=state.value, site=site_id)


async def _is_site_of(site_id: UUID, event_id: UUID) -> bool:
    return bool(await database.fetchval("SELECT true FROM site WHERE id = $1 AND event = $2", site_id, event_id))
