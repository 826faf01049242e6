"""What a person at the desk knows of who came."""

from collections.abc import Collection
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from uuid import UUID

import asyncpg

from events.accounts import audit
from events.accounts.rules import Action, may
from events.checkin.tables import AttendanceSource, AttendanceState
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, NotFound
from events.core.i18n import gettext as _

NAMED_IN_TRAIL = 50
"""Up to so many registrations are named in one row of the audit trail; more are counted."""


# Reconciling locks the same row for itself, so nobody is marked between its look and its count.
EVENT = "SELECT host_region, reconciled_at FROM event WHERE id = $1 FOR SHARE"

_MARK = """
INSERT INTO attendance AS present (registration, state, source, actor_kind, actor_id, changed_at)
SELECT registration.id, $2, $3, $4, $5, $6 FROM registration WHERE id = ANY($1::uuid[]) ORDER BY id
ON CONFLICT (registration) DO UPDATE SET state = excluded.state, source = excluded.source,
    actor_kind = excluded.actor_kind, actor_id = excluded.actor_id, changed_at = excluded.changed_at
WHERE present.state <> excluded.state
"""

_UNKNOWN = """
SELECT registration.id FROM registration LEFT JOIN attendance ON attendance.registration = registration.id
WHERE registration.event = $1 AND registration.state = 'confirmed' AND coalesce(attendance.state, 'unknown') = 'unknown'
"""


async def mark(
    registrations: Collection[UUID],
    state: AttendanceState,
    source: AttendanceSource = AttendanceSource.DESK,
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Say of registrations whether their persons attended; returns of how many this was news.

    Raises NotFound for one that the actor may not reconcile, and Conflict ("reconciled") when its event is closed.
    """
    async with transaction():
        changed = 0
        for event, concerned in (await _by_event(registrations)).items():
            row = await database.fetchrow(EVENT, event)
            if row is None or not may(actor, Action.RECONCILE, now=now, event_id=event, region=row["host_region"]):
                raise NotFound
            require_open(row)
            changed += await mark_in(event, concerned, (state, source), actor, now)
    return changed


async def mark_rest(event: UUID, state: AttendanceState, *, actor: Actor, now: datetime) -> int:
    """Say the same of everyone with a confirmed place of whom nothing is known yet; returns of how many."""
    async with transaction():
        rest = [row["id"] for row in await database.fetch(_UNKNOWN, event)]
        return await mark(rest, state, actor=actor, now=now) if rest else 0


def require_open(event: asyncpg.Record) -> None:
    """Raise Conflict ("reconciled") when the event's attendance is closed."""
    if event["reconciled_at"]:
        raise Conflict(_("The attendance of this event is closed. Open it again first."), code="reconciled")


async def _by_event(registrations: Collection[UUID]) -> dict[UUID, list[UUID]]:
    rows = await database.fetch(
        "SELECT id, event FROM registration WHERE id = ANY($1::uuid[]) ORDER BY event, id", list(registrations)
    )
    if len(rows) != len(set(registrations)):
        raise NotFound
    return {event: [row["id"] for row in group] for event, group in groupby(rows, key=itemgetter("event"))}


async def mark_in(
    event: UUID,
    registrations: list[UUID],
    said: tuple[AttendanceState, AttendanceSource],
    actor: Actor,
    now: datetime,
) -> int:
    """Mark registrations of an event whose row is locked; returns of how many this was news."""
    state, source = said
    changed = await database.execute(_MARK, registrations, state.value, source.value, actor.kind.value, actor.id, now)
    if changed:
        named = registrations if len(registrations) <= NAMED_IN_TRAIL else []
        detail = {"state": state.value, "source": source.value, "changed": changed, "registrations": named}
        await audit.record(actor, "attendance.marked", "event", event, now, **detail)
    return changed
