"""Reading what the blocks are made of, by a few statements whatever is asked; kept while nothing of it changes."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

from asyncpg import Connection
from msgspec.structs import replace

from events.reports.counting import passes
from events.reports.counting.choice import choose
from events.reports.counting.layout import months_until
from events.reports.dashboard import kept
from events.reports.filters import Filters, Reach
from events.reports.protection import parts, persons
from events.reports.protection.blocks import Blocks, Scanned
from events.reports.protection.lots import told_apart, untold
from events.reports.protection.parts import Everything, Let

REACHES = 8
"""Of how many reaches all that there is is kept: of a million participations that takes some 30 MB each."""

Made = TypeVar("Made")
Store = OrderedDict[tuple[Any, ...], Made]

_every: Store[Everything] = OrderedDict()
_blocks: Store[Blocks] = OrderedDict()
_let_in: Store[list[Let]] = OrderedDict()
showings: Store[Any] = OrderedDict()
_stores: list[Store[Any]] = [_every, _blocks, _let_in, showings]


def forget() -> None:
    """Forget all, as a process does that has just begun."""
    for store in _stores:
        store.clear()


async def told(connection: Connection, reach: Reach, now: datetime | None) -> Reach:
    """Return what of a reach is told: what was closed before this month, without what waits; in a snapshot.

    Without a time it is all that has been closed, but for what waits.
    """
    counted = replace(reach, closed_before=months_until(now.year, now.month) if now else None)
    return replace(counted, untold=untold((await _everything(connection, counted)).places))


async def blocks(connection: Connection, reach: Reach) -> Blocks:
    """Return the blocks of all participations that are told within a reach, in a snapshot."""

    async def make() -> Blocks:
        known = await _everything(connection, reach)
        places = {atom: place for atom, place in known.places.items() if atom not in reach.untold}
        inside = [part for part in known.parts if part.atom in places]
        apart = frozenset(told_apart(places, reach.closed_before))
        by_cell = await persons.reading(connection, {part: (part.of, part.atom in apart) for part in inside})
        by_class = await persons.reading(connection, {part: part.of for part in inside})
        cells, together = await persons.of_cells(connection, by_cell), await persons.of_classes(connection, by_class)
        return Blocks(Scanned(places, apart, cells, by_class.classes, together))

    return await keep(connection, _blocks, (reach,), make, most=REACHES)


async def let_in(connection: Connection, filters: Filters, reach: Reach) -> list[Let]:
    """Return the atoms that filters on events let in; those on participants must not be among them."""

    async def make() -> list[Let]:
        known = await _everything(connection, reach)
        return parts.let_in(await choose(connection, filters, reach), known.parts)

    return await keep(connection, _let_in, (filters, reach), make)


async def keep(
    connection: Connection,
    store: Store[Made],
    what: tuple[Any, ...],
    make: Callable[[], Awaitable[Made]],
    *,
    most: int = kept.MOST,
) -> Made:
    """Return what is kept of this state of the data, or else make it; at `most` so many, and of one state, are kept."""
    state = await kept.state(connection)
    key = (state, *what)
    if key not in store:
        await connection.execute(passes.SETTINGS)
        made = await make()
        for other in [each for each in store if each[0] != state]:
            del store[other]
        store[key] = made
        while len(store) > most:
            store.popitem(last=False)
    return store[key]


async def _everything(connection: Connection, reach: Reach) -> Everything:
    all_of_it = replace(reach, untold=())
    return await keep(connection, _every, (all_of_it,), lambda: parts.read(connection, all_of_it), most=REACHES)
