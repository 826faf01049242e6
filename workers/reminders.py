"""Job: owe the reminders that are due."""

import dramatiq

from events.core import clock, jobs
from events.outreach.reminders import queue_due_reminders


@dramatiq.actor(actor_name="reminders.queue", queue_name=jobs.QUEUE, max_retries=0, time_limit=60_000)
async def queue() -> None:
    """Write the due reminders to the ledger; what fails now is due again at the next tick."""
    await queue_due_reminders(clock.now())
