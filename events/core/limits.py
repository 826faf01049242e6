"""Limits on how often something may be tried, counted in PostgreSQL by one atomic statement."""

import ipaddress
import math
from datetime import datetime, timedelta

from events.core import database, secrets
from events.core.errors import TooMany

_COUNT = """
INSERT INTO rate_limit AS known (key, window_start, uses) VALUES ($1, $2, 1)
ON CONFLICT (key) DO UPDATE SET
    uses = CASE WHEN known.window_start <= $3 THEN 1 ELSE known.uses + 1 END,
    window_start = CASE WHEN known.window_start <= $3 THEN $2 ELSE known.window_start END
RETURNING uses, window_start
"""


async def limit(purpose: str, who: str, *, uses: int, window: timedelta, now: datetime) -> None:
    """Count one use of `purpose` by `who`; raises TooMany above `uses` within `window` (counted from the first use).

    Call it before the use case's transaction: inside, the count would be rolled back with whatever it refuses.
    """
    row = await database.fetchrow(_COUNT, _key(purpose, who), now, now - window)
    if row and row["uses"] > uses:
        raise TooMany(retry_after=max(1, math.ceil((row["window_start"] + window - now).total_seconds())))


async def forgive(purpose: str, who: str) -> None:
    """Forget what `who` has used of `purpose`, as after a right password."""
    await database.execute("DELETE FROM rate_limit WHERE key = $1", _key(purpose, who))


async def forget_old(now: datetime) -> int:
    """Delete counters that have not been used for two days; returns how many."""
    return await database.execute("DELETE FROM rate_limit WHERE window_start < $1", now - timedelta(days=2))


def network_of(host: str) -> str:
    """Return whom to count for a client's address: an IPv4 address, or the /64 that one IPv6 subscriber has."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _key(purpose: str, who: str) -> str:
    # A plain hash of an IPv4 or mail address is soon guessed; with the service's key it is not.
    return f"{purpose}:{secrets.derive('limit', f'{purpose}|{who}')}"
