"""Makes the documents that people have asked for, one after the other."""

import time

import dramatiq

from events.core import clock, jobs
from events.core.documents.actions import make_due
from events.documents import KINDS

BUDGET = 20.0
"""Seconds after which the job ends and asks for another one, so that a worker which is to stop need not wait long."""


async def make_all() -> int:
    """Make documents until none is due or the time is up; returns how many were dealt with."""
    begun, done = time.monotonic(), 0
    while await make_due(KINDS, now=clock.now()):
        done += 1
        if time.monotonic() - begun > BUDGET:
            jobs.nudge("documents.make")
            break
    return done


@dramatiq.actor(actor_name="documents.make", queue_name=jobs.QUEUE, max_retries=0, time_limit=300_000)
async def make() -> None:
    """Make what is due now."""
    await make_all()
