"""Owing the summaries that are due: every morning, or on Mondays, by Finnish time."""

from datetime import date, datetime, time, timedelta

from events.core import database, jobs
from events.programme.rules import ZONE, to_local, to_utc

AT = time(7)
"""When a summary is due; what it tells of ends at that moment."""

_DUE = """
FROM staff WHERE active AND (digest = 'daily' OR (digest = 'weekly' AND extract(isodow FROM $2::date) = 1))
    AND $1::timestamptz >= ($2::date + interval '7 hours') AT TIME ZONE 'Europe/Helsinki'
    AND NOT EXISTS (SELECT FROM message WHERE recipient = staff.email AND reason = 'digest'
        AND subject_kind = 'staff' AND subject_id = staff.id AND occurrence = digest || ':' || $2::date)
"""

IS_DUE = f"SELECT EXISTS (SELECT {_DUE})".replace("$2::date", "($1::timestamptz AT TIME ZONE 'Europe/Helsinki')::date")
"""Whether anybody's summary is due at $1."""

_QUEUE = f"""
INSERT INTO message (id, recipient, recipient_name, reason, subject_kind, subject_id, occurrence, language, due_at,
                     message_id, created_at)
SELECT fresh.id, email, name, 'digest', 'staff', due.id, digest || ':' || $2::date, language, $1,
    '<' || replace(fresh.id::text, '-', '') || '@sixnet>', $1
FROM (SELECT id, email, name, language, digest {_DUE}) AS due
CROSS JOIN LATERAL (SELECT gen_random_uuid() AS id WHERE due.id IS NOT NULL) AS fresh
ON CONFLICT (recipient, reason, subject_kind, subject_id, occurrence) DO NOTHING
"""


async def queue_due(now: datetime) -> int:
    """Owe the summaries of this morning; returns how many. Calling again or twice at once adds none."""
    queued = await database.execute(_QUEUE, now, to_local(now, ZONE).date())
    if queued:
        jobs.nudge("mail.deliver")
    return queued


def span(occurrence: str) -> tuple[datetime, datetime]:
    """Return the time that a summary tells of, by the occurrence of its message."""
    kind, _colon, day = occurrence.partition(":")
    last = date.fromisoformat(day)
    first = last - timedelta(days=7 if kind == "weekly" else 1)
    return to_utc(first, AT, ZONE), to_utc(last, AT, ZONE)
