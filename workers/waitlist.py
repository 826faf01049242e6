"""Keeps the waiting lists moving: takes lapsed places back, and gives free ones to those who wait."""

import dramatiq

from events.core import clock, jobs
from events.registration.line import fill_all
from events.registration.offers import lapse_due


@dramatiq.actor(actor_name="waitlist.fill", queue_name=jobs.QUEUE, max_retries=0, time_limit=300_000)
async def fill() -> None:
    """Let no place be held past its deadline, nor stay free beside a waiting person."""
    now = clock.now()
    await lapse_due(now)
    await fill_all(now)
