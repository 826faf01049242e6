"""Closing the attendance of an event: only then it counts, as it was that day (design.md §2, "participation")."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

import asyncpg

from events.accounts import audit
from events.accounts.rules import Action, may
from events.checkin import presence, rules
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, NotFound
from events.core.i18n import gettext as _

_LOCK = "SELECT id, state, ends_at, host_region, reconciled_at, archived_at FROM event WHERE id = $1 FOR NO KEY UPDATE"

_UNKNOWN = """
SELECT count(*) FROM registration LEFT JOIN attendance ON attendance.registration = registration.id
WHERE registration.event = $1 AND registration.state = 'confirmed' AND coalesce(attendance.state, 'unknown') = 'unknown'
"""

# Who was at a door and online at once was there once: the longer of both counts.
# Every role is frozen; which of them count is for the reports of each project to say.
_FREEZE = """
INSERT INTO participation (id, registration, event, person, organisation, role, held_on, event_kind, host_region,
    site_mode, organisation_type, size_class, municipality, region, country, person_certain, minutes, source)
SELECT gen_random_uuid(), registration.id, event.id, person.id, organisation.id, registration.role,
    (event.starts_at AT TIME ZONE event.zone)::date, event.kind, event.host_region, site.mode,
    coalesce(organisation.type, 'unknown'), coalesce(organisation.size_class, 'unknown'),
    coalesce(municipality.code, ''), coalesce(municipality.region, ''), registration.country,
    person.email IS NOT NULL,
    coalesce(greatest(attendance.minutes, there.minutes),
             round(extract(epoch FROM event.ends_at - event.starts_at) / 60)::int),
    attendance.source
FROM event
JOIN registration ON registration.event = event.id
JOIN attendance ON attendance.registration = registration.id AND attendance.state = 'attended'
JOIN site ON site.id = registration.site
JOIN person AS met ON met.id = registration.person
JOIN person ON person.id = coalesce(met.merged_into, met.id)
LEFT JOIN organisation AS named ON named.id = registration.organisation
LEFT JOIN organisation ON organisation.id = coalesce(named.merged_into, named.id)
LEFT JOIN municipality ON municipality.code = registration.municipality
LEFT JOIN unnest($2::uuid[], $3::int[]) AS there (registration, minutes) ON there.registration = registration.id
WHERE event.id = $1
"""

_WHY_OPEN: Mapping[str, Callable[[], str]] = {
    "not_held": lambda: _("Only an event that was held can be closed."),
    "not_ended": lambda: _("The event has not ended yet."),
    "unknown": lambda: _("Of some people it is not known whether they came."),
}


async def reconcile(event_id: UUID, *, actor: Actor, now: datetime) -> int:
    """Close the attendance and freeze who took part; returns how many participations that makes.

    Closing twice changes nothing. Raises NotFound for an event that the actor may not reconcile, and Conflict with the
    reason of `rules.why_open`.
    """
    async with transaction():
        event = await _held(event_id, actor, now)
        if event["reconciled_at"]:
            known: int = await database.fetchval("SELECT count(*) FROM participation WHERE event = $1", event_id)
            return known
        unknown = await database.fetchval(_UNKNOWN, event_id)
        why = rules.why_open(state=event["state"], ends_at=event["ends_at"], unknown=unknown, now=now)
        if why:
            raise Conflict(_WHY_OPEN[why](), code=why)
        there = await presence.minutes(event_id)
        frozen = await database.execute(_FREEZE, event_id, list(there), list(there.values()))
        await database.execute("UPDATE event SET reconciled_at = $2 WHERE id = $1", event_id, now)
        await audit.record(actor, "event.reconciled", "event", event_id, now, participations=frozen)
    return frozen


async def reopen(event_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Open the attendance again; the event counts in no report until it is reconciled anew.

    Opening an open one changes nothing. Raises NotFound for an event that the actor may not reconcile,
    Conflict for an archived one, and once who took part was deleted: what is frozen is all there is of it.
    """
    async with transaction():
        event = await _held(event_id, actor, now)
        if not event["reconciled_at"]:
            return
        if event["archived_at"]:
            raise Conflict(_("This event is archived. Bring it back before you change it."), code="archived")
        if await database.fetchval(_EXPIRED, event_id):
            raise Conflict(_("The data of this event have been deleted: its figures stay as they are."), code="expired")
        removed = await database.execute("DELETE FROM participation WHERE event = $1", event_id)
        await database.execute("UPDATE event SET reconciled_at = NULL WHERE id = $1", event_id)
        await audit.record(actor, "event.reopened", "event", event_id, now, participations=removed)


_EXPIRED = "SELECT EXISTS (SELECT FROM registration WHERE event = $1 AND expired_at IS NOT NULL)"


async def _held(event_id: UUID, actor: Actor, now: datetime) -> asyncpg.Record:
    event = await database.fetchrow(_LOCK, event_id)
    if event is None or not may(actor, Action.RECONCILE, now=now, event_id=event_id, region=event["host_region"]):
        raise NotFound
    return event
