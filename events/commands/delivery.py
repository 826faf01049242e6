"""What `sixnet doctor` says of the work beside the pages: jobs, mail, webhooks."""

from datetime import datetime, timedelta

from events.commands.findings import Finding, Level, ago
from events.core import database
from events.core.parked import STARTS_LIMIT, parked
from events.messaging.pacing import DOMAIN
from events.messaging.watching import standing

MAIL_LATE = timedelta(minutes=10)


async def parked_jobs() -> list[Finding]:
    """Name the jobs that never end."""
    text = "{0.job} was begun {1} times or more and never ended ({0.messages} times so): look into the worker's log."
    return [Finding(Level.BAD, text.format(each, STARTS_LIMIT)) for each in await parked()]


async def webhooks(now: datetime) -> list[Finding]:
    """Say which webhooks wait or were given up, and how much mail waits for its domain."""
    stands = await standing(now)
    found = []
    if stands.webhooks_oldest > MAIL_LATE.total_seconds():
        text = f"{stands.webhooks_due} webhooks wait, the first for {ago(timedelta(seconds=stands.webhooks_oldest))}."
        found.append(Finding(Level.BAD, text))
    if stands.webhooks_failed:
        text = f"{stands.webhooks_failed} webhooks of the last day were given up: see *Webhooks* in the staff pages."
        found.append(Finding(Level.NOTE, text))
    if stands.paced:
        found.append(Finding(Level.NOTE, f"{stands.paced} messages wait for the pace of their recipients' domains."))
    return found


async def mails(now: datetime) -> list[Finding]:
    """Say whether mail is late, and how much could not be delivered."""
    late = await database.fetchval(
        f"SELECT count(*) FROM message WHERE state = 'queued' AND due_at < $1"
        f" AND {DOMAIN} NOT IN (SELECT domain FROM mail_domain)",
        now - MAIL_LATE,
    )
    failed = await database.fetchval(
        "SELECT count(*) FROM message WHERE state IN ('failed', 'bounced', 'unknown') AND finished_at > $1",
        now - timedelta(days=7),
    )
    found = [
        Finding(Level.BAD, f"{late} messages should have left more than ten minutes ago.")
        if late
        else Finding(Level.FINE, "No message is late.")
    ]
    if failed:
        found.append(Finding(Level.NOTE, f"{failed} messages of the last week could not be delivered."))
    return found
