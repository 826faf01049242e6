"""Gives places that became free, by a larger capacity for instance, to those who wait."""

import dramatiq

from events.core import clock, jobs
from events.registration.line import fill_all


@dramatiq.actor(actor_name="waitlist.fill", queue_name=jobs.QUEUE, max_retries=0, time_limit=300_000)
async def fill() -> None:
    """Let no place stay free beside a waiting person."""
    await fill_all(clock.now())
