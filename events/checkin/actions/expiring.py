"""Whom doors and reports of online meetings named, deleted when the time of an event's data is over."""

from datetime import datetime

from events.core import database
from events.core.retention import PAST, months

_OVER = f"event IN (SELECT id FROM event WHERE {PAST})"

_EXPIRED = (
    f"DELETE FROM leftover WHERE {_OVER}",
    f"DELETE FROM meeting_attendee WHERE {_OVER}",
    f"UPDATE meeting_report SET filename = '', title = '' WHERE (filename, title) <> ('', '') AND {_OVER}",
)


async def expire(now: datetime) -> int:
    """Delete whom doors and meetings named at events that are past their time; returns how many rows it was."""
    return sum([await database.execute(statement, now, months()) for statement in _EXPIRED])
