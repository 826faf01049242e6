"""Delivers mail: whatever is due, batch after batch."""

import asyncio
import time

import dramatiq

from events.core import clock, jobs
from events.letters import COMPOSERS
from events.messaging import pacing
from events.messaging.delivery import deliver_due

BUDGET = 20.0
"""Seconds after which the job ends and asks for another one, so that a worker which is to stop need not wait long."""

_waiting = False
"""Whether a job of this process waits for a domain to be open again: one is enough, the others make way."""


async def deliver_all() -> int:
    """Deliver until nothing is due or the time is up; returns how many messages were dealt with."""
    begun, done = time.monotonic(), 0
    while True:
        left = BUDGET - (time.monotonic() - begun)
        if left <= 0:
            jobs.nudge("mail.deliver")
            return done
        count = await deliver_due(COMPOSERS, now=clock.now(), seconds=left)
        done += count
        if not count and not await _domain_opens(left):
            return done


async def _domain_opens(seconds: float) -> bool:
    """Wait until the first domain that has mail waiting is open again; False when there is none so soon."""
    global _waiting  # noqa: PLW0603 - of the process, as its jobs are
    opening = None if _waiting else await pacing.next_opening(clock.now())
    wait = (opening - clock.now()).total_seconds() if opening else seconds
    if wait >= seconds:
        return False
    _waiting = True
    try:
        await asyncio.sleep(wait)
    finally:
        _waiting = False
    return True


@dramatiq.actor(actor_name="mail.deliver", queue_name=jobs.QUEUE, max_retries=0, time_limit=300_000)
async def deliver() -> None:
    """Deliver what is due now."""
    await deliver_all()
