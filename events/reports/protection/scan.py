"""Reading what the blocks are made of, by three statements whatever is asked; kept while nothing of it changes."""

from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from asyncpg import Connection
from msgspec import Struct

from events.reports.counting import passes
from events.reports.counting.choice import WIDTH, Choice, choose
from events.reports.counting.layout import AXES, Axis, month_of
from events.reports.dashboard import kept
from events.reports.filters import Filters, Reach
from events.reports.protection.blocks import Atom, Blocks, Class, Place, Scanned, Value

_REGION, _TYPE, _SIZE = (AXES[name] for name in ("region", "organisation_type", "size_class"))

DIMENSIONS: Mapping[str, tuple[Axis, ...]] = {"region": (_REGION,), "kind_of": (_TYPE, _SIZE)}
"""What participants are told apart by: one axis, or several that depend on each other."""

_CLOSED = """(extract(year FROM reconciled_at AT TIME ZONE 'UTC') * 12
    + extract(month FROM reconciled_at AT TIME ZONE 'UTC') - 1)::int"""
"""The month in which an event was closed, as `participation.month` numbers it."""

_UNSETTLED = """
SELECT DISTINCT year FROM (
    SELECT extract(year FROM starts_at AT TIME ZONE zone)::int AS year, reconciled_at FROM event
    WHERE state = 'published' AND ends_at <= $1 AND ($2 OR host_region = ANY($3) OR id = ANY($4))
) AS held WHERE reconciled_at IS NULL OR reconciled_at >= make_timestamptz(year + 1, $5, 1, 0, 0, 0, 'UTC')
"""

SETTLES_IN = 3
"""In March a year settles: by then everything of it should have been closed."""

_blocks: OrderedDict[tuple[str, Reach], Blocks] = OrderedDict()


class Let(Struct, frozen=True):
    """An atom that filters let in, with the cells in which its event stands: break-down → codes."""

    atom: Atom
    codes: Mapping[str, frozenset[str]]


_let_in: OrderedDict[tuple[str, Filters, Reach], list[Let]] = OrderedDict()


async def blocks(connection: Connection, reach: Reach) -> Blocks:
    """Return the blocks of all participations within a reach, in a snapshot."""
    key = (await kept.state(connection), reach)
    if key not in _blocks:
        await connection.execute(passes.SETTINGS)
        _blocks[key] = Blocks(await _scan(connection, await choose(connection, Filters(), reach)))
        while len(_blocks) > kept.MOST:
            _blocks.popitem(last=False)
    return _blocks[key]


async def settled(connection: Connection, reach: Reach, now: datetime) -> frozenset[int]:
    """Return the years that are over, of which everything was closed before March and nothing was touched since."""
    places = (reach.everywhere, list(reach.regions), list(reach.events))
    unsettled = {row["year"] for row in await connection.fetch(_UNSETTLED, now, *places, SETTLES_IN)}
    over = now.year if now.month >= SETTLES_IN else now.year - 1
    first = await connection.fetchval("SELECT extract(year FROM min(held_on))::int FROM participation")
    return frozenset(range(first or over, over)) - unsettled


async def let_in(connection: Connection, filters: Filters, reach: Reach) -> list[Let]:
    """Return the atoms that filters on events let in; those on participants must not be among them."""
    key = (await kept.state(connection), filters, reach)
    if key not in _let_in:
        _let_in[key] = await _let(connection, filters, reach)
        while len(_let_in) > kept.MOST:
            _let_in.popitem(last=False)
    return _let_in[key]


async def _let(connection: Connection, filters: Filters, reach: Reach) -> list[Let]:
    await connection.execute(passes.SETTINGS)
    choice = await choose(connection, filters, reach)
    made = passes.rows(choice, choice.period.start)
    themes = ", ".join(name for word, name in made.words.items() if word.startswith("themes"))
    rows = await made.fetch(
        connection,
        f"SELECT DISTINCT {_projects(made)} AS projects, entry.event, entry.month, entry.event_kind,"
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


async def _scan(connection: Connection, choice: Choice) -> Scanned:
    made = passes.rows(choice, None)
    gone, stays = (made.put(list(each), "uuid[]") for each in choice.merged["person"])
    bits = ", ".join(f"entry.cells & {sum(axis.mask for axis in axes)} AS {name}" for name, axes in DIMENSIONS.items())
    source = f"""
SELECT counted.*, coalesce(same.stays, counted.person_then) AS person FROM (
    SELECT {_projects(made)} AS projects, extract(year FROM entry.held_on)::int AS year, entry.month, entry.event,
        entry.person AS person_then, {bits}
    FROM {made.source} AND {made.counted}) AS counted
LEFT JOIN unnest({gone}, {stays}) AS same (gone, stays) ON same.gone = counted.person_then
"""
    events = await made.fetch(
        connection,
        f"SELECT row.*, {_CLOSED} AS closed FROM"
        f" (SELECT projects, year, month, event, count(*) AS size FROM ({source}) AS row GROUP BY 1, 2, 3, 4) AS row"
        " JOIN event ON event.id = row.event",
    )
    return Scanned(
        {
            (row["projects"], row["event"]): Place(
                (row["projects"], row["year"]), row["month"], row["closed"], row["size"]
            )
            for row in events
        },
        await _cells(connection, made, source),
        await _persons(connection, made, source),
    )


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


def _projects(made: passes.Rows) -> str:
    """Return the SQL of which projects a row counts for, as words with commas."""
    words = [name for word, name in made.words.items() if word.startswith("projects")]
    return " || ',' || ".join(f"({word})::text" for word in words)


def _codes(codes: Sequence[str], words: Sequence[int]) -> frozenset[str]:
    return frozenset(code for place, code in enumerate(codes) if words[place // WIDTH] >> place % WIDTH & 1)
