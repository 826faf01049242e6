"""Jobs that were begun again and again and never ended: they rest, and somebody should look (`workers.middleware`)."""

from datetime import datetime, timedelta

from msgspec import Struct

from events.core import database

STARTS_LIMIT = 5
"""A message that was begun this often and never ended is not begun again."""

QUARANTINE = timedelta(minutes=15)
"""How long a job rests after such a message; the minute tick keeps making new ones."""

_PARKED = """
SELECT split_part(key, ':', 2) AS job, count(*)::int AS messages, max(changed_at) AS last FROM service_state
WHERE starts_with(key, 'begun:') AND value::int >= $1 GROUP BY 1 ORDER BY 1
"""


class Parked(Struct, frozen=True):
    """A job with messages that are not begun any more, and when the last of them was looked at."""

    job: str
    messages: int
    last: datetime


async def parked() -> list[Parked]:
    """Return the jobs of which messages are parked; a day later these are forgotten."""
    return [Parked(**row) for row in await database.fetch(_PARKED, STARTS_LIMIT)]
