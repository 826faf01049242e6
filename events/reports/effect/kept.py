"""Counts of the network effect are kept as those of the dashboard: until what they depend on changes."""

from collections import OrderedDict

from asyncpg import Connection

from events.reports.dashboard.kept import state
from events.reports.effect import reading
from events.reports.filters import Filters, Reach

MOST = 8
"""Counts that a process keeps, each of some megabytes with ten thousand events."""

_counts: OrderedDict[tuple[str, Filters, Reach], reading.Count] = OrderedDict()


async def count(connection: Connection, filters: Filters, reach: Reach) -> reading.Count:
    """Return the count of this snapshot, a kept one where nothing has changed since."""
    key = (await state(connection), filters, reach)
    if key not in _counts:
        _counts[key] = await reading.count(connection, filters, reach)
    _counts.move_to_end(key)
    made = _counts[key]
    while len(_counts) > MOST:
        _counts.popitem(last=False)
    return made


def forget() -> None:
    """Forget all counts, as a process does that has just begun."""
    _counts.clear()
