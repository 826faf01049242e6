"""Looks business IDs up in the public register; where no address of it is set, there is nothing to do."""

import dramatiq

from events.core import clock, jobs
from events.network.ytj import look_up_all


@dramatiq.actor(actor_name="organisations.look_up", queue_name=jobs.QUEUE, max_retries=0, time_limit=300_000)
async def look_up() -> None:
    """Look up what was never looked up, and what failed an hour ago."""
    await look_up_all(clock.now())
