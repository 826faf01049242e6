"""Owing the summaries that are due: every morning, or on Mondays, by Finnish time."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from events.core import database, jobs
from events.core.clock import FINLAND
from events.programme.rules import to_local, to_utc

AT = time(7)
"""When a summary is due; what it tells of ends at that moment."""

LONGEST = timedelta(days=14)
"""How far back a summary reaches: who was without one for longer looks at their events themselves."""

_OWED = """(SELECT FROM message WHERE recipient = staff.email AND reason = 'digest'
        AND subject_kind = 'staff' AND subject_id = staff.id AND occurrence = digest || ':' || {})"""

# A Monday without a worker is made up for later in the week, for who had a summary the week before: who chooses the
# weekly one on a Thursday waits for Monday.
_DUE = f"""
FROM staff CROSS JOIN LATERAL (SELECT CASE digest
    WHEN 'weekly' THEN date_trunc('week', $2::date::timestamp)::date ELSE $2::date END AS day) AS morning
WHERE active AND digest IN ('daily', 'weekly')
    AND (day = $2::date OR EXISTS {_OWED.format("day - 7")})
    AND $1::timestamptz >= (day + interval '7 hours') AT TIME ZONE '{FINLAND}'
    AND NOT EXISTS {_OWED.format("day")}
"""

IS_DUE = f"SELECT EXISTS (SELECT {_DUE})".replace("$2::date", f"($1::timestamptz AT TIME ZONE '{FINLAND}')::date")
"""Whether anybody's summary is due at $1."""

_QUEUE = f"""
INSERT INTO message (id, recipient, recipient_name, reason, subject_kind, subject_id, occurrence, language, due_at,
                     message_id, created_at)
SELECT fresh.id, email, name, 'digest', 'staff', due.id, digest || ':' || day, language, $1,
    '<' || replace(fresh.id::text, '-', '') || '@sixnet>', $1
FROM (SELECT id, email, name, language, digest, day {_DUE}) AS due
CROSS JOIN LATERAL (SELECT gen_random_uuid() AS id WHERE due.id IS NOT NULL) AS fresh
ON CONFLICT (recipient, reason, subject_kind, subject_id, occurrence) DO NOTHING
"""


async def queue_due(now: datetime) -> int:
    """Owe the summaries of this morning; returns how many. Calling again or twice at once adds none."""
    queued = await database.execute(_QUEUE, now, to_local(now, FINLAND).date())
    if queued:
        jobs.nudge("mail.deliver")
    return queued


_LAST = """
SELECT max(split_part(occurrence, ':', 2)::date) FROM message
WHERE reason = 'digest' AND subject_kind = 'staff' AND subject_id = $1 AND state <> 'failed'
    AND split_part(occurrence, ':', 2)::date < $2
"""


async def span(staff: UUID, occurrence: str) -> tuple[datetime, datetime]:
    """Return the time that someone's summary tells of, by the occurrence of its message.

    It goes on where the last one ended that did not fail, as mornings without a worker may lie between, and reaches
    `LONGEST` back at most; the first of all tells of a day or a week.
    """
    kind, _colon, day = occurrence.partition(":")
    until = date.fromisoformat(day)
    last = await database.fetchval(_LAST, staff, until) or until - timedelta(days=7 if kind == "weekly" else 1)
    return to_utc(max(last, until - LONGEST), AT, FINLAND), to_utc(until, AT, FINLAND)
