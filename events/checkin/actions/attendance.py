"""What a person at the desk knows of who came."""

from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from uuid import UUID, uuid4

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


Known = tuple[AttendanceState, AttendanceSource]
"""What is known of someone's attendance, and from where."""

# Reconciling locks the same row for itself, so nobody is marked between its look and its count.
EVENT = "SELECT host_region, reconciled_at FROM event WHERE id = $1 FOR SHARE"

# An upsert that changes nothing: it makes the rows that are missing, locks all, and says what was known before.
_HOLD = """
INSERT INTO attendance AS present (registration, state, source, actor_kind, actor_id, changed_at)
SELECT registration.id, 'unknown', 'desk', $2, $3, $4 FROM registration WHERE id = ANY($1::uuid[]) ORDER BY id
ON CONFLICT (registration) DO UPDATE SET changed_at = present.changed_at
RETURNING registration, state, source
"""

_SET = """
WITH said AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
        AS said (registration, before, before_source, after, after_source)
), noted AS (
    INSERT INTO attendance_mark (id, batch, undoes, event, registration, before, before_source, after, after_source,
        actor_kind, actor_id, marked_at)
    SELECT gen_random_uuid(), $6, $7, $8, said.*, $9, $10, $11 FROM said
)
UPDATE attendance SET state = said.after, source = said.after_source, actor_kind = $9, actor_id = $10, changed_at = $11
FROM said WHERE attendance.registration = said.registration
"""

_UNKNOWN = """
SELECT registration.id FROM registration LEFT JOIN attendance ON attendance.registration = registration.id
WHERE registration.event = $1 AND registration.state = 'confirmed' AND coalesce(attendance.state, 'unknown') = 'unknown'
"""


# Of what one press has marked, what was said anew by a later press that stands; two may say the same.
_SAID_ANEW = """
SELECT DISTINCT mark.registration FROM attendance_mark AS mark
JOIN attendance_mark AS later ON later.registration = mark.registration AND later.marked_at > mark.marked_at
    AND later.undoes IS NULL AND NOT EXISTS (
        SELECT FROM attendance_mark AS undone
        WHERE undone.undoes = later.batch AND undone.registration = later.registration)
WHERE mark.batch = $1
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
    registrations: Collection[UUID],
    said: Known,
    actor: Actor,
    now: datetime,
) -> int:
    """Mark registrations of an event whose row is locked; returns of how many this was news."""
    before = await _known(registrations, actor, now)
    news = {one: (known, said) for one, known in before.items() if known[0] is not said[0]}
    if news:
        await _set(event, news, None, actor, now)
        named = list(news) if len(news) <= NAMED_IN_TRAIL else []
        detail = {"state": said[0].value, "source": said[1].value, "changed": len(news), "registrations": named}
        await audit.record(actor, "attendance.marked", "event", event, now, **detail)
    return len(news)


async def undo(batch: UUID, event: UUID, *, actor: Actor, now: datetime) -> tuple[int, int]:
    """Take back what was marked by one press; returns of how many, and how many stay as something else came after.

    Raises NotFound for what was not marked in an event that the actor may reconcile, and Conflict ("reconciled" when
    it is closed, "undone" the second time).
    """
    async with transaction():
        row = await database.fetchrow(EVENT, event)
        marks = await database.fetch("SELECT * FROM attendance_mark WHERE batch = $1 AND event = $2", batch, event)
        if (
            row is None
            or not marks
            or not may(actor, Action.RECONCILE, now=now, event_id=event, region=row["host_region"])
        ):
            raise NotFound
        require_open(row)
        known = await _known([mark["registration"] for mark in marks], actor, now)
        if await database.fetchval("SELECT true FROM attendance_mark WHERE undoes = $1 LIMIT 1", batch):
            raise Conflict(_("This has been taken back already."), code="undone")
        anew = {row["registration"] for row in await database.fetch(_SAID_ANEW, batch)}
        taken_back = {
            mark["registration"]: (_as(mark, "after"), _as(mark, "before"))
            for mark in marks
            if known[mark["registration"]] == _as(mark, "after") and mark["registration"] not in anew
        }
        await _set(event, taken_back, batch, actor, now)
        await audit.record(actor, "attendance.mark_undone", "event", event, now, changed=len(taken_back))
    return len(taken_back), len(marks) - len(taken_back)


def _as(mark: asyncpg.Record, when: str) -> Known:
    return AttendanceState(mark[when]), AttendanceSource(mark[f"{when}_source"])


async def _known(registrations: Collection[UUID], actor: Actor, now: datetime) -> dict[UUID, Known]:
    rows = await database.fetch(_HOLD, list(registrations), actor.kind.value, actor.id, now)
    return {row["registration"]: (AttendanceState(row["state"]), AttendanceSource(row["source"])) for row in rows}


async def _set(
    event: UUID, changes: Mapping[UUID, tuple[Known, Known]], undoes: UUID | None, actor: Actor, now: datetime
) -> None:
    columns = [list(changes), *([known[part].value for known in (change[when] for change in changes.values())]
               for when in (0, 1) for part in (0, 1))]  # fmt: skip
    await database.execute(_SET, *columns, uuid4(), undoes, event, actor.kind.value, actor.id, now)
