"""The hot path: a door that has the network asks about one ticket, in one statement (design.md §7)."""

from datetime import datetime

import asyncpg
from msgspec.structs import replace

from events.accounts.rules import Action, reach
from events.checkin import rules, tickets
from events.checkin.actions.append import append
from events.checkin.shapes import Answer, Scanned
from events.checkin.tables import ScanResult, ScanType
from events.core import database
from events.core.actor import Actor
from events.core.errors import NotFound
from events.core.text import clean_line

_ENTER = f""", judged AS (
    SELECT * FROM ticket WHERE NOT EXISTS (SELECT FROM known)
), entered AS (
    INSERT INTO attendance AS present
        (registration, state, source, inside, last_entry, first_entry_at, door, actor_kind, actor_id, changed_at)
    SELECT id, 'attended', 'scan', true, $5, $9, $7, $11, $12, $10 FROM judged WHERE reason = ''
    ON CONFLICT (registration) DO UPDATE SET
        state = excluded.state, source = excluded.source, inside = true, last_entry = excluded.last_entry,
        first_entry_at = coalesce(present.first_entry_at, excluded.first_entry_at),
        door = CASE WHEN present.first_entry_at IS NULL THEN excluded.door ELSE present.door END,
        actor_kind = excluded.actor_kind, actor_id = excluded.actor_id, changed_at = excluded.changed_at
    WHERE NOT present.inside
    RETURNING first_entry_at, door
), recorded AS (
    INSERT INTO scan (id, nonce, event, registration, ticket_hash, door, type, result, reason,
                      device_at, happened_at, received_at, actor_kind, actor_id)
    SELECT gen_random_uuid(), $5, judged.event, judged.id, judged.ticket_hash, $7, 'entry',
        CASE WHEN judged.reason <> '' THEN 'rejected' WHEN entered.door IS NULL THEN 'duplicate' ELSE 'ok' END,
        judged.reason, $8, $9, $10, $11, $12
    FROM judged LEFT JOIN entered ON true
    RETURNING result, reason
)
SELECT ticket.id, coalesce(recorded.result, known.result) AS result, coalesce(recorded.reason, known.reason) AS reason,
    coalesce(entered.first_entry_at, present.first_entry_at) AS first_entry_at,
    coalesce(entered.door, present.door) AS first_door, {tickets.FACTS}
FROM ticket
LEFT JOIN known ON true LEFT JOIN recorded ON true LEFT JOIN entered ON true
LEFT JOIN attendance AS present ON present.registration = ticket.id
{tickets.NAMES}
"""
# `entered` has a row only if this very reading let the person in; whoever comes at the same moment waits for its lock.
_ENTER_BY_HASH = tickets.find() + _ENTER
_ENTER_BY_CODE = tickets.find(code_at=13) + _ENTER


async def redeem(scan: Scanned, *, actor: Actor, now: datetime) -> Answer:
    """Say whether a ticket opens the door, and record the reading and the attendance in the same statement.

    A nonce that came before gives its answer again. Raises NotFound for an event where the actor may not check in, and
    Conflict ("nonce_used").
    """
    if scan.type is not ScanType.ENTRY or scan.force:
        return await append(scan, actor=actor, now=now, offline=False)
    try:
        row = await _enter(scan, actor, now)
    except asyncpg.UniqueViolationError:  # the same reading twice at once; by now it is known
        row = await _enter(scan, actor, now)
    if row is None:
        raise NotFound
    answer = tickets.answer(row)
    if answer.result is not ScanResult.DUPLICATE or answer.first_scan_at is not None:
        return answer
    # the first entry was made at the same moment, so this statement's snapshot could not see it
    first = await database.fetchrow("SELECT first_entry_at, door FROM attendance WHERE registration = $1", row["id"])
    return replace(answer, first_scan_at=first["first_entry_at"], first_door=first["door"]) if first else answer


async def _enter(scan: Scanned, actor: Actor, now: datetime) -> asyncpg.Record | None:
    ticket = tickets.read(scan.secret)
    everywhere, regions, events = reach(actor, Action.CHECK_IN, now=now)
    return await database.fetchrow(
        _ENTER_BY_CODE if ticket.code else _ENTER_BY_HASH,
        scan.event,
        everywhere,
        list(regions),
        list(events),
        tickets.nonce_of(scan),
        ticket.digest,
        clean_line(scan.door),
        scan.at,
        rules.happened_at(scan.at, scan.sent_at, now),
        now,
        actor.kind.value,
        actor.id,
        *((ticket.code,) if ticket.code else ()),
    )
