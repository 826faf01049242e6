"""What `sixnet doctor` says of the work beside the pages: jobs, mail, webhooks."""

from datetime import datetime, timedelta

from events.commands.findings import Finding, Level, ago
from events.core import database
from events.core.failing import failing
from events.core.parked import STARTS_LIMIT, parked
from events.messaging.pacing import DOMAIN
from events.messaging.rules import LATE, RANK
from events.messaging.watching import standing

TOO_OFTEN = 3
"""A job that ended badly this often in a row does not mend itself."""

JUST_NOW = timedelta(minutes=5)
"""A slow server that takes only some mails lets some of them leave in this time."""


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


_LATE = f"""
SELECT count(*)::int AS late, count(*) FILTER (WHERE {RANK} = 0)::int AS awaited, $1 - min(due_at) AS since
FROM message WHERE state = 'queued' AND due_at < $1::timestamptz - $2::interval
    AND {DOMAIN} NOT IN (SELECT domain FROM mail_domain)
"""

# Of those that were late themselves: a confirmation that leaves at once says nothing of a letter that is stuck.
_LEFT = """
SELECT count(*)::int FROM message
WHERE state = 'sent' AND finished_at > $1::timestamptz - $3::interval AND due_at < $1::timestamptz - $2::interval
"""

_UNDELIVERED = """
SELECT count(*)::int FROM message WHERE state IN ('failed', 'bounced', 'unknown') AND finished_at > $1
"""


async def mails(now: datetime) -> list[Finding]:
    """Say whether mail is stuck, or a large letter goes out slowly, and how much could not be delivered."""
    row = await database.fetchrow(_LATE, now, LATE)
    found = [Finding(Level.FINE, "No message is late.")]
    if row and row["late"]:
        left = await database.fetchval(_LEFT, now, LATE, JUST_NOW)
        found = [_late(row["late"], row["awaited"], row["since"], left)]
    if failed := await database.fetchval(_UNDELIVERED, now - timedelta(days=7)):
        found.append(Finding(Level.NOTE, f"{failed} messages of the last week could not be delivered."))
    return found


def _late(late: int, awaited: int, since: timedelta, left: int) -> Finding:
    """Judge what is late by what of it has `left` just now; `awaited` overtake all others, so they are stuck."""
    if awaited:
        return Finding(Level.BAD, f"{awaited} messages that somebody waits for should have left over ten minutes ago.")
    if not left:
        return Finding(Level.BAD, f"{late} messages should have left over ten minutes ago, and none of them leaves.")
    pace = f"{left} left in the last five minutes"
    return Finding(Level.NOTE, f"{late} messages wait, the first for {ago(since)}, and are going out: {pace}.")
