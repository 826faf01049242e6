"""How delivery stands, in figures for who watches over it; each question is answered from an index."""

from datetime import datetime, timedelta

from msgspec import Struct

from events.core import database
from events.messaging.pacing import DOMAIN
from events.messaging.rules import RANK

ENDED_BADLY = ("bounced", "failed", "unknown")
DAY = timedelta(days=1)


class Standing(Struct, frozen=True):
    """What waits and what went wrong; `oldest` is the seconds that the first due message has waited.

    `awaited_oldest` is that of messages that somebody sits waiting for, whose domain has no pace of its own.

    `paced` of those due wait for their domain, `tried` were tried in vain before. `ended` counts the bad ends of the
    last day by state; `webhooks_failed` those of a day.
    """

    due: int
    oldest: float
    awaited_oldest: float
    paced: int
    tried: int
    ended: dict[str, int]
    webhooks_due: int
    webhooks_oldest: float
    webhooks_failed: int


_DUE = f"""
SELECT count(*)::int AS due, coalesce(extract(epoch FROM $1 - min(due_at)), 0)::float8 AS oldest,
    coalesce(extract(epoch FROM $1 - min(due_at) FILTER (
        WHERE {RANK} = 0 AND {DOMAIN} NOT IN (SELECT domain FROM mail_domain))), 0)::float8 AS awaited_oldest,
    count(*) FILTER (WHERE {DOMAIN} IN (SELECT domain FROM mail_domain))::int AS paced
FROM message WHERE state IN ('queued', 'sending') AND due_at <= $1
"""

_TRIED = "SELECT count(*)::int FROM message WHERE state IN ('queued', 'sending') AND tries > 1"

_ENDED = """
SELECT state, count(*)::int AS n FROM message
WHERE state IN ('bounced', 'failed', 'unknown') AND finished_at > $1 GROUP BY state
"""

_WEBHOOKS = """
SELECT count(*)::int AS due, coalesce(extract(epoch FROM $1 - min(due_at)), 0)::float8 AS oldest
FROM webhook_delivery JOIN webhook_endpoint ON webhook_endpoint.id = endpoint
WHERE switched_off_at IS NULL AND state IN ('queued', 'sending') AND due_at <= $1
"""

_WEBHOOKS_FAILED = "SELECT count(*)::int FROM webhook_delivery WHERE state = 'failed' AND finished_at > $1"


async def standing(now: datetime) -> Standing:
    """Return how mail and webhooks stand at `now`."""
    mail, webhooks = await database.fetchrow(_DUE, now), await database.fetchrow(_WEBHOOKS, now)
    if mail is None or webhooks is None:
        raise RuntimeError("a count has one row")
    ended = {row["state"]: row["n"] for row in await database.fetch(_ENDED, now - DAY)}
    return Standing(
        **mail,
        tried=await database.fetchval(_TRIED),
        ended={state: ended.get(state, 0) for state in ENDED_BADLY},
        webhooks_due=webhooks["due"],
        webhooks_oldest=webhooks["oldest"],
        webhooks_failed=await database.fetchval(_WEBHOOKS_FAILED, now - DAY),
    )
