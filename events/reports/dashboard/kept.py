"""Counts are kept until what they depend on changes, in memory, for each process by itself.

What they depend on is asked of the database in the snapshot of the count itself: every event (it is touched when it is
reconciled or opened again, and only then do its participations change), its projects and themes, the projects' rules,
and who was merged. A count belongs to that state of the data; so no figure is stale, however many processes there
are, and nothing has to be told to any of them. The identity of a row's version (`xmin`, `ctid`) stands for the row.
"""

from collections import OrderedDict

from asyncpg import Connection
from msgspec import Struct

from events.core.remembering import remembered
from events.reports.counting import passes
from events.reports.counting.choice import choose
from events.reports.counting.tally import Tally, tally
from events.reports.dashboard.turnout import Turnout, turnout
from events.reports.filters import Filters, Reach

MOST = 64
"""Counts that a process keeps; the one that was not asked for longest goes first."""

_STATE = """
SELECT current_database() || ' ' || concat_ws(' ',
    (SELECT sum(hashtextextended(concat(id, xmin, ctid), 0)) FROM event),
    (SELECT sum(hashtextextended(concat(id, xmin, ctid), 0)) FROM event_project),
    (SELECT sum(hashtextextended(concat(id, xmin, ctid), 0)) FROM event_theme),
    (SELECT sum(hashtextextended(concat(id, xmin, ctid), 0)) FROM project),
    (SELECT sum(hashtextextended(concat(id, merged_into), 0)) FROM person WHERE merged_into IS NOT NULL),
    (SELECT sum(hashtextextended(concat(id, merged_into), 0)) FROM organisation WHERE merged_into IS NOT NULL))
"""


class Count(Struct, frozen=True):
    """What was counted over the participations, and over who was invited or did not come."""

    tally: Tally
    turnout: Turnout


class Brief(Struct, frozen=True):
    """A count without what takes long: nothing to compare with, no turnout, nobody different in single cells.

    `different`: whether different persons and organisations are counted of all.
    """

    different: bool


_counts: OrderedDict[tuple[str, Filters, Reach, Brief | None], Count] = OrderedDict()


@remembered(lambda connection: None)  # noqa: ARG005 - a block's snapshot is one
async def state(connection: Connection) -> str:
    """Return what stands for all that counts over participations depend on, as it is in this snapshot.

    A `remembering` block is within one snapshot.
    """
    return str(await connection.fetchval(_STATE))


async def count(connection: Connection, filters: Filters, reach: Reach, brief: Brief | None = None) -> Count:
    """Return the count of this snapshot, a kept one where nothing has changed since."""
    key = (await state(connection), filters, reach, brief)
    if key in _counts:
        _counts.move_to_end(key)
        return _counts[key]
    await connection.execute(passes.SETTINGS)
    choice = await choose(connection, filters, reach)
    if brief:
        added = await tally(connection, choice, history=False, by_cell=False, different=brief.different)
        made = Count(added, Turnout(None, 0))
    else:
        made = Count(await tally(connection, choice), await turnout(connection, choice))
    _counts[key] = made
    while len(_counts) > MOST:
        _counts.popitem(last=False)
    return made


def forget() -> None:
    """Forget all counts, as a process does that has just begun."""
    _counts.clear()
