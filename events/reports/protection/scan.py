"""Reading what the blocks are made of, by three statements whatever is asked; kept while nothing of it changes."""

from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from asyncpg import Connection
from msgspec import Struct
from msgspec.structs import replace

from events.core.small_groups import SMALLEST
from events.reports.counting import passes
from events.reports.counting.choice import WIDTH, choose
from events.reports.counting.layout import AXES, Axis, month_of, months_until
from events.reports.dashboard import kept
from events.reports.filters import Filters, Reach
from events.reports.protection.blocks import Blocks, Scanned, Value
from events.reports.protection.lots import Atom, Class, Place, untold

_REGION, _TYPE, _SIZE = (AXES[name] for name in ("region", "organisation_type", "size_class"))

DIMENSIONS: Mapping[str, tuple[Axis, ...]] = {"region": (_REGION,), "kind_of": (_TYPE, _SIZE)}
"""What participants are told apart by: one axis, or several that depend on each other."""

_CLOSED = """(extract(year FROM reconciled_at AT TIME ZONE 'UTC') * 12
    + extract(month FROM reconciled_at AT TIME ZONE 'UTC') - 1)::int"""
"""The month in which an event was closed, as `participation.month` numbers it."""

Made = TypeVar("Made")
Store = OrderedDict[tuple[Any, ...], Made]


class Let(Struct, frozen=True):
    """An atom that filters let in, with the cells in which its event stands: break-down → codes."""

    atom: Atom
    codes: Mapping[str, frozenset[str]]


_every: Store[dict[Atom, Place]] = OrderedDict()
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
    return replace(counted, untold=untold(await _places(connection, counted)))


async def blocks(connection: Connection, reach: Reach) -> Blocks:
    """Return the blocks of all participations that are told within a reach, in a snapshot."""

    async def make() -> Blocks:
        places = await _places(connection, replace(reach, untold=()))
        made, source = await _source(connection, reach)
        return Blocks(
            Scanned(
                {atom: place for atom, place in places.items() if atom not in reach.untold},
                await _cells(connection, made, source),
                await _persons(connection, made, source),
            )
        )

    return await keep(connection, _blocks, (reach,), make)


async def _places(connection: Connection, reach: Reach) -> dict[Atom, Place]:
    """Return where each atom within a reach stands."""

    async def make() -> dict[Atom, Place]:
        made, source = await _source(connection, reach)
        rows = await made.fetch(
            connection,
            f"SELECT row.*, {_CLOSED} AS closed FROM (SELECT projects, year, month, event, count(*) AS size,"
            f" CASE WHEN count(*) < {SMALLEST} THEN array_agg(person) END AS few"
            f" FROM ({source}) AS row GROUP BY 1, 2, 3, 4) AS row JOIN event ON event.id = row.event",
        )
        return {
            (row["projects"], row["event"]): Place(
                *((row["projects"], row["year"]), row["month"], row["closed"], row["size"]), frozenset(row["few"] or ())
            )
            for row in rows
        }

    return await keep(connection, _every, (reach,), make)


async def let_in(connection: Connection, filters: Filters, reach: Reach) -> list[Let]:
    """Return the atoms that filters on events let in; those on participants must not be among them."""
    return await keep(connection, _let_in, (filters, reach), lambda: _let(connection, filters, reach))


async def keep(
    connection: Connection, store: Store[Made], what: tuple[Any, ...], make: Callable[[], Awaitable[Made]]
) -> Made:
    """Return what is kept of this state of the data, or else make it; as many as of counts (`kept`) are kept."""
    key = (await kept.state(connection), *what)
    if key not in store:
        await connection.execute(passes.SETTINGS)
        store[key] = await make()
        while len(store) > kept.MOST:
            store.popitem(last=False)
    return store[key]


async def _let(connection: Connection, filters: Filters, reach: Reach) -> list[Let]:
    choice = await choose(connection, filters, reach)
    made = passes.rows(choice, choice.period.start)
    themes = ", ".join(name for word, name in made.words.items() if word.startswith("themes"))
    rows = await made.fetch(
        connection,
        f"SELECT DISTINCT {passes.projects_of(made)} AS projects, entry.event, entry.month, entry.event_kind,"
        f" ARRAY[{themes}] AS themes, event.slug"
        f" FROM {made.source.replace(' WHERE ', ' JOIN event ON event.id = entry.event WHERE ', 1)} AND {made.counted}",
    )
    return [
        Let(
            (row["projects"], row["event"]),
            {
                "month": frozenset({month_of(row["month"])}),
                "event_kind": frozenset({row["event_kind"]}),
                "theme": _codes(choice.themes.codes, row["themes"]),
                "project": _codes(choice.projects.codes, [int(word) for word in row["projects"].split(",")]),
                "event": frozenset({row["slug"]}),
            },
        )
        for row in rows
    ]


async def _source(connection: Connection, reach: Reach) -> tuple[passes.Rows, str]:
    """Return the SQL of all that counts within a reach, and the rows whose arguments it takes."""
    choice = await choose(connection, Filters(), reach)
    made = passes.rows(choice, None)
    gone, stays = (made.put(list(each), "uuid[]") for each in choice.merged["person"])
    bits = ", ".join(f"entry.cells & {sum(axis.mask for axis in axes)} AS {name}" for name, axes in DIMENSIONS.items())
    sql = f"""
SELECT counted.*, coalesce(same.stays, counted.person_then) AS person FROM (
    SELECT {passes.projects_of(made)} AS projects, extract(year FROM entry.held_on)::int AS year, entry.month,
        entry.event, entry.person AS person_then, {bits}
    FROM {made.source} AND {made.counted}) AS counted
LEFT JOIN unnest({gone}, {stays}) AS same (gone, stays) ON same.gone = counted.person_then
"""
    return made, sql


async def _cells(connection: Connection, made: passes.Rows, source: str) -> dict[str, dict[Class, dict[Value, int]]]:
    """Count the different persons of each cell of each class: they are gathered first, so that none is sorted."""
    names = ", ".join(DIMENSIONS)
    sets = ", ".join(f"(projects, year, {name}, person)" for name in DIMENSIONS)
    rows = await made.fetch(
        connection,
        f"SELECT projects, year, {names}, count(*) AS persons FROM (SELECT projects, year, {names}, person"
        f" FROM ({source}) AS row GROUP BY GROUPING SETS ({sets})) AS one GROUP BY projects, year, {names}",
    )
    found: dict[str, dict[Class, dict[Value, int]]] = {name: defaultdict(dict) for name in DIMENSIONS}
    for row in rows:
        name = next(each for each in DIMENSIONS if row[each] is not None)
        value = tuple(code for axis in DIMENSIONS[name] for code in axis.codes if row[name] & axis.bit(code))
        found[name][row["projects"], row["year"]][value] = row["persons"]
    return found


async def _persons(connection: Connection, made: passes.Rows, source: str) -> dict[frozenset[Class], int]:
    rows = await made.fetch(
        connection,
        "SELECT classes, count(*) AS persons FROM ("
        f"SELECT person, array_agg(DISTINCT projects || '|' || year) AS classes FROM ({source}) AS row GROUP BY person"
        ") AS one GROUP BY classes",
    )
    found: dict[frozenset[Class], int] = defaultdict(int)
    for row in rows:
        parts = (each.rpartition("|") for each in row["classes"])
        found[frozenset((projects, int(year)) for projects, _, year in parts)] += row["persons"]
    return found


def _codes(codes: Sequence[str], words: Sequence[int]) -> frozenset[str]:
    return frozenset(code for place, code in enumerate(codes) if words[place // WIDTH] >> place % WIDTH & 1)
