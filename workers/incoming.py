"""Reads the mailbox in which mail for the service arrives; where none is set, there is nothing to do."""

import dramatiq

from events.core import clock, jobs
from events.letters import answer
from events.messaging.incoming.reading import BATCH, read_mailbox


async def read_some() -> None:
    """Read a few mails that arrived, and go on with the next job when there are more."""
    if await read_mailbox(answer, clock.now()) == BATCH:
        jobs.nudge("incoming.read")


@dramatiq.actor(actor_name="incoming.read", queue_name=jobs.QUEUE, max_retries=0, time_limit=300_000)
async def read_incoming() -> None:
    """Read what arrived."""
    await read_some()
