"""Jobs that ended badly of late: the tick nudges them again, and somebody should look (`workers.middleware`)."""

from datetime import datetime, timedelta

from msgspec import Struct

from events.core import database

LATELY = timedelta(minutes=15)
"""A job that has work and fails is tried each minute; one that failed longer ago has nothing to do any more."""

_FAILING = """
SELECT split_part(key, ':', 2) AS job, value::int AS times, changed_at AS last FROM service_state
WHERE starts_with(key, 'failed:') AND changed_at > $1 ORDER BY 1
"""

_FAILED = """
INSERT INTO service_state (key, value, changed_at) VALUES ('failed:' || $1::text, '1', $2)
ON CONFLICT (key) DO UPDATE SET value = (service_state.value::int + 1)::text, changed_at = excluded.changed_at
"""


class Failing(Struct, frozen=True):
    """A job, how often in a row it ended badly, and when it did last."""

    job: str
    times: int
    last: datetime


async def failing(now: datetime) -> list[Failing]:
    """Return the jobs whose last run of late ended badly."""
    return [Failing(**row) for row in await database.fetch(_FAILING, now - LATELY)]


async def note_failure(job: str, now: datetime) -> None:
    """Count a run of a job that ended badly; one that ends well takes the row away."""
    await database.execute(_FAILED, job, now)
