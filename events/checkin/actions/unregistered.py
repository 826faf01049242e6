"""Letting someone count who was expected and came, but never registered: an invited person, a member of the group."""

from datetime import datetime
from uuid import UUID

from events.accounts.rules import Action, may
from events.checkin.actions.attendance import mark, require_open
from events.checkin.tables import AttendanceState
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import NotFound
from events.core.text import split_name
from events.registration.actions import NewRegistration, register
from events.registration.invitations import queries as invitations
from events.registration.invitations.tables import InvitationState
from events.registration.rules import GONE
from events.registration.tables import State

_EVENT = "SELECT host_region, theme_group, reconciled_at FROM event WHERE id = $1 FOR SHARE"


async def invited_came(event_id: UUID, invitation_id: UUID, *, actor: Actor, now: datetime) -> UUID:
    """Register who was invited, as the person we know, and mark them as attended; returns the registration.

    Who is registered already is marked; no mail is sent. Raises NotFound, Conflict when the attendance is closed
    ("reconciled") or the event full without a waiting list ("full").
    """
    async with transaction():
        await _reconcilable(event_id, actor, now)
        invitation = await invitations.locked(invitation_id)
        if invitation is None or invitation.event != event_id or invitation.answer is InvitationState.WITHDRAWN:
            raise NotFound
        if invitation.registration and invitation.answer is InvitationState.YES:
            return await _mark(invitation.registration, actor, now)
        known = await invitations.known_of(invitation)
        given, family = split_name(invitation.name or invitation.email.partition("@")[0])
        new = NewRegistration(
            given_name=known.given_name if known else given,
            family_name=known.family_name if known else family,
            email=invitation.email,
            organisation=known.organisation if known else "",
            municipality=known.municipality if known else None,
            country=known.country if known else "FI",
            language=invitation.language,
        )
        return await _register(event_id, new, actor, now)


async def member_came(event_id: UUID, person_id: UUID, *, actor: Actor, now: datetime) -> UUID:
    """Register a member of the event's group, also one without an address, and mark them as attended.

    Returns the registration. Raises as `invited_came` does, and NotFound for who is no member.
    """
    async with transaction():
        group = await _reconcilable(event_id, actor, now)
        await _lock(person_id)
        row = await database.fetchrow(_MEMBER, person_id, group)
        if row is None:
            raise NotFound
        there = await database.fetchrow(_THERE, event_id, person_id)
        if there and (row["email"] is None or State(there["state"]) not in GONE):
            return await _mark(there["id"], actor, now)
        made = await _register(event_id, NewRegistration(**row), actor, now)
        if row["email"] is None:
            await _is(made, person_id)
    return made


_MEMBER = """
SELECT given_name, family_name, email, person.language, coalesce(organisation.name, '') AS organisation,
    organisation.municipality, coalesce(organisation.country, 'FI') AS country
FROM person LEFT JOIN group_member AS own ON own.theme_group = $2 AND own.person = person.id
LEFT JOIN organisation ON organisation.id = coalesce(own.organisation, person.organisation)
WHERE person.id = $1 AND person.erased_at IS NULL AND own.id IS NOT NULL
ORDER BY own.starts_on DESC LIMIT 1
"""

_THERE = "SELECT id, state FROM registration WHERE event = $1 AND person = $2"


async def _is(registration_id: UUID, person_id: UUID) -> None:
    """Say whose registration it is: without an address it was made for somebody new."""
    new = await database.fetchval("SELECT person FROM registration WHERE id = $1", registration_id)
    await database.execute("UPDATE registration SET person = $2 WHERE id = $1", registration_id, person_id)
    await database.execute("DELETE FROM person WHERE id = $1", new)


async def _reconcilable(event_id: UUID, actor: Actor, now: datetime) -> UUID | None:
    """Lock the event against being closed meanwhile, and return its group."""
    row = await database.fetchrow(_EVENT, event_id)
    if row is None or not may(actor, Action.RECONCILE, now=now, event_id=event_id, region=row["host_region"]):
        raise NotFound
    require_open(row)
    group: UUID | None = row["theme_group"]
    return group


async def _lock(person_id: UUID) -> None:
    """Let two who press at once come one after the other: without an address nothing else would tell them apart."""
    await database.execute("SELECT FROM person WHERE id = $1 FOR UPDATE", person_id)


async def _register(event_id: UUID, new: NewRegistration, actor: Actor, now: datetime) -> UUID:
    made = await register(event_id, new, actor=actor, now=now, source="staff", send=False, any_time=True)
    return await _mark(made.id, actor, now)


async def _mark(registration_id: UUID, actor: Actor, now: datetime) -> UUID:
    await mark([registration_id], AttendanceState.ATTENDED, actor=actor, now=now)
    return registration_id
