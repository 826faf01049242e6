"""Owing the reminders that are due, and deciding on those whose time has passed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import structlog

from events.accounts import audit
from events.core import database, jobs
from events.core.actor import Actor, ActorKind
from events.core.database import transaction
from events.core.errors import Conflict, Unavailable
from events.core.i18n import gettext as _
from events.outreach.reminders.rules import ASKING, AUDIENCE, DUE
from events.outreach.reminders.tables import Outcome
from events.programme.actions import editable
from events.surveys.groups import actions as groups

_log = structlog.get_logger("events.reminders")

_CLAIM = """
INSERT INTO reminder_run (id, event, rule, occurrence, outcome, by, at)
SELECT gen_random_uuid(), $1, rule, occurrence, $4, $5, $6 FROM unnest($2::uuid[], $3::text[]) AS due (rule, occurrence)
ORDER BY occurrence
ON CONFLICT (event, occurrence) DO NOTHING RETURNING occurrence
"""

_ASKS_OF_ANSWERS = "SELECT EXISTS (SELECT FROM reminder_rule WHERE id = ANY($1) AND answered <> 'any')"

# Of several that come before the start and fall due at once, as after a time without a worker, the last one says all.
_OWE = f"""
WITH meant AS MATERIALIZED (
    SELECT DISTINCT ON (registration.id, CASE WHEN rule.anchor = 'start' AND due.before THEN NULL ELSE rule.id END)
        registration.id AS registration, registration.language, due.occurrence, person.id AS person, person.email,
        concat_ws(' ', person.given_name, nullif(person.family_name, '')) AS name
    FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::bool[])
        AS due (rule, occurrence, due_at, reaches, before)
    JOIN reminder_rule AS rule ON rule.id = due.rule
    JOIN registration ON registration.event = $1 AND registration.registered_at <= due.reaches
    JOIN person ON person.id = registration.person
    WHERE {AUDIENCE}
    ORDER BY registration.id, CASE WHEN rule.anchor = 'start' AND due.before THEN NULL ELSE rule.id END, due.due_at DESC
), fresh AS MATERIALIZED (SELECT gen_random_uuid() AS id, * FROM meant)
INSERT INTO message (id, recipient, recipient_name, person_id, reason, subject_kind, subject_id, occurrence,
                     language, due_at, message_id, created_at)
SELECT id, email, name, person, 'reminder', 'registration', registration, occurrence, language, $7,
    '<' || replace(id::text, '-', '') || '@sixnet>', $7
FROM fresh
ON CONFLICT (recipient, reason, subject_kind, subject_id, occurrence) DO NOTHING
"""


async def queue_due_reminders(now: datetime) -> int:
    """Owe the reminders that are due to whom they are for; returns how many messages that is.

    A rule has one turn at an event for each revision of its start, in which all its messages are written. Calling again
    or twice at once changes nothing.
    """
    due: dict[UUID, list[asyncpg.Record]] = {}
    for row in await database.fetch(DUE, now):
        due.setdefault(row["event"], []).append(row)
    queued = 0
    for event, rows in due.items():
        try:
            async with transaction():
                queued += await _owe(event, await _claimed(event, rows, Outcome.SENT, None, now), now)
        except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, Unavailable) as error:
            # What cannot be written for one event must not hold up those of all others, at this and every later tick.
            _log.error("reminders not owed", event_id=str(event), error=type(error).__name__)
    if queued:
        jobs.nudge("mail.deliver")
    return queued


async def decide(event_id: UUID, occurrence: str, *, send: bool, actor: Actor, now: datetime) -> int:
    """Send a reminder whose time has passed after all, or leave it out; returns how many messages that is.

    Raises NotFound for an event that the actor may not edit, Conflict when there is nothing to decide any more.
    """
    async with transaction():
        await editable(event_id, actor, now)
        rows = await database.fetch(f"{ASKING} AND event = $2 AND occurrence = $3", now, event_id, occurrence)
        by = actor.id if actor.kind is ActorKind.STAFF else None
        claimed = await _claimed(event_id, rows, Outcome.SENT if send else Outcome.LEFT_OUT, by, now)
        if not claimed:
            raise Conflict(_("This has been decided already, or its time is over."), code="stale")
        queued = await _owe(event_id, claimed, now) if send else 0
        action = "reminder.sent_late" if send else "reminder.left_out"
        await audit.record(actor, action, "event", event_id, now, rule=str(claimed[0]["rule"]), messages=queued)
    jobs.nudge("mail.deliver")
    return queued


async def _claimed(
    event: UUID, rows: Sequence[asyncpg.Record], outcome: Outcome, by: UUID | None, now: datetime
) -> list[asyncpg.Record]:
    """Note the turn of rules at an event; returns those that nobody else has noted, who waits for us or we for them."""
    rules, occurrences = ([row[name] for row in rows] for name in ("rule", "occurrence"))
    noted = await database.fetch(_CLAIM, event, rules, occurrences, outcome.value, by, now)
    mine = {row["occurrence"] for row in noted}
    return [row for row in rows if row["occurrence"] in mine]


async def _owe(event: UUID, rows: Sequence[asyncpg.Record], now: datetime) -> int:
    if await database.fetchval(_ASKS_OF_ANSWERS, [row["rule"] for row in rows]):
        await groups.begin_anew(await groups.lock([event]))
    columns = ([row[name] for row in rows] for name in ("rule", "occurrence", "due_at", "reaches", "before"))
    return await database.execute(_OWE, event, *columns, now)
