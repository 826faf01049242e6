"""Jobs: owe the reminders and invitations that are due, to who comes, belongs, has not answered or leads."""

import dramatiq

from events.checkin.closing.reminding import remind_of_open
from events.core import clock, jobs
from events.outreach.audiences import actions as audiences
from events.outreach.digest.actions import queue_due as queue_digests
from events.outreach.reminders.actions import queue_due_reminders
from events.registration.announcements.actions import send_due
from events.registration.groups.inviting import invite_due
from events.registration.invitations.reminders import queue_due


@dramatiq.actor(actor_name="reminders.queue", queue_name=jobs.QUEUE, max_retries=0, time_limit=60_000)
async def queue() -> None:
    """Write the due reminders to the ledger; what fails now is due again at the next tick."""
    await queue_due_reminders(clock.now())


@dramatiq.actor(actor_name="invitations.send", queue_name=jobs.QUEUE, max_retries=0, time_limit=60_000)
async def invite_members() -> None:
    """Invite the members of a group to its meetings that were published."""
    await invite_due(clock.now())


@dramatiq.actor(actor_name="invitations.remind", queue_name=jobs.QUEUE, max_retries=0, time_limit=60_000)
async def remind_invited() -> None:
    """Write the due reminders of invitations to the ledger."""
    await queue_due(clock.now())


@dramatiq.actor(actor_name="attendance.remind", queue_name=jobs.QUEUE, max_retries=0, time_limit=60_000)
async def remind_of_open_attendance() -> None:
    """Remind who leads an event that its attendance was left open."""
    await remind_of_open(clock.now())


@dramatiq.actor(actor_name="announcements.send", queue_name=jobs.QUEUE, max_retries=0, time_limit=300_000)
async def send_announcements() -> None:
    """Owe the mails of organisers whose time has come, to people of events and to groups."""
    await send_due(clock.now())
    await audiences.send_due(clock.now())


@dramatiq.actor(actor_name="digest.queue", queue_name=jobs.QUEUE, max_retries=0, time_limit=60_000)
async def sum_up() -> None:
    """Owe the summaries of this morning."""
    await queue_digests(clock.now())
