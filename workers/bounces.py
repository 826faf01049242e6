"""Reads the mailbox to which mail comes back; where none is set, there is nothing to do."""

import dramatiq

from events.core import clock, jobs
from events.messaging.bounces.reading import BATCH, read_mailbox


async def read_some() -> None:
    """Read a few mails that came back, and go on with the next job when there are more."""
    if await read_mailbox(clock.now()) == BATCH:
        jobs.nudge("bounces.read")


@dramatiq.actor(actor_name="bounces.read", queue_name=jobs.QUEUE, max_retries=0, time_limit=300_000)
async def read_bounces() -> None:
    """Read what came back."""
    await read_some()
