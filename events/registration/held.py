"""A registration in one's hands: locked, with its site, and what is written beside each change of it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database
from events.core.actor import Actor, ActorKind
from events.core.errors import Conflict, Gone, NotAllowed, NotFound, Unavailable
from events.core.i18n import gettext as _
from events.messaging import ledger
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason
from events.messaging.webhooks import ledger as webhooks
from events.messaging.webhooks.tables import Happening
from events.programme.tables import EventState
from events.registration import rules
from events.registration.deadlines import address_until
from events.registration.items.chosen import give_items_back
from events.registration.line import Room, fill_freed_places, leave, lock_sites
from events.registration.questions.releasing import forget_answers
from events.registration.rules import CLOSED, GONE, Window
from events.registration.tables import State


class Held(Struct, frozen=True):
    """A registration whose row and site are locked until the transaction ends."""

    id: UUID
    event: UUID
    person: UUID
    site: UUID
    state: State
    number: int
    offers: int
    deadline: datetime | None
    address_confirmed: bool
    role: str
    language: str
    ticket_generation: int
    manage_generation: int
    revision: int
    email: str | None
    name: str
    starts_at: datetime
    host_region: str
    event_state: str
    waiting_list: str
    address_hours: int | None
    rooms: dict[UUID, Room]

    @property
    def room(self) -> Room:
        """The site as it was when it was locked."""
        return self.rooms[self.site]

    @property
    def placed(self) -> State:
        """The state to which a place would lead."""
        vouched = self.address_confirmed or self.email is None
        return rules.placed(address_hours=self.address_hours, address_confirmed=vouched)

    @property
    def turn(self) -> str:
        """The occurrence of letters that are written once each time that someone enters a line."""
        return f"{self.ticket_generation}.{self.number}"


_HELD = """
SELECT registration.id, registration.event, registration.person, registration.site, registration.state,
    registration.number, offers, deadline, address_confirmed, registration.role, registration.language,
    ticket_generation, manage_generation, revision, expired_at,
    person.email, trim(person.given_name || ' ' || person.family_name) AS name,
    event.starts_at, event.host_region, event.state AS event_state, event.waiting_list, event.address_hours
FROM registration JOIN person ON person.id = registration.person JOIN event ON event.id = registration.event
WHERE registration.id = $1 FOR UPDATE OF registration
"""


async def lock_together(registrations: Collection[UUID]) -> None:
    """Lock the sites of several registrations, then these, each in the order of their ids.

    For who is to `hold` one after the other in a transaction: whoever has others of them at the same time would come
    from the other end, and each would wait for what the other has.
    """
    for _again in range(3):
        before = await database.fetch("SELECT id, site FROM registration WHERE id = ANY($1) ORDER BY id", registrations)
        await lock_sites(row["site"] for row in before)
        rows = await database.fetch(
            "SELECT id, site FROM registration WHERE id = ANY($1) ORDER BY id FOR UPDATE", registrations
        )
        if rows == before:
            return
    raise Unavailable  # moved from site to site while we looked


async def hold(registration_id: UUID, *other_sites: UUID) -> Held:
    """Lock the sites concerned, then the registration; raises NotFound, and Gone when its data were deleted.

    What was written about it from then on would stay: nobody would come back to delete it.
    """
    for _again in range(3):
        site = await database.fetchval("SELECT site FROM registration WHERE id = $1", registration_id)
        if site is None:
            raise NotFound
        rooms = await lock_sites([site, *other_sites])
        row = await database.fetchrow(_HELD, registration_id)
        if row and row["site"] == site:
            values = {**row, "state": State(row["state"])}
            if values.pop("expired_at"):
                raise Gone(_("The data of this event have been deleted: its figures stay as they are."))
            return Held(**values, rooms=rooms)
    raise Unavailable  # moved from site to site while we looked


def require_may_edit(held: Held, actor: Actor, now: datetime) -> None:
    """Raise NotFound for whom this registration is none of their business, NotAllowed when it is too late."""
    if actor.kind is ActorKind.PARTICIPANT:
        if actor.id != held.id:
            raise NotFound
    else:
        require_staff(held, actor, now)
    if not rules.may_change(held.starts_at, actor, now):
        raise NotAllowed(_("The event has begun: nothing can be changed here any more."))


def require_staff(held: Held, actor: Actor, now: datetime) -> None:
    """Raise NotFound unless the actor edits the registrations of this event."""
    if not may(actor, Action.EDIT_REGISTRATIONS, now=now, event_id=held.event, region=held.host_region):
        raise NotFound


def require_takes_place(held: Held) -> None:
    """Raise Conflict once the event is cancelled: everyone was told, and there are no places to give any more."""
    if held.event_state == EventState.CANCELLED:
        raise Conflict(CLOSED[Window.CANCELLED](), code="event_cancelled")


def require_open(held: Held) -> None:
    """Raise Conflict where the site is closed: nobody gets a place there any more."""
    if held.room.closed:
        raise Conflict(_("This place to attend is closed. Move the registration to another."), code="site_closed")


NEWS: Mapping[State, Reason] = {
    State.AWAITING_APPROVAL: Reason.WAITING,
    State.AWAITING_ADDRESS: Reason.CONFIRM_ADDRESS,
    State.CONFIRMED: Reason.CONFIRMATION,
    State.WAITLISTED: Reason.WAITING,
    State.OFFERED: Reason.OFFER,
    State.DECLINED: Reason.CANCELLED,
    State.CANCELLED: Reason.CANCELLED,
}
"""The letter that says where someone stands."""


async def tell(held: Held, reason: Reason, *, now: datetime, occurrence: str) -> None:
    """Owe the person a letter, where there is an address."""
    if held.email:
        recipient = Recipient(held.email, held.name, held.language, held.person)
        await ledger.add(reason, recipient, "registration", held.id, now=now, occurrence=occurrence)


async def set_state(held: Held, state: State, now: datetime) -> None:
    """Write a state; who has yet to confirm the address keeps the time there is, or begins with all of it."""
    await database.execute(_SET_STATE, held.id, state.value, now)
    if state in GONE:
        await webhooks.add(
            Happening.REGISTRATION_CANCELLED, held.event, now=now, registration=held.id, state=state.value
        )


_SET_STATE = f"""
UPDATE registration SET state = $2::varchar, revision = revision + 1, changed_at = $3,
    deadline = CASE WHEN $2::varchar = 'awaiting_address' AND registration.state = 'awaiting_address' THEN deadline
                    WHEN $2::varchar = 'awaiting_address' THEN {address_until("event", "$3::timestamptz")} END
FROM event WHERE registration.id = $1 AND event.id = registration.event
"""


async def give_up(
    held: Held,
    state: State,
    actor: Actor,
    now: datetime,
    *,
    reason: Reason = Reason.CANCELLED,
    action: str = "",
    message: str = "",
) -> list[UUID]:
    """Take a registration out, whatever it held or waited for; returns who got a place by it.

    `reason` is what its person is told, `action` how the audit trail calls it, unless by the state's name; `message` is
    what staff write to the person about it.
    """
    await set_state(held, state, now)
    await database.execute("UPDATE registration SET parting_words = $2 WHERE id = $1", held.id, message)
    await leave(held.site, held.state)
    await give_items_back(held.id)
    await forget_answers(held.id, held.event)
    await ledger.drop_all("registration", held.id, now=now)
    await tell(held, reason, now=now, occurrence=f"{held.turn}:{held.state}")
    await note(held, action or state.value, actor, now, before=held.state.value)
    return await fill_freed_places(held.site, now=now)


async def note(held: Held, action: str, actor: Actor, now: datetime, **detail: object) -> None:
    """Write the audit row of a change."""
    await audit.record(actor, f"registration.{action}", "registration", held.id, now, event=held.event, **detail)
