"""Tells other systems what happened: whatever is due, batch after batch."""

import time

import dramatiq

from events.core import clock, jobs
from events.messaging.webhooks.delivery import deliver_due

BUDGET = 20.0
"""Seconds after which the job ends and asks for another one, so that a worker which is to stop need not wait long."""


async def deliver_all() -> int:
    """Deliver until nothing is due or the time is up; returns how many deliveries were dealt with."""
    begun, done = time.monotonic(), 0
    while count := await deliver_due(clock.now()):
        done += count
        if time.monotonic() - begun > BUDGET:
            jobs.nudge("webhooks.deliver")
            break
    return done


@dramatiq.actor(actor_name="webhooks.deliver", queue_name=jobs.QUEUE, max_retries=0, time_limit=300_000)
async def deliver() -> None:
    """Deliver what is due now."""
    await deliver_all()
