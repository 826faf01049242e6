"""Reminding whoever leads an event that its attendance was left open: what is not closed counts in no report."""

from datetime import datetime

from events.accounts.rules import PERMISSIONS, Action
from events.core import database, jobs

DAYS = 3
"""Days after the event's end, on its own clock, until its organiser is reminded."""

OLDEST = 30
"""Days after which nobody is reminded any more: an event of long ago that was entered later."""

LEFT_OPEN = f"""
SELECT event.* FROM event
WHERE state = 'published' AND reconciled_at IS NULL AND archived_at IS NULL
    AND ends_at > $1::timestamptz - interval '{OLDEST} days'
    AND ((ends_at AT TIME ZONE zone) + interval '{DAYS} days') AT TIME ZONE zone <= $1
    AND NOT EXISTS (SELECT FROM message WHERE reason = 'left_open' AND subject_kind = 'event'
        AND subject_id = event.id AND occurrence = event.start_revision::text)
"""

# Those who lead this very event or its group; else whom its page names; else who organises in its region.
_QUEUE = f"""
WITH left_open AS ({LEFT_OPEN}), leaders AS (
    SELECT left_open.id AS event, staff.email, staff.name, staff.language
    FROM left_open JOIN staff_grant ON staff_grant.role = ANY($2) AND (until IS NULL OR until > $1)
        AND ((resource_kind = 'event' AND resource_id = left_open.id::text)
            OR (resource_kind = 'group' AND resource_id = left_open.theme_group::text))
    JOIN staff ON staff.id = staff_grant.staff AND staff.active
), named AS (
    SELECT id AS event, contact_email AS email, contact_name AS name, languages[1] AS language FROM left_open
    WHERE contact_email <> '' AND id NOT IN (SELECT event FROM leaders)
), of_region AS (
    SELECT left_open.id AS event, staff.email, staff.name, staff.language
    FROM left_open JOIN staff_grant ON role = ANY($2) AND resource_kind = 'region' AND resource_id = host_region
        AND (until IS NULL OR until > $1)
    JOIN staff ON staff.id = staff_grant.staff AND staff.active
    WHERE left_open.id NOT IN (SELECT event FROM leaders UNION ALL SELECT event FROM named)
), told AS (
    SELECT DISTINCT ON (event, email) gen_random_uuid() AS id, * FROM
        (SELECT * FROM leaders UNION ALL SELECT * FROM named UNION ALL SELECT * FROM of_region) AS anyone
    ORDER BY event, email, name
)
INSERT INTO message (id, recipient, recipient_name, reason, subject_kind, subject_id, occurrence, language, due_at,
                     message_id, created_at)
SELECT told.id, told.email, told.name, 'left_open', 'event', told.event, start_revision::text, told.language, $1,
    '<' || replace(told.id::text, '-', '') || '@sixnet>', $1
FROM told JOIN left_open ON left_open.id = told.event
ON CONFLICT (recipient, reason, subject_kind, subject_id, occurrence) DO NOTHING
"""


async def remind_of_open(now: datetime) -> int:
    """Owe a mail about each event that was left open; returns how many. Calling again or twice at once adds none."""
    roles = [role.value for role, actions in PERMISSIONS.items() if Action.RECONCILE in actions]
    queued = await database.execute(_QUEUE, now, roles)
    if queued:
        jobs.nudge("mail.deliver")
    return queued
