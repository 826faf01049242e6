"""Counting the different persons of all that is told, by class and cell."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from asyncpg import Connection
from msgspec import Struct

from events.core.small_groups import SMALLEST
from events.reports.counting.choice import WIDTH
from events.reports.counting.layout import AXES, Axis
from events.reports.protection.blocks import Cell, Sums, Value
from events.reports.protection.parts import Part

_REGION, _TYPE, _SIZE = (AXES[name] for name in ("region", "organisation_type", "size_class"))

DIMENSIONS: Mapping[str, tuple[Axis, ...]] = {"region": (_REGION,), "kind_of": (_TYPE, _SIZE)}
"""What participants are told apart by: one axis, or several that depend on each other."""

_MASKS = {name: sum(axis.mask for axis in axes) for name, axes in DIMENSIONS.items()}

_HEADS = 64
"""Bits, of which each person sets one."""

_ROWS = """
SELECT part.class, entry.cells, entry.minutes, coalesce(same.stays, entry.person) AS person
FROM participation AS entry
JOIN (SELECT DISTINCT ON (event, counts_as) *
      FROM unnest($1::uuid[], $2::smallint[], $3::int[]) AS given (event, counts_as, class)) AS part
    ON part.event = entry.event AND part.counts_as = entry.counts_as
LEFT JOIN unnest($4::uuid[], $5::uuid[]) AS same (gone, stays) ON same.gone = entry.person
"""
"""All that is told, of each row its class by its number. DISTINCT is for the planner, as in `counting.passes.rows`."""

_BY_CELL = f"""
SELECT class, {", ".join(_MASKS)}, count(*) AS participations, sum(minutes) AS minutes,
    bit_or(1::bigint << (uuid_hash(person) & {_HEADS - 1})) AS heads
FROM (SELECT class, person, minutes, {", ".join(f"cells & {mask} AS {name}" for name, mask in _MASKS.items())}
      FROM ({_ROWS}) AS row) AS row
GROUP BY GROUPING SETS ({", ".join(f"(class, {name})" for name in _MASKS)})
"""

_EXACTLY = f"""
SELECT row.class, row.cells & $6::bigint AS value, count(DISTINCT person) AS persons FROM ({_ROWS}) AS row
JOIN (SELECT DISTINCT ON (class, value) * FROM unnest($7::int[], $8::bigint[]) AS given (class, value)) AS one
    ON one.class = row.class AND one.value = row.cells & $6::bigint
GROUP BY 1, 2
"""


class Reading(Struct, frozen=True):
    """What is read: the classes, and the arguments of the rows."""

    classes: Sequence[Any]
    arguments: Sequence[Sequence[Any]]


async def reading(connection: Connection, classes: Mapping[Part, Hashable]) -> Reading:
    """Prepare to read the persons of some parts, each of which is of a class, by those; in a snapshot."""
    of = {(part.atom[1], part.counts_as): each for part, each in classes.items()}
    number = {each: place for place, each in enumerate(dict.fromkeys(of.values()))}
    merged = await connection.fetch("SELECT id, merged_into FROM person WHERE merged_into IS NOT NULL")
    kinds = (
        [event for event, _as in of],
        [counts_as for _event, counts_as in of],
        [number[each] for each in of.values()],
    )
    return Reading([*number], (*kinds, [row["id"] for row in merged], [row["merged_into"] for row in merged]))


async def of_cells(connection: Connection, read: Reading) -> dict[str, dict[Any, dict[Value, Cell]]]:
    """Count each cell of each class, by dimension: its persons exactly if they are few, else at least so many.

    To gather the persons of every cell takes several times as long as to set a bit for each.
    """
    found: dict[str, dict[Any, dict[Value, Cell]]] = {name: defaultdict(dict) for name in DIMENSIONS}
    doubted = defaultdict(list)
    for row in await connection.fetch(_BY_CELL, *read.arguments):
        name = next(each for each in DIMENSIONS if row[each] is not None)
        at_least = (row["heads"] % (1 << _HEADS)).bit_count()
        cell = Cell(at_least, Sums(row["participations"], row["minutes"]))
        found[name][read.classes[row["class"]]][_value(name, row[name])] = cell
        if at_least < min(SMALLEST, row["participations"]):
            doubted[name].append((row["class"], row[name]))
    for name, those in doubted.items():
        cells = zip(*those, strict=True)
        for row in await connection.fetch(_EXACTLY, *read.arguments, _MASKS[name], *cells):
            of, value = read.classes[row["class"]], _value(name, row["value"])
            found[name][of][value] = Cell(row["persons"], found[name][of][value].sums)
    return found


async def of_classes(connection: Connection, read: Reading) -> dict[int, int]:
    """Count the persons by the classes in which they took part, as bits of their places."""
    names = [f"word_{number}" for number in range(-(-len(read.classes) // WIDTH) or 1)]
    words = ", ".join(
        f"bit_or(CASE class / {WIDTH} WHEN {number} THEN 1::bigint << class % {WIDTH} ELSE 0 END) AS {name}"
        for number, name in enumerate(names)
    )
    rows = await connection.fetch(
        f"SELECT {', '.join(names)}, count(*) AS persons FROM (SELECT {words} FROM ({_ROWS}) AS row GROUP BY person)"
        f" AS one GROUP BY {', '.join(names)}",
        *read.arguments,
    )
    return {sum(row[name] << place * WIDTH for place, name in enumerate(names)): row["persons"] for row in rows}


def _value(name: str, cells: int) -> Value:
    return tuple(code for axis in DIMENSIONS[name] for code in axis.codes if cells & axis.bit(code))
