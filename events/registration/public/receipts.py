"""The page after the form: the same for everybody, so that no stranger learns who is registered already.

A receipt stands for one answer of the public form. Behind it is the registration that was made, or none: then the
person was registered before and has been written to, and whatever is done here is answered by mail to the address.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec
from msgspec import Struct

from events.core import database, jobs, secrets
from events.core.actor import ANONYMOUS, Actor, ActorKind
from events.core.database import transaction
from events.core.errors import Conflict, Invalid, NotFound
from events.messaging import ledger
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason
from events.registration import queries
from events.registration.actions import cancel
from events.registration.admission import lock_guarded
from events.registration.details import Details, change_details
from events.registration.line import lock_sites_of
from events.registration.new_registration import NewRegistration
from events.registration.own.hearing_again import ask_who_agreed
from events.registration.queries import Registered
from events.registration.registering import register
from events.registration.rules import GONE, placed
from events.registration.tables import State

LIFE = timedelta(days=1)
"""How long the page works; the private link in the mail works as long as the registration."""


class Receipt(Struct, frozen=True):
    """What the form answered; `registration` is None for who was registered before."""

    id: UUID
    event: UUID
    registration: UUID | None
    entered: NewRegistration
    state: State
    position: int | None

    @property
    def token(self) -> str:
        """The secret in the page's address."""
        return token_of(self.id)

    @property
    def items(self) -> frozenset[UUID]:
        """What was signed up for with the place, while that is for sure."""
        return self.entered.items if self.state is State.CONFIRMED else frozenset()


async def give(
    event_id: UUID,
    new: NewRegistration,
    made: Registered,
    *,
    now: datetime,
    head: UUID | None = None,
    number: int = 0,
) -> UUID:
    """Keep what the form answered; returns the receipt's id. `made` says whether there was a registration before.

    `head` is the receipt of who registered this colleague, `number` the place among the colleagues.
    """
    identity = uuid4()
    real = not made.already
    state, position = (made.state, made.position) if real else await as_if_new(event_id, new.site)
    if state is not State.CONFIRMED:
        new = msgspec.structs.replace(new, items=frozenset())  # nothing was kept for them
    await database.execute(
        "INSERT INTO receipt (id, token_hash, event, registration, entered, state, position, created_at, head, number)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        identity,
        secrets.digest(token_of(identity)),
        event_id,
        made.id if real else None,
        msgspec.json.encode(new).decode(),
        state.value,
        position or 0,
        now,
        head,
        number,
    )
    return identity


def token_of(receipt: UUID) -> str:
    """Return the secret in the address of a receipt's page."""
    return secrets.derive("receipt", receipt)


async def event_of(receipt: UUID) -> UUID | None:
    """Return which event a receipt is about."""
    event: UUID | None = await database.fetchval("SELECT event FROM receipt WHERE id = $1", receipt)
    return event


class Companion(Struct, frozen=True):
    """What was answered about a colleague, or about who registered them: as it was then, for known and new alike."""

    entered: NewRegistration
    state: State
    position: int | None


async def together(head: UUID) -> list[Companion]:
    """Return what was answered to someone and about the colleagues they registered, in the order of the form."""
    rows = await database.fetch(
        "SELECT entered, state, position FROM receipt WHERE id = $1 OR head = $1 ORDER BY head IS NOT NULL, number",
        head,
    )
    return [
        Companion(
            msgspec.json.decode(row["entered"], type=NewRegistration), State(row["state"]), row["position"] or None
        )
        for row in rows
    ]


async def by_token(token: str, now: datetime) -> Receipt | None:
    """Return a receipt that still works, with the present state of its registration."""
    row = await database.fetchrow(
        "SELECT * FROM receipt WHERE token_hash = $1 AND created_at > $2", secrets.digest(token), now - LIFE
    )
    if row is None:
        return None
    state, position = State(row["state"]), row["position"] or None
    if row["registration"]:
        present = await queries.registered(row["registration"])
        state, position = present.state, present.position
    entered = msgspec.json.decode(row["entered"], type=NewRegistration)
    return Receipt(row["id"], row["event"], row["registration"], entered, state, position)


async def mend_address(receipt: Receipt, email: str, *, now: datetime) -> None:
    """Take back the address that was typed and use another one; what comes of it is said by mail to that one."""
    entered = msgspec.structs.replace(receipt.entered, email=email)
    registration = receipt.registration
    async with transaction():
        if registration is None:
            entered, made = await _register_again(receipt.event, entered, now)
            registration = None if made.already else made.id
        else:
            try:
                details = await _details(registration, entered)
                await change_details(registration, details, actor=_person(registration), now=now)
                await ask_who_agreed(registration, now=now)
            except Conflict:  # that person is registered: the one with the mistyped address was never meant
                await lock_guarded(receipt.event)
                await lock_sites_of(receipt.event)  # the place may have moved since, so these may be two
                await cancel(registration, actor=_person(registration), now=now)
                entered, _made = await _register_again(receipt.event, entered, now)
                registration = None
        await database.execute(
            "UPDATE receipt SET registration = $2, entered = $3, state = $4 WHERE id = $1",
            receipt.id,
            registration,
            msgspec.json.encode(entered).decode(),
            receipt.state.value,
        )


async def _register_again(
    event_id: UUID, entered: NewRegistration, now: datetime
) -> tuple[NewRegistration, Registered]:
    """Register under the mended address: with the items that were chosen, or, once they cannot be had, without."""
    try:
        return entered, await register(event_id, entered, actor=ANONYMOUS, now=now)
    except Invalid:
        if not entered.items:
            raise
    entered = msgspec.structs.replace(entered, items=frozenset())
    return entered, await register(event_id, entered, actor=ANONYMOUS, now=now)


async def give_up(receipt: Receipt, *, now: datetime, reason: str = "") -> None:
    """Cancel what was just registered; who was registered before gets the link to do it by mail."""
    if receipt.registration:
        await cancel(receipt.registration, actor=_person(receipt.registration), now=now, reason=reason)
    elif receipt.state not in GONE:
        await _write_again(receipt, now)
    await database.execute("UPDATE receipt SET state = 'cancelled' WHERE id = $1", receipt.id)


async def _write_again(receipt: Receipt, now: datetime) -> None:
    new = receipt.entered
    row = await database.fetchrow(
        "SELECT registration.id FROM registration"
        " JOIN person ON coalesce(person.merged_into, person.id) = registration.person"
        " WHERE registration.event = $1 AND person.email = $2 AND person.folded = $3",
        receipt.event,
        new.email,
        new.person_key,
    )
    if row is None or not new.email:
        return
    recipient = Recipient(new.email, new.name, new.language)
    await ledger.add(
        Reason.ALREADY_REGISTERED,
        recipient,
        "registration",
        row["id"],
        now=now,
        occurrence=f"{now.date().isoformat()}:cancel",
    )
    jobs.nudge("mail.deliver")


async def as_if_new(event_id: UUID, site_id: UUID | None) -> tuple[State, int | None]:
    """Return how someone new would stand who registers now, and the place in line."""
    row = await database.fetchrow(
        "SELECT needs_approval, address_hours, waiting, waiting = 0 AND (capacity IS NULL OR taken < capacity) AS free"
        " FROM site JOIN event ON event.id = site.event WHERE event.id = $1 AND ($2::uuid IS NULL OR site.id = $2)"
        " AND site.closed_at IS NULL ORDER BY position LIMIT 1",
        event_id,
        site_id,
    )
    if row is None:
        raise NotFound
    if row["needs_approval"]:
        return State.AWAITING_APPROVAL, None
    if row["free"]:
        return placed(address_hours=row["address_hours"], address_confirmed=False), None
    return State.WAITLISTED, row["waiting"] + 1


def _person(registration: UUID) -> Actor:
    return Actor(ActorKind.PARTICIPANT, registration)


async def _details(registration: UUID, new: NewRegistration) -> Details:
    """Return what was entered, with the organisation that was recognised by it: the address alone is mended."""
    present = await queries.by_id(registration)
    return Details(
        given_name=new.given_name,
        family_name=new.family_name,
        email=new.email or "",
        organisation=present.organisation if present else new.organisation,
        municipality=new.municipality,
        country=new.country,
        language=new.language,
    )
