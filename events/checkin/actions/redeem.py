"""The hot path: a door that has the network asks about one ticket; one statement answers all who ask (design.md §7)."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from events.checkin import rules, tickets
from events.checkin.actions.append import append
from events.checkin.shapes import Answer, Scanned
from events.checkin.tables import ScanResult, ScanType
from events.core import database, jobs
from events.core.actor import Actor
from events.core.errors import NotFound
from events.core.gathering import Gathering
from events.core.text import clean_line
from events.messaging.webhooks import ledger as webhooks
from events.messaging.webhooks.tables import Happening

_WANTING = webhooks.wanting(Happening.CHECKIN_RECORDED)

_TELL = webhooks.owing(
    Happening.CHECKIN_RECORDED,
    "(SELECT * FROM recorded WHERE result = 'ok') AS read",
    event="read.event",
    data="jsonb_build_object('registration', read.registration, 'type', 'entry', 'at', read.happened_at,"
    " 'result', read.result)",
    at="read.received_at",
)

_ENTER = f"""{tickets.FIND}, hook AS MATERIALIZED (SELECT {_WANTING} AS wanted), judged AS (
    SELECT ticket.*, said.door, said.device_at, said.happened_at, said.received_at, said.actor_kind, said.actor_id
    FROM ticket
    JOIN unnest((SELECT $8::text[]), (SELECT $9::timestamptz[]), (SELECT $10::timestamptz[]),
            (SELECT $11::timestamptz[]), (SELECT $12::text[]), (SELECT $13::uuid[]))
        WITH ORDINALITY AS said (door, device_at, happened_at, received_at, actor_kind, actor_id, row) USING (row)
    WHERE NOT EXISTS (SELECT FROM known WHERE known.row = ticket.row) AND {{right_form}}
), entered AS (
    INSERT INTO attendance AS present
        (registration, state, source, inside, last_entry, first_entry_at, door, actor_kind, actor_id, changed_at)
    SELECT id, 'attended', 'scan', true, nonce, happened_at, door, actor_kind, actor_id, received_at
    FROM judged WHERE reason = '' ORDER BY id
    ON CONFLICT (registration) DO UPDATE SET
        state = excluded.state, source = excluded.source, inside = true, last_entry = excluded.last_entry,
        first_entry_at = coalesce(present.first_entry_at, excluded.first_entry_at),
        door = CASE WHEN present.first_entry_at IS NULL THEN excluded.door ELSE present.door END,
        actor_kind = excluded.actor_kind, actor_id = excluded.actor_id, changed_at = excluded.changed_at
    WHERE NOT present.inside
    RETURNING registration, first_entry_at, door
), recorded AS (
    INSERT INTO scan (id, nonce, event, registration, ticket_hash, door, type, result, reason,
                      device_at, happened_at, received_at, actor_kind, actor_id)
    SELECT gen_random_uuid(), nonce, judged.event, judged.id, judged.ticket_hash, judged.door, 'entry',
        CASE WHEN judged.reason <> '' THEN 'rejected' WHEN entered.door IS NULL THEN 'duplicate' ELSE 'ok' END,
        judged.reason, device_at, happened_at, received_at, actor_kind, actor_id
    FROM judged LEFT JOIN entered ON entered.registration = judged.id
    RETURNING nonce, result, reason, event, registration, happened_at, received_at
){{telling}}
SELECT ticket.row, ticket.id, coalesce(recorded.result, known.result) AS result,
    coalesce(recorded.reason, known.reason) AS reason,
    coalesce(entered.first_entry_at, present.first_entry_at) AS first_entry_at,
    coalesce(entered.door, present.door) AS first_door, {tickets.FACTS},
    (SELECT wanted FROM hook) AS wanted
FROM ticket
LEFT JOIN known USING (row) LEFT JOIN recorded USING (nonce) LEFT JOIN entered ON entered.registration = ticket.id
{tickets.NAMES}
"""
# `entered` has a row only if this very reading let the person in; whoever comes at the same moment waits for its lock.
# Its rows are locked in the order of their ids, so that no two such statements wait for each other.

_FORMS = webhooks.Forms(
    _ENTER.format(right_form="NOT (SELECT wanted FROM hook)", telling=""),
    _ENTER.format(right_form="true", telling=f", told AS ({_TELL})"),
)

MOST, ABREAST = 32, 1
"""So many readings are answered by one statement at the most, and so many statements run at once in a process."""


class _Asked(Struct, frozen=True):
    """One reading of one door, at the moment it reached us."""

    scan: Scanned
    actor: Actor
    now: datetime


async def redeem(scan: Scanned, *, actor: Actor, now: datetime) -> Answer:
    """Say whether a ticket opens the door, and record the reading and the attendance in the same statement.

    A nonce that came before gives its answer again. Raises NotFound for an event where the actor may not check in, and
    Conflict ("nonce_used").
    """
    if scan.type is not ScanType.ENTRY or scan.force:
        return await append(scan, actor=actor, now=now, offline=False)
    row = await _doors.ask(_Asked(scan, actor, now))
    if row is None:
        raise NotFound
    answer = tickets.answer(row)
    if answer.result is not ScanResult.DUPLICATE or answer.first_scan_at is not None:
        return answer
    # the first entry was made at the same moment, so this statement's snapshot could not see it
    first = await database.fetchrow("SELECT first_entry_at, door FROM attendance WHERE registration = $1", row["id"])
    return replace(answer, first_scan_at=first["first_entry_at"], first_door=first["door"]) if first else answer


async def _enter_all(asked: Sequence[_Asked]) -> Sequence[asyncpg.Record | Exception | None]:
    """Answer readings together, or each alone when one spoils it for the others: the same ticket twice."""
    try:
        return await _enter(asked)
    except asyncpg.PostgresError:
        return [await _enter_alone(each) for each in asked]


async def _enter_alone(asked: _Asked) -> asyncpg.Record | Exception | None:
    try:
        try:
            return (await _enter([asked]))[0]
        except asyncpg.UniqueViolationError:  # the same reading twice at once; by now it is known
            return (await _enter([asked]))[0]
    except Exception as error:  # noqa: BLE001 - it concerns this reading alone
        return error


async def _enter(asked: Sequence[_Asked]) -> list[asyncpg.Record | None]:
    form, values = _FORMS.likely, [list(each) for each in zip(*(_parameters(each) for each in asked), strict=True)]
    rows = await database.fetch(form, *values)
    if rows and _FORMS.undone(form, wanted=rows[0]["wanted"]):
        rows = await database.fetch(_FORMS.telling, *values)
    if rows and rows[0]["wanted"]:
        jobs.nudge(webhooks.JOB)
    by_number = {row["row"]: row for row in rows}
    return [by_number.get(number) for number in range(1, len(asked) + 1)]


def _parameters(asked: _Asked) -> tuple[object, ...]:
    scan, actor, now = asked.scan, asked.actor, asked.now
    when = (scan.at, rules.happened_at(scan.at, scan.sent_at, now), now)
    return *tickets.asked_of(scan, actor, now), clean_line(scan.door), *when, actor.kind.value, actor.id


_doors = Gathering(_enter_all, most=MOST, abreast=ABREAST)
