"""What people said of their health: for how long it is kept, and that looking at it leaves a trace."""

from datetime import datetime
from uuid import UUID

from events.accounts import audit
from events.core import database
from events.core.actor import Actor

_ENDED = """
SELECT id FROM event WHERE ((ends_at AT TIME ZONE zone) + interval '7 days') AT TIME ZONE zone <= $1
"""
"""As `rules.kept_until`."""

_EXPIRED = (
    f"DELETE FROM health_answer USING question WHERE question.id = health_answer.question AND event IN ({_ENDED})",
    f"""UPDATE question_option SET taken = 0 FROM question
        WHERE question.id = question_option.question AND question.health AND taken > 0 AND event IN ({_ENDED})""",
    f"DELETE FROM kitchen_order WHERE event IN ({_ENDED})",
)


async def expire(now: datetime) -> int:
    """Delete what was said of health at events that ended seven days ago, and what the catering was ordered by."""
    return sum([await database.execute(statement, now) for statement in _EXPIRED])


async def note_seen(event_id: UUID, registration_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Write down that a member of staff looked at what someone said of their health."""
    await audit.record(actor, "registration.health_seen", "registration", registration_id, now, event=event_id)
