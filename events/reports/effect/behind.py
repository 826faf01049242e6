"""What a number of the matrix stands for: the pairs of organisations that met, and the events at which they did."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import combinations, product
from uuid import UUID

from msgspec import Struct

from events.core import database
from events.core.replica import snapshot
from events.core.text import sort_key
from events.reports.effect.kept import count
from events.reports.effect.rules import CODES, Encounter
from events.reports.filters import Filters, Reach
from events.reports.participation import event_line
from events.reports.rows import PAGE
from events.reports.shapes import EventLine

Pair = tuple[int, int]
"""Two organisations by number: the first stood in the one region, the second in the other."""


class PairMet(Struct, frozen=True):
    """Two organisations by name, "" once deleted; `links` are the quarters in which they met, at so many `events`."""

    names: tuple[str, str]
    links: int
    events: int


class MetAt(Struct, frozen=True):
    """An event, and how many pairs of the two regions met there."""

    line: EventLine
    pairs: int


class Met(Struct, frozen=True):
    """How two regions met: so many links are those of so many pairs; of the pairs a page, and all events."""

    links: int
    number: int
    pairs: list[PairMet]
    next: int | None
    events: list[MetAt]


_NAMES = "SELECT id, name FROM organisation WHERE id = ANY($1::uuid[])"

_EVENTS = """
SELECT id, slug, title_fi, title_sv, title_en, kind, (starts_at AT TIME ZONE zone)::date AS held_on
FROM event WHERE id = ANY($1::uuid[]) ORDER BY held_on DESC, slug
"""


async def met(filters: Filters, *, reach: Reach, region: str, other: str, after: int = 0) -> Met:
    """Return how organisations of two regions met, from the pair number `after` on; of unknown codes nothing.

    The pairs with the most links come first, the latest events.
    """
    if not {region, other} <= set(CODES):
        return Met(0, 0, [], None, [])
    async with snapshot() as connection:
        made = await count(connection, filters, reach)
        found = pairs_at(made.network.encounters, region, other)
        sums = links_of(made.network.encounters, found)
        who = {number: made.ids[number] for pair in sums for number in pair}
        names = dict(await database.fetch(_NAMES, list(who.values())))
        pairs = sorted(
            (PairMet((names.get(who[a], ""), names.get(who[b], "")), *sums[a, b]) for a, b in sums),
            key=lambda each: (-each.links, *map(sort_key, each.names)),
        )
        events = await database.fetch(_EVENTS, list(found))
    return Met(
        links=sum(each.links for each in pairs),
        number=len(pairs),
        pairs=pairs[after : after + PAGE],
        next=after + PAGE if after + PAGE < len(pairs) else None,
        events=[MetAt(event_line(row), len(found[row["id"]])) for row in events],
    )


def pairs_at(encounters: Iterable[Encounter], region: str, other: str) -> dict[UUID, list[Pair]]:
    """Return the pairs of two regions that met at each event at which some did."""
    return {
        each.event: list(
            combinations(each.of(region), 2) if region == other else product(each.of(region), each.of(other))
        )
        for each in encounters
        if each.joins(region, other)
    }


def links_of(encounters: Iterable[Encounter], found: Mapping[UUID, Collection[Pair]]) -> dict[Pair, tuple[int, int]]:
    """Return of each pair how many links it is, one for each quarter, and at how many events it met."""
    quarters: defaultdict[Pair, list[str]] = defaultdict(list)
    for each in encounters:
        for pair in found.get(each.event, ()):
            quarters[pair].append(each.quarter)
    return {pair: (len({*met_in}), len(met_in)) for pair, met_in in quarters.items()}
