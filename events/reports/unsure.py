"""Participations whose person is not certain: without an e-mail address, or with a likely double in the register.

They stand beside the unique persons, which may be fewer than they say when two of the register are one.
"""

from collections import OrderedDict
from uuid import UUID

from asyncpg import Connection

from events.network import queries as network
from events.reports.counting import passes
from events.reports.counting.choice import Choice, choose
from events.reports.dashboard import kept
from events.reports.filters import Filters, Reach

_counts: OrderedDict[tuple[str, str, Filters, Reach], int] = OrderedDict()


async def uncertain(connection: Connection, filters: Filters, reach: Reach) -> int:
    """Count them among what the filters let in, each once; kept until anything changes that they depend on."""
    people, doubles = await network.likely_doubles()
    key = (await kept.state(connection), people, filters, reach)
    if key not in _counts:
        await connection.execute(passes.SETTINGS)
        _counts[key] = await _count(connection, await choose(connection, filters, reach), doubles)
        while len(_counts) > kept.MOST:
            _counts.popitem(last=False)
    return _counts[key]


async def _count(connection: Connection, choice: Choice, doubles: list[UUID]) -> int:
    made = passes.rows(choice, choice.period.start)
    gone = zip(*choice.merged["person"], strict=True)
    among = {*doubles}
    unsure = made.put([*doubles, *(id_ for id_, stays in gone if stays in among)], "uuid[]")
    rows = await made.fetch(
        connection,
        f"SELECT count(*) AS number FROM {made.source} AND {made.counted}"
        f" AND (NOT entry.person_certain OR entry.person = ANY({unsure}))",
    )
    number: int = rows[0]["number"]
    return number
