"""Places that are held for someone who has yet to say yes: offered from the line, or until an address is confirmed."""

from datetime import datetime
from uuid import UUID

from events.core import database, jobs
from events.core.actor import SYSTEM, Actor, ActorKind
from events.core.database import transaction
from events.core.errors import Conflict
from events.core.i18n import gettext as _
from events.messaging import ledger
from events.messaging.tables import Reason
from events.network.matching import telling_domain
from events.programme import queries as programme
from events.registration import admission
from events.registration.held import (
    NEWS,
    Held,
    give_up,
    hold,
    note,
    require_may_edit,
    require_open,
    require_takes_place,
    set_state,
    tell,
)
from events.registration.line import enter
from events.registration.renewing import renew
from events.registration.rules import CLOSED, NEEDS_YES, Window, window
from events.registration.tables import State

LAPSED_BY = """
SELECT registration.id FROM registration JOIN event ON event.id = registration.event
WHERE registration.state IN ('offered', 'awaiting_address') AND deadline <= $1 AND event.state <> 'cancelled'
    AND NOT EXISTS (SELECT FROM attendance
                    WHERE attendance.registration = registration.id AND attendance.state = 'attended')
"""
"""Registrations whose time to say yes is over: not at a cancelled event, nor of whom the door has let in meanwhile."""


async def accept_offer(registration_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take the place that is offered. Raises Conflict ("not_offered", or "lapsed" once its time is over)."""
    async with transaction():
        held = await hold(registration_id)
        require_may_edit(held, actor, now)
        await _say_yes(held, State.OFFERED, "offer_accepted", actor, now)
    jobs.nudge("mail.deliver")


async def confirm_address(registration_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Confirm that the address is one's own: the place is for sure then.

    Raises Conflict as `accept_offer` does, and when a participant did not come by the link that was sent there.
    """
    if actor.kind is ActorKind.PARTICIPANT and not actor.by_mail:
        raise Conflict(_("Please confirm the address by the link in the mail that was sent there."), code="by_mail")
    async with transaction():
        held = await hold(registration_id)
        require_may_edit(held, actor, now)
        await _say_yes(held, State.AWAITING_ADDRESS, "address_confirmed", actor, now)
    jobs.nudge("mail.deliver")


async def _say_yes(held: Held, awaited: State, action: str, actor: Actor, now: datetime) -> None:
    if held.state is State.CONFIRMED:
        return
    require_takes_place(held)
    if held.deadline is not None and (held.deadline <= now or held.state is State.CANCELLED):
        raise Conflict(_("The time for this is over, and the place is free for others now."), code="lapsed")
    if held.state is not awaited:
        raise Conflict(_("There is no place waiting for your answer."), code="not_offered")
    if actor.by_mail:
        await _note_confirmed(held)
    state = State.CONFIRMED if actor.by_mail else held.placed
    await set_state(held, state, now)
    await ledger.drop_all("registration", held.id, now=now)
    await tell(held, NEWS[state], now=now, occurrence=f"{held.turn}:{held.state}{held.offers}")
    await note(held, action, actor, now)


async def _note_confirmed(held: Held) -> None:
    """Note that the address is right; an organisation that was founded with it is known by its domain from now on."""
    await database.execute("UPDATE registration SET address_confirmed = true WHERE id = $1", held.id)
    domain = telling_domain(held.email or "")
    if domain:
        await database.execute(_LEARN, held.id, domain)


_LEARN = """
UPDATE organisation SET domains = ARRAY[$2::varchar] FROM registration
WHERE registration.id = $1 AND organisation.id = registration.organisation
    AND organisation.domains = '{}' AND organisation.created_at = registration.registered_at
"""


async def lapse_due(now: datetime) -> int:
    """Take places back from those whose time to say yes is over, and pass them on; returns from how many.

    They are out of the line; their private link lets them queue again at its end.
    """
    lapsed = 0
    for row in await database.fetch(f"{LAPSED_BY} ORDER BY deadline, number", now):
        async with transaction():
            held = await hold(row["id"])
            # by now it may have been accepted, or given up
            if held.state in NEEDS_YES and held.deadline is not None and held.deadline <= now:
                await give_up(held, State.CANCELLED, SYSTEM, now, reason=Reason.LAPSED, action="lapsed")
                await database.execute("UPDATE registration SET deadline = $2 WHERE id = $1", held.id, held.deadline)
                lapsed += 1
        jobs.nudge("mail.deliver")
    return lapsed


async def queue_again(registration_id: UUID, *, actor: Actor, now: datetime) -> State:
    """Let someone whose place lapsed come again, at the end of the line and with a new ticket; returns how they stand.

    Raises Conflict ("not_lapsed", "closed" outside the registration window, "full" where there is no line,
    "organisation_full").
    """
    async with transaction():
        await admission.lock_limit(registration_id)
        held = await hold(registration_id)
        require_may_edit(held, actor, now)
        if held.state is not State.CANCELLED or held.deadline is None:
            raise Conflict(_("This registration has not lapsed."), code="not_lapsed")
        event = await programme.by_id(held.event)
        opening = window(event, now) if event else Window.CANCELLED
        if opening is not Window.OPEN:
            raise Conflict(CLOSED[opening](), code="closed")
        require_open(held)
        if not held.room.free and held.waiting_list == "none":
            raise Conflict(_("The event is full."), code="full")
        organisation = await database.fetchval("SELECT organisation FROM registration WHERE id = $1", held.id)
        await admission.require_left(held.id, organisation)
        # whoever has the link out of the letter has the mail: the address is confirmed by it
        given = State.CONFIRMED if actor.by_mail else held.placed
        state = given if held.room.free else State.WAITLISTED
        if actor.by_mail:
            await _note_confirmed(held)
        number = await enter(held.site, state)
        await set_state(held, state, now)
        await database.execute(
            "UPDATE registration SET number = $2, registered_at = $3 WHERE id = $1",
            *(held.id, number, now),
        )
        ticket = await renew(held, link=False)
        await tell(held, NEWS[state], now=now, occurrence=f"{ticket}.{number}")
        await note(held, "queued_again", actor, now, after=state.value)
    jobs.nudge("mail.deliver")
    return state
