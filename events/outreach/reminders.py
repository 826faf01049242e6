"""Finding the reminders that are due and writing them to the ledger, in one statement."""

from datetime import datetime

from events.core import database, jobs

QUEUE = """
WITH reminder AS (
    SELECT event.id AS event, event.start_revision, minutes,
        -- whole days are counted on the event's own clock, so that 9:00 stays 9:00 when summer time begins or ends
        CASE WHEN minutes >= 1440
            THEN ((event.starts_at AT TIME ZONE event.zone) - make_interval(days => minutes / 1440))
                 AT TIME ZONE event.zone - make_interval(mins => minutes % 1440)
            ELSE event.starts_at - make_interval(mins => minutes)
        END AS due_at
    FROM event CROSS JOIN unnest(event.reminder_minutes) AS minutes
    WHERE event.state = 'published' AND event.starts_at > $1
), latest AS (
    -- of several that fall due at once, as after a move of the event, the last one says all
    SELECT DISTINCT ON (event) * FROM reminder WHERE due_at <= $1 ORDER BY event, due_at DESC, minutes
)
INSERT INTO message (id, recipient, recipient_name, person_id, reason, subject_kind, subject_id, occurrence,
                     language, due_at, message_id, created_at)
SELECT fresh.id, person.email, concat_ws(' ', person.given_name, nullif(person.family_name, '')), person.id,
    'reminder', 'registration', registration.id, latest.minutes || ':' || latest.start_revision,
    registration.language, $1, '<' || replace(fresh.id::text, '-', '') || '@sixnet>', $1
FROM latest
JOIN registration ON registration.event = latest.event AND registration.state = 'confirmed'
    AND registration.registered_at <= latest.due_at
JOIN person ON person.id = registration.person AND person.email IS NOT NULL AND person.erased_at IS NULL
CROSS JOIN LATERAL (SELECT gen_random_uuid() AS id WHERE registration.id IS NOT NULL) AS fresh
ON CONFLICT (recipient, reason, subject_kind, subject_id, occurrence) DO NOTHING
"""


async def queue_due_reminders(now: datetime) -> int:
    """Owe every confirmed participant of a published event the reminder that is due; returns how many are new.

    A reminder is due from its time before the start until the start. One that was due before the person registered is
    left out, and when the event moves, its reminders move along. Calling again or twice at once changes nothing.
    """
    queued = await database.execute(QUEUE, now)
    if queued:
        jobs.nudge("mail.deliver")
    return queued
