"""Letting in who was not registered: at once, or as heard later from a door that had no network."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from events.accounts import audit
from events.accounts.rules import Action, may
from events.checkin import rules
from events.checkin.actions.append import came_in
from events.checkin.actions.attendance import EVENT, mark_in, require_open
from events.checkin.shapes import CameIn, WalkedIn
from events.checkin.tables import AttendanceSource, AttendanceState
from events.checkin.tickets import nonce_of
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import NotFound, ServiceError
from events.core.i18n import language
from events.core.idempotency import Repeatable, repeatable
from events.core.text import clean_line, split_name
from events.registration.actions import NewRegistration, register
from events.registration.queries import Registered
from events.registration.tables import State

NOT_REPEATABLE = Repeatable("", None)


class WalkIn(Struct, frozen=True, kw_only=True):
    """Someone at the door without a registration; without an address they cannot be recognised again.

    `at` is when they came in, None for now.
    """

    name: str
    organisation: str = ""
    email: str | None = None
    site: UUID | None = None
    door: str = ""
    at: datetime | None = None


async def let_in(
    event: UUID,
    person: WalkIn,
    *,
    actor: Actor,
    now: datetime,
    mark: Repeatable = NOT_REPEATABLE,
    at_a_door: bool = True,
) -> Registered:
    """Register someone at the door and mark them as attended, whether or not there is a place left.

    Beyond the last place they come in all the same, and stand in line without one. Who is registered already is marked.
    At a door that is an entry like any other; else nobody saw them come in. No mail is sent: they are here.
    Raises NotFound for an event where the actor may not check in, Conflict when it is cancelled or its attendance
    closed ("reconciled").
    """
    async with transaction():
        row = await database.fetchrow(EVENT, event)
        if row is None or not may(actor, Action.CHECK_IN, now=now, event_id=event, region=row["host_region"]):
            raise NotFound
        require_open(row)
        given_name, family_name = split_name(person.name)
        new = NewRegistration(
            given_name=given_name,
            family_name=family_name,
            email=person.email or None,
            organisation=person.organisation,
            site=person.site,
            language=language(),
        )
        made = await register(event, new, actor=actor, now=now, source="walk_in", send=False, any_time=True, mark=mark)
        if not made.repeated:
            await database.execute(_AT_HOME, made.id)
            await mark_in(event, [made.id], (AttendanceState.ATTENDED, AttendanceSource.DESK), actor, now)
            if at_a_door:
                await came_in(made.id, person.door, person.at, actor=actor, now=now)
    return made


async def take_in(heard: WalkedIn, event: UUID, *, sent_at: datetime | None, actor: Actor, now: datetime) -> CameIn:
    """Register who came in at a door without network; sent again, it changes nothing.

    Who cannot be registered any more – the attendance is closed, the event cancelled – is kept for a person to settle.
    Raises NotFound as `let_in`.
    """
    at = rules.happened_at(heard.at, heard.sent_at or sent_at, now)
    person = WalkIn(
        name=clean_line(heard.name),
        organisation=clean_line(heard.organisation),
        email=heard.email or None,
        site=heard.site,
        door=clean_line(heard.door),
        at=at,
    )
    nonce = nonce_of(heard)
    try:
        made = await let_in(event, person, actor=actor, now=now, mark=repeatable("walk-in", str(nonce), person.name))
    except NotFound:
        raise
    except ServiceError as refused:
        await _keep(nonce, event, person, refused.code, now)
        return CameIn(result="kept", reason=refused.code)
    if made.already:
        return CameIn(result="known")
    return CameIn(result="over" if made.state is State.WAITLISTED else "ok")


async def settle(nonce: UUID, event: UUID, deed: Literal["let_in", "dismiss"], *, actor: Actor, now: datetime) -> None:
    """Register someone who was kept, or put them aside for good; raises NotFound, and Conflict as `let_in`."""
    async with transaction():
        row = await database.fetchrow("SELECT * FROM leftover WHERE nonce = $1 AND event = $2 FOR UPDATE", nonce, event)
        region = await database.fetchval("SELECT host_region FROM event WHERE id = $1", event)
        if row is None or not may(actor, Action.RECONCILE, now=now, event_id=event, region=region):
            raise NotFound
        if deed == "let_in":
            person = WalkIn(
                name=row["name"],
                organisation=row["organisation"],
                email=row["email"] or None,
                site=row["site"],
                door=row["door"],
                at=row["happened_at"],
            )
            await let_in(event, person, actor=actor, now=now)
        await database.execute("DELETE FROM leftover WHERE nonce = $1", nonce)
        await audit.record(actor, f"leftover.{deed}", "event", event, now, nonce=nonce)


async def _keep(nonce: UUID, event: UUID, person: WalkIn, reason: str, now: datetime) -> None:
    await database.execute(
        "INSERT INTO leftover (nonce, event, name, organisation, email, site, door, reason, happened_at, received_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (nonce) DO NOTHING",
        *(nonce, event, person.name, person.organisation, person.email or "", person.site, person.door),
        *(reason, person.at, now),
    )


# Nobody is asked for their municipality at the door; that of their organisation is the best that is known.
_AT_HOME = """
UPDATE registration SET municipality = organisation.municipality, country = organisation.country
FROM organisation WHERE registration.id = $1 AND organisation.id = registration.organisation
    AND registration.municipality IS NULL AND registration.source = 'walk_in'
"""
