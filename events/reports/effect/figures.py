"""Making the network effect: counts, kept or fresh, and what stands beside them, from one snapshot."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from asyncpg import Connection

from events.core.replica import snapshot
from events.core.rounding import rounded
from events.core.text import sort_key
from events.reports import words
from events.reports.counting import found
from events.reports.counting.layout import AXES, REGIONS
from events.reports.effect import reading
from events.reports.effect import words as own
from events.reports.effect.kept import count
from events.reports.effect.rules import Cells, Network
from events.reports.effect.shapes import (
    Bridge,
    CameBack,
    ClockQuarter,
    Links,
    NetworkEffect,
    QuarterLinks,
    ReachedRegion,
    RegionLinks,
    Share,
)
from events.reports.filters import Filters, Reach
from events.reports.participation import EVERYTHING, event_line, filter_names

BRIDGES = 25
"""Organisations that are listed."""

_CODES = AXES["region"].codes
_TARGETS = "SELECT target_regions FROM project WHERE code = $1"
_NAMES = "SELECT id, name, type FROM organisation WHERE id = ANY($1::uuid[])"


async def effect(
    filters: Filters, *, now: datetime, reach: Reach = EVERYTHING, with_names: bool = True
) -> NetworkEffect:
    """Return the network effect of what `filters` let in, of the events within `reach`.

    Everything comes from one REPEATABLE READ snapshot; `with_names`: whether organisations are named.
    """
    async with snapshot() as connection:
        made = await count(connection, filters, reach)
        network = made.network
        names = await words.cell_names("region")
        targets = await connection.fetchval(_TARGETS, filters.project) if filters.project else []
        not_reconciled = await connection.fetch(found.NOT_RECONCILED, *found.arguments(filters, reach), now)
        regions = [_region(code, names, network, target=code in targets) for code in _CODES]
        return NetworkEffect(
            filters=filters,
            filter_names=await filter_names(filters),
            made_at=now,
            rule=words.rule(filters.project),
            definitions={name: str(text) for name, text in own.DEFINITIONS.items()},
            region_names={code: names.get(code, code) for code in _CODES},
            totals=Links(**_sums(*network.quarters.values())),
            pairs=network.pairs,
            organisations=len(network.organisations),
            quarters=_quarters(network),
            matrix=list(_matrix("", *network.quarters.values())),
            by_quarter=[line for code, cells in network.quarters.items() for line in _matrix(code, cells)],
            bridging=_bridging(network),
            bridges=await _bridges(connection, made, with_names=with_names),
            came_back=_came_back(made.came_back),
            regions=regions,
            targets=len(targets),
            targets_reached=sum(each.target and each.reached for each in regions),
            clock=[_clock_quarter(row) for row in await reading.clock(connection, filters, reach, now)],
            not_reconciled=[event_line(row) for row in not_reconciled],
        )


def _quarters(network: Network) -> list[QuarterLinks]:
    return [
        QuarterLinks(quarter=code, name=own.quarter_name(code), **_sums(cells))
        for code, cells in network.quarters.items()
    ]


def _sums(*quarters: Cells) -> dict[str, int]:
    new = sum(each[0] for cells in quarters for each in cells.values())
    repeated = sum(each[1] for cells in quarters for each in cells.values())
    return {"new": new, "repeated": repeated, "links": new + repeated}


def _matrix(quarter: str, *quarters: Cells) -> Iterator[RegionLinks]:
    for cell in sorted({cell for cells in quarters for cell in cells}):
        region, other = (_code(bit) for bit in cell)
        sums = _sums(*({cell: cells[cell]} for cells in quarters if cell in cells))
        yield RegionLinks(quarter=quarter, region=region, other=other, **sums)


def _code(bit: int) -> str:
    return _CODES[bit.bit_length() - 1]


def _bridging(network: Network) -> list[Share]:
    numbers = Counter(seen.regions.bit_count() for seen in network.organisations.values())
    return [Share(number=number, count=organisations) for number, organisations in sorted(numbers.items())]


async def _bridges(connection: Connection, made: reading.Count, *, with_names: bool) -> list[Bridge]:
    ranked = sorted(
        ((-seen.regions.bit_count(), -seen.partners, number) for number, seen in made.network.organisations.items()),
    )
    first = {made.ids[number]: made.network.organisations[number] for regions, _, number in ranked[:BRIDGES] if regions}
    rows = {row["id"]: row for row in await connection.fetch(_NAMES, list(first))}
    bridges = [
        Bridge(
            name=rows[each]["name"] if with_names else "",
            type=rows[each]["type"],
            region=_code(seen.home),
            reached=[code for code in REGIONS if seen.regions & AXES["region"].bit(code)],
            partners=seen.partners,
        )
        for each, seen in first.items()
    ]
    return sorted(bridges, key=lambda each: (-each.regions, -each.partners, sort_key(each.name)))


def _came_back(counted: reading.CameBack) -> CameBack:
    persons = sum(counted.times.values())
    return CameBack(
        persons=persons,
        again=persons - counted.times.get(1, 0),
        without_address=counted.uncertain,
        **{name: _shares(getattr(counted, name)) for name in ("times", "hosts", "themes", "regions")},
    )


def _shares(numbers: Mapping[int, int]) -> list[Share]:
    return [Share(number=number, count=persons) for number, persons in numbers.items()]


def _region(code: str, names: Mapping[str, str], network: Network, *, target: bool) -> ReachedRegion:
    bit = AXES["region"].bit(code)
    participations = network.participations[bit]
    return ReachedRegion(
        code=code,
        name=names.get(code, code),
        target=target,
        reached=participations > 0,
        participations=participations,
        organisations=network.by_region.get(bit, 0),
        linked=network.linked(bit).bit_count(),
    )


def _clock_quarter(row: reading.ClockRow) -> ClockQuarter:
    return ClockQuarter(
        quarter=row.quarter,
        name=own.quarter_name(row.quarter),
        planned=row.planned,
        published=row.made,
        held=row.held,
        coverage=rounded(Decimal(row.held) / row.planned, 4),
    )
