"""Asking once more who has not answered an invitation: by the event's rule through the tick, or by a button."""

from datetime import datetime
from uuid import UUID

from events.accounts import audit
from events.core import database, jobs
from events.core.actor import Actor
from events.core.database import transaction
from events.messaging.rules import gets_no_invitation
from events.programme import rules
from events.registration.invitations.actions import WRITE, event_for_inviting, require_to_come
from events.registration.invitations.queries import ANSWER, ANSWERED

_HAS_NOT_ANSWERED = f"""
{ANSWER} IN ('sent', 'later') AND NOT {gets_no_invitation("invitation.email", "invitation.event")}
"""

_WAITED_FOR = f"FROM invitation {ANSWERED} WHERE {_HAS_NOT_ANSWERED} AND invitation.event"

_REMIND = f"""
, owed AS (
    UPDATE invitation SET reminded_at = $1 FROM chosen WHERE invitation.id = chosen.id AND NOT EXISTS (
        SELECT FROM message WHERE message.recipient = invitation.email AND message.reason = 'invitation_reminder'
        AND message.subject_kind = 'invitation' AND message.subject_id = invitation.id
        AND message.occurrence = chosen.occurrence)
    RETURNING invitation.id, email, name, person, language, chosen.occurrence
)
{WRITE.format(reason="'invitation_reminder'", occurrence="occurrence", now="$1::timestamptz")}
"""

_DUE = f"""
WITH due AS (
    SELECT DISTINCT ON (event.id) event.id AS event, minutes || ':' || event.start_revision AS occurrence, due_at
    FROM event CROSS JOIN unnest(event.invitation_reminders) AS minutes
    -- whole days before, by the event's own clock; of several that are due the latest
    CROSS JOIN LATERAL (SELECT ((event.starts_at AT TIME ZONE event.zone) - make_interval(days => minutes / 1440))
                        AT TIME ZONE event.zone AS due_at) AS reminder
    WHERE event.state = 'published' AND event.starts_at > $1 AND due_at <= $1
    ORDER BY event.id, minutes
),
chosen AS (
    SELECT invitation.id, due.occurrence FROM due
    JOIN invitation ON invitation.event = due.event AND invitation.invited_at <= due.due_at
        AND (invitation.reminded_at IS NULL OR invitation.reminded_at < due.due_at - interval '1 day')
    {ANSWERED} WHERE {_HAS_NOT_ANSWERED}
)
"""

IS_DUE = f"{_DUE} SELECT EXISTS (SELECT FROM chosen)"
"""Whether anybody is to be reminded at $1."""

_BY_RULE = f"{_DUE} {_REMIND}"

_BY_HAND = f"WITH chosen AS (SELECT invitation.id, $3::text AS occurrence {_WAITED_FOR} = $2) {_REMIND}"


async def queue_due(now: datetime) -> int:
    """Owe those who have not answered the reminder that is due; returns how many are new.

    Who was invited after it fell due is left out, and who was reminded by hand in the day before it. Calling again or
    twice at once changes nothing.
    """
    queued = await database.execute(_BY_RULE, now)
    if queued:
        jobs.nudge("mail.deliver")
    return queued


async def waited_for(event_id: UUID) -> int:
    """Count whom `remind_now` would write to, if it was not done today already."""
    count: int = await database.fetchval(f"SELECT count(*) {_WAITED_FOR} = $1", event_id)
    return count


async def remind_now(event_id: UUID, *, actor: Actor, now: datetime) -> int:
    """Ask everyone who has not answered once more, once a day at most; returns how many are written to.

    Raises NotFound, or Conflict when nobody can come any more.
    """
    async with transaction():
        event = await event_for_inviting(event_id, actor, now)
        require_to_come(event, now)
        day = rules.to_local(now, event.zone).date().isoformat()
        reminded = await database.execute(_BY_HAND, now, event.id, f"by-hand:{day}")
        if reminded:
            await audit.record(actor, "invitations.reminded", "event", event.id, now, reminded=reminded)
    jobs.nudge("mail.deliver")
    return reminded
