"""Recipients' domains that get their mail at a pace of their own, so that none of them holds up the others.

A domain has a pace because a setting limits it, because mail for it was slow, or because it refused for the time being.
What waits for it stays due, and is passed over until the domain is open again.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from events.core import database
from events.core.errors import ServiceError
from events.core.settings import get_settings

REST = timedelta(minutes=1)
"""How long a domain is left alone that refused for the time being again and again."""

REST_PACE = 1.0
"""Seconds between two messages to such a domain after its rest, until it takes one."""

_BURST = timedelta(seconds=1)
"""So much of an unused pace is made up for: claims are rarer than the mails of a quick domain."""

_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}
_RATE = re.compile(r"([\w.-]+)=(\d+)/(s|min|h)")

DOMAIN = "split_part(message.recipient, '@', 2)"
"""SQL: the domain that a message goes to."""

IS_OPEN = f"NOT EXISTS (SELECT FROM mail_domain WHERE domain = {DOMAIN} AND open_at > $1)"
"""SQL: whether a message's domain may be written to at $1."""

_PACED = "SELECT domain, open_at, pace FROM mail_domain WHERE domain = ANY($1) ORDER BY domain FOR UPDATE"

_LIMIT = """
INSERT INTO mail_domain (domain, open_at, pace) SELECT domain, $3, pace FROM unnest($1::text[], $2::float8[])
    AS limited (domain, pace) ORDER BY domain
ON CONFLICT (domain) DO UPDATE SET pace = greatest(mail_domain.pace, excluded.pace)
"""

_HOLD = """
INSERT INTO mail_domain (domain, open_at, pace) VALUES ($1, $2, $3)
ON CONFLICT (domain) DO UPDATE SET open_at = greatest(mail_domain.open_at, excluded.open_at), pace = excluded.pace
"""

_NEXT = """
SELECT min(open_at) FROM mail_domain WHERE open_at > $1 AND EXISTS (
    SELECT FROM message WHERE state = 'queued' AND due_at <= $1 AND split_part(recipient, '@', 2) = mail_domain.domain)
"""


@lru_cache(maxsize=8)
def parse_rates(text: str) -> Mapping[str, float]:
    """Read `SIXNET_MAIL_DOMAIN_RATES`, like `slow.example=1/s, other.example=100/min`, as seconds between two mails.

    Raises ServiceError for anything else.
    """
    rates = {}
    for part in filter(None, (piece.strip().lower() for piece in text.split(","))):
        found = _RATE.fullmatch(part)
        if not found or not int(found[2]):
            raise ServiceError("SIXNET_MAIL_DOMAIN_RATES must be like slow.example=1/s, other.example=100/min")
        rates[found[1]] = _SECONDS[found[3]] / int(found[2])
    return rates


def admitted(open_at: datetime, pace: float, wanted: int, now: datetime) -> tuple[int, datetime]:
    """Return how many of `wanted` messages may go to a domain at `now`, and when it is open again after those."""
    step = timedelta(seconds=pace)
    since = max(open_at, now - max(_BURST - step, timedelta()))
    if since > now:
        return 0, open_at
    count = min(wanted, (now - since) // step + 1)
    return count, since + count * step


async def admit(wanted: Mapping[str, int], now: datetime) -> dict[str, int]:
    """Return how many messages the domains that have a pace take now, and let them be closed after those.

    `wanted` is how many there are to each domain. To be called in a transaction: other workers wait for its end.
    """
    rates = parse_rates(get_settings().mail_domain_rates)
    limited = {domain: rates[domain] for domain in wanted if domain in rates}
    if limited:
        await database.execute(_LIMIT, list(limited), list(limited.values()), now)
    counts = {}
    for row in await database.fetch(_PACED, list(wanted)):
        domain = row["domain"]
        counts[domain], open_at = admitted(row["open_at"], row["pace"], wanted[domain], now)
        await database.execute("UPDATE mail_domain SET open_at = $2 WHERE domain = $1", domain, open_at)
    return counts


async def hold(domain: str, pace: float, *, until: datetime) -> None:
    """Let nothing go to a domain until a moment, and from then on one message each `pace` seconds."""
    limit = parse_rates(get_settings().mail_domain_rates).get(domain, 0.0)
    await database.execute(_HOLD, domain, until, max(pace, limit))


async def release(domain: str) -> None:
    """Let a domain take mail as quickly as others again, or as its limit has it."""
    limit = parse_rates(get_settings().mail_domain_rates).get(domain)
    if limit:
        await database.execute("UPDATE mail_domain SET pace = $2 WHERE domain = $1", domain, limit)
    else:
        await database.execute("DELETE FROM mail_domain WHERE domain = $1", domain)


async def next_opening(now: datetime) -> datetime | None:
    """Return when the first of the closed domains for which something is due opens; None when nothing waits so."""
    opening: datetime | None = await database.fetchval(_NEXT, now)
    return opening
