"""Who did what to the attendance of an event: marks, what was taken back, closing and opening."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from events.accounts.trail_words import actor_words
from events.core import database

SHOWN = 30
"""The latest deeds that the page shows; the audit trail has all of them."""


class Deed(Struct, frozen=True):
    """One press. `what` is "attended", "no_show", "unknown", "undone", "reconciled" or "reopened".

    `people` counts those whom it changed, `name` is theirs if it was one. `batch` is there while it can be taken back.
    """

    at: datetime
    by: str
    what: str
    people: int
    name: str
    batch: UUID | None


_DEEDS = """
WITH pressed AS (
    SELECT batch, min(marked_at) AS at, min(actor_kind) AS actor_kind, min(actor_id::text)::uuid AS actor_id,
        CASE WHEN bool_or(undoes IS NOT NULL) THEN 'undone' ELSE min(after) END AS what, count(*) AS people,
        CASE WHEN count(*) = 1 THEN min(registration::text)::uuid END AS registration, bool_or(undoes IS NULL) AS fresh
    FROM attendance_mark WHERE event = $1 GROUP BY batch
    UNION ALL
    SELECT NULL, at, actor_kind, actor_id, replace(action, 'event.', ''), 0, NULL, false
    FROM audit WHERE subject_kind = 'event' AND subject_id = $2 AND action IN ('event.reconciled', 'event.reopened')
)
SELECT pressed.at, pressed.actor_kind, pressed.what, pressed.people,
    coalesce(nullif(staff.name, ''), staff.email, device.name, '') AS by,
    coalesce(trim(person.given_name || ' ' || person.family_name), '') AS name,
    CASE WHEN fresh AND NOT EXISTS (SELECT FROM attendance_mark WHERE undoes = pressed.batch) THEN batch END AS batch
FROM pressed
LEFT JOIN staff ON pressed.actor_kind = 'staff' AND staff.id = pressed.actor_id
LEFT JOIN device ON pressed.actor_kind = 'door' AND device.id = pressed.actor_id
LEFT JOIN registration ON registration.id = pressed.registration
LEFT JOIN person ON person.id = registration.person
ORDER BY pressed.at DESC, pressed.batch LIMIT $3
"""


async def deeds(event: UUID) -> list[Deed]:
    """Return what was done to the attendance of an event, the latest first."""
    rows = await database.fetch(_DEEDS, event, str(event), SHOWN)
    return [
        Deed(
            row["at"],
            row["by"] or actor_words(row["actor_kind"]),
            row["what"],
            row["people"],
            row["name"],
            row["batch"],
        )
        for row in rows
    ]
