"""Jobs: ask those whom surveys are for, and keep answers apart from people."""

import dramatiq

from events.core import clock, jobs
from events.surveys import actions
from events.surveys.sending.actions import invite_due, remind_due


@dramatiq.actor(actor_name="surveys.invite", queue_name=jobs.QUEUE, max_retries=0, time_limit=60_000)
async def invite() -> None:
    """Ask whom surveys are for, and remind once; who is left out now is asked at the next tick."""
    await invite_due(clock.now())
    await remind_due(clock.now())


@dramatiq.actor(actor_name="surveys.seal", queue_name=jobs.QUEUE, max_retries=0, time_limit=60_000)
async def seal() -> None:
    """Move answers out of large pools and out of closed surveys, and let other systems know of new ones."""
    await actions.seal(clock.now())
    await actions.tell(clock.now())
