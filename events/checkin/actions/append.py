"""The careful path: whatever is more than one question of a door with network (undo, exit, forced entry, uploads)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from events.checkin import rules, tickets
from events.checkin.readings import readings
from events.checkin.shapes import Answer, Scanned
from events.checkin.tables import AttendanceSource, AttendanceState, ScanResult, ScanType
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, NotFound
from events.core.text import clean_line
from events.messaging.webhooks import ledger as webhooks
from events.messaging.webhooks.tables import Happening

_LOOK = f"""{tickets.FIND}
SELECT ticket.event, ticket.id, ticket.ticket_hash, ticket.reason AS found_reason, known.result, known.reason,
    known.offline, present.first_entry_at, present.door AS first_door, {tickets.FACTS}
FROM ticket LEFT JOIN known USING (row)
{tickets.NAMES}
"""

# An upsert that changes nothing: it makes the row if there is none and locks it either way.
_LOCK = """
INSERT INTO attendance AS present (registration, state, source, actor_kind, actor_id, changed_at)
VALUES ($1, 'unknown', 'scan', $2, $3, $4)
ON CONFLICT (registration) DO UPDATE SET changed_at = present.changed_at
RETURNING state, source, last_entry, inside, conflict, first_entry_at, door
"""

_RECORD = """
INSERT INTO scan (id, nonce, event, registration, ticket_hash, door, type, forced, offline, said, result, reason,
                  device_at, happened_at, received_at, actor_kind, actor_id)
VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
"""

_CAME_IN = """
INSERT INTO scan (id, nonce, event, registration, ticket_hash, door, type, forced, offline, said, result, reason,
                  device_at, happened_at, received_at, actor_kind, actor_id)
SELECT gen_random_uuid(), $2, event, id, ticket_hash, $3, 'entry', true, $4, CASE WHEN $4 THEN 'ok' ELSE '' END, $5, '',
    $6, $6, $7, $8, $9
FROM registration WHERE id = $1
"""

_ATTEND = """
UPDATE attendance SET state = $2, source = $3, inside = $4, last_entry = $5, first_entry_at = $6, door = $7,
    conflict = $8, actor_kind = $9, actor_id = $10, changed_at = $11
WHERE registration = $1
"""


async def take_in(scan: Scanned, actor: Actor, now: datetime) -> Answer:
    """Record a reading of a door without network; raises NotFound as `append`."""
    try:
        return await append(scan, actor=actor, now=now, offline=True)
    except Conflict:  # a device that uses a nonce twice must not lose the second person
        return await append(tickets.with_own_nonce(scan), actor=actor, now=now, offline=True)


async def append(scan: Scanned, *, actor: Actor, now: datetime, offline: bool) -> Answer:
    """Record one reading and let the attendance follow from all readings of its ticket.

    Raises NotFound for an event where the actor may not check in, and Conflict ("nonce_used").
    """
    try:
        return await _append(scan, actor, now, offline=offline)
    except asyncpg.UniqueViolationError:  # the same reading twice at once; by now it is known
        return await _append(scan, actor, now, offline=offline)


async def _append(scan: Scanned, actor: Actor, now: datetime, *, offline: bool) -> Answer:
    async with transaction():
        row = await _look(scan, actor, now)
        if row is None:
            raise NotFound
        if row["result"] is not None:
            if offline and _was_told_otherwise(scan, row):
                return await _append(tickets.with_own_nonce(scan), actor, now, offline=True)
            return tickets.answer(row)
        reason = _refusal(scan, row["found_reason"], offline=offline)
        reading = _reading(scan, now, offline=offline)
        if reason:
            result, first = ScanResult.REJECTED, None
        else:
            result, first = await _count(row["id"], reading, actor, now)
        said = (scan.said or ("rejected" if reason else "ok")) if offline else ""
        await database.execute(
            _RECORD,
            reading.nonce,
            row["event"],
            row["id"],
            row["ticket_hash"],
            reading.door,
            scan.type.value,
            scan.force,
            offline,
            said,
            result.value,
            reason,
            scan.at,
            reading.at,
            now,
            actor.kind.value,
            actor.id,
        )
        if not reason and result is not ScanResult.DUPLICATE:
            seen = {"type": scan.type.value, "at": reading.at, "result": result.value}
            await webhooks.add(Happening.CHECKIN_RECORDED, row["event"], now=now, registration=row["id"], **seen)
    known = {**row, "result": result, "reason": reason}
    known |= {"first_entry_at": first.at if first else None, "first_door": first.door if first else None}
    return tickets.answer(known)


def _was_told_otherwise(scan: Scanned, known: asyncpg.Record) -> bool:
    """Say whether our answer did not reach the door in time, and it let in whom we would not have let in."""
    return scan.said == "ok" and not known["offline"] and known["result"] != ScanResult.OK


async def _look(scan: Scanned, actor: Actor, now: datetime) -> asyncpg.Record | None:
    return await database.fetchrow(_LOOK, *([value] for value in tickets.asked_of(scan, actor, now)))


def _refusal(scan: Scanned, found: str, *, offline: bool) -> str:
    """Return why the reading is refused, or "": who was let in by hand or by a door without network was let in."""
    if found in {"unknown", "revoked", "wrong_event"}:
        return found
    if scan.type is not ScanType.ENTRY:
        return ""
    if offline and scan.said == "rejected":
        return found or "refused"
    return "" if scan.force or (offline and scan.said == "ok") else found


def _reading(scan: Scanned, now: datetime, *, offline: bool) -> rules.Reading:
    at = rules.happened_at(scan.at, scan.sent_at, now)
    return rules.Reading(
        nonce=tickets.nonce_of(scan),
        type=scan.type,
        order=at if offline else now,
        at=at,
        door=clean_line(scan.door),
        admitted=scan.force or scan.said in {"", "ok"},
        forced=scan.force,
    )


async def came_in(registration: UUID, door: str, at: datetime | None, *, actor: Actor, now: datetime) -> None:
    """Record that a door let someone in whose registration it has just made, `at` by a door without network.

    It is an entry like any other, so that they can go out again and are inside for every door. What a person has said
    of their attendance stands.
    """
    offline, moment = at is not None, at or now
    new = rules.Reading(uuid4(), ScanType.ENTRY, order=moment, at=moment, door=door, forced=True)
    result, _first = await _count(registration, new, actor, now, by_hand=True)
    by = (actor.kind.value, actor.id)
    await database.execute(_CAME_IN, registration, new.nonce, door, offline, result.value, moment, now, *by)


async def _count(
    registration: UUID, new: rules.Reading, actor: Actor, now: datetime, *, by_hand: bool = False
) -> tuple[ScanResult, rules.Reading | None]:
    """Let the attendance follow from the readings so far and `new`; returns what `new` is and the first entry.

    `by_hand`: a person has just said that they came, and that they are the source of it stays.
    """
    locked = await database.fetchrow(_LOCK, registration, actor.kind.value, actor.id, now)
    assert locked is not None  # noqa: S101 - an upsert without WHERE returns its row
    earlier = await readings(registration)
    scans = rules.outcome([*earlier, new])
    state, source = AttendanceState(locked["state"]), AttendanceSource(locked["source"])
    if not by_hand:
        state, source = rules.attendance_after(state, source, locked["last_entry"], scans)
    after = (
        state.value,
        source.value,
        scans.inside,
        scans.last.nonce if scans.last else None,
        scans.first.at if scans.first else None,
        scans.first.door if scans.first else "",
        bool(scans.conflicts),
    )
    before = tuple(locked[name] for name in _FOLLOWS)
    if after != before:
        await database.execute(_ATTEND, registration, *after, actor.kind.value, actor.id, now)
    return rules.answer_to(new, rules.outcome(earlier), scans), scans.first


_FOLLOWS: Sequence[str] = ("state", "source", "inside", "last_entry", "first_entry_at", "door", "conflict")
