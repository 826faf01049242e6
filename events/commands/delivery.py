"""What `sixnet doctor` says of the work beside the pages: jobs, mail, webhooks, answers that wait."""

from datetime import datetime, timedelta

from events.commands.findings import Finding, Level, ago
from events.core import database
from events.core.failing import failing
from events.core.parked import STARTS_LIMIT, parked
from events.messaging.queries import Lateness, lateness
from events.messaging.rules import LATE
from events.messaging.watching import standing
from events.surveys.waiting import stuck

TOO_OFTEN = 3
"""A job that ended badly this often in a row does not mend itself."""


async def parked_jobs() -> list[Finding]:
    """Name the jobs that never end."""
    text = "{0.job} was begun {1} times or more and never ended ({0.messages} times so): look into the worker's log."
    return [Finding(Level.BAD, text.format(each, STARTS_LIMIT)) for each in await parked()]


async def failing_jobs(now: datetime) -> list[Finding]:
    """Name the jobs that ended badly of late, again and again or once."""
    text = "{0.job} ended badly {0.times} times in a row, last {1} ago: the worker's log says why."
    return [
        Finding(Level.BAD if each.times >= TOO_OFTEN else Level.NOTE, text.format(each, ago(now - each.last)))
        for each in await failing(now)
    ]


async def webhooks(now: datetime) -> list[Finding]:
    """Say which webhooks wait or were given up, and how much mail waits for its domain."""
    stands = await standing(now)
    found = []
    if stands.webhooks_oldest > LATE.total_seconds():
        text = f"{stands.webhooks_due} webhooks wait, the first for {ago(timedelta(seconds=stands.webhooks_oldest))}."
        found.append(Finding(Level.BAD, text))
    if stands.webhooks_failed:
        text = f"{stands.webhooks_failed} webhooks of the last day were given up: see *Webhooks* in the staff pages."
        found.append(Finding(Level.NOTE, text))
    if stands.paced:
        found.append(Finding(Level.NOTE, f"{stands.paced} messages wait for the pace of their recipients' domains."))
    return found


async def answers(now: datetime) -> list[Finding]:
    """Name the surveys whose answers cannot be opened with the key that the service has."""
    found = await stuck(now)
    if not found:
        return []
    events = ", ".join(sorted({each.slug for each in found}))
    waits = sum(each.waits for each in found)
    text = (
        f"{waits} answers to surveys were sealed under another secret key ({events}). They are kept, and not counted;"
        " new answers to these surveys are refused. Start the service with the key it had: it lies in every backup"
        " (`tar -xOf FILE secret_key`)."
    )
    return [Finding(Level.BAD, text)]


_UNDELIVERED = """
SELECT count(*)::int FROM message WHERE state IN ('failed', 'bounced', 'unknown') AND finished_at > $1
"""


async def mails(now: datetime) -> list[Finding]:
    """Say whether mail is stuck, or a large letter goes out slowly, and how much could not be delivered."""
    stands = await lateness(now)
    found = [_late(stands, now - stands.since) if stands.since else Finding(Level.FINE, "No message is late.")]
    if failed := await database.fetchval(_UNDELIVERED, now - timedelta(days=7)):
        found.append(Finding(Level.NOTE, f"{failed} messages of the last week could not be delivered."))
    return found


def _late(stands: Lateness, since: timedelta) -> Finding:
    if stands.awaited:
        text = f"{stands.awaited} messages that somebody waits for should have left over ten minutes ago."
        return Finding(Level.BAD, text)
    if stands.stuck:
        text = f"{stands.late} messages should have left over ten minutes ago, and none of them leaves."
        return Finding(Level.BAD, text)
    pace = f"{stands.left} left in the last five minutes"
    return Finding(Level.NOTE, f"{stands.late} messages wait, the first for {ago(since)}, and are going out: {pace}.")
