"""The network effect for a reader who may not see persons: no group under five, no organisation by its name.

- A cell of the matrix is shown when it has five links or more and both its regions have five organisations or more; if
  that leaves a single hidden cell, the smallest of the others is hidden too, since the sum is known.
- Shown by quarter are the sums alone. Numbers of participations and organisations by region are left out.
- Persons are shown where the participation report shows them.
- Filters, the one for a project too, show nothing but the yearly clock, which is about the programme: figures of two
  projects, periods, or sorts of participants, and of all, would differ by a small group.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from events.core.replica import snapshot
from events.core.small_groups import SMALLEST, to_hide
from events.reports.effect.figures import effect
from events.reports.effect.shapes import CameBack, Links, NetworkEffect, QuarterLinks, RegionLinks, Share
from events.reports.filters import Filters, Reach
from events.reports.participation import EVERYTHING
from events.reports.protection.scan import told
from events.reports.protection.showing import showing

LEFT_OUT = ("by_quarter", "bridges", "regions")
"""Parts of which such a reader gets nothing, or only whether a region was reached."""

ALL = ("totals", "quarters", "matrix", "bridging", "came_back")

_NO_LINKS = {"new": None, "repeated": None, "links": None}
_NOBODY = CameBack(persons=None, again=None, without_address=None, times=[], hosts=[], themes=[], regions=[])


async def effect_without_persons(filters: Filters, *, now: datetime, reach: Reach = EVERYTHING) -> NetworkEffect:
    """Return what a reader may see who must not see groups under five."""
    async with snapshot() as connection:
        reach = await told(connection, reach, now)
        made = await effect(filters, now=now, reach=reach, with_names=False)
        if filters != Filters():
            return _nothing(made)
        return suppressed(made, persons=(await showing(connection, filters, reach)).persons)


def suppressed(made: NetworkEffect, *, persons: bool) -> NetworkEffect:
    """Hide what stands for fewer than five, and what would give it away; `persons`: whether these may be counted."""
    if _small(made.came_back.persons):
        return _nothing(made)
    came_back = _came_back(made.came_back) if persons else _NOBODY
    if any(_small(number) for number in (made.totals.new, made.totals.repeated, made.pairs, made.organisations)):
        return replace(_nothing(made), came_back=came_back)
    return replace(
        _without_details(made),
        quarters=_quarters(made.quarters),
        matrix=_matrix(made),
        bridging=_shares(made.bridging),
        came_back=came_back,
        hidden=list(LEFT_OUT),
    )


def _small(number: int | None) -> bool:
    return number is None or 0 < number < SMALLEST


def _quarters(quarters: Sequence[QuarterLinks]) -> list[QuarterLinks]:
    small = {place for place, each in enumerate(quarters) if _small(each.new) or _small(each.repeated)}
    hidden = _two(small, [each.links or 0 for each in quarters])
    return [replace(each, **_NO_LINKS) if place in hidden else each for place, each in enumerate(quarters)]


def _matrix(made: NetworkEffect) -> list[RegionLinks]:
    few = {each.code for each in made.regions if (each.organisations or 0) < SMALLEST}
    small = {place for place, each in enumerate(made.matrix) if _small(each.links) or few & {each.region, each.other}}
    hidden = _two(small, [each.links or 0 for each in made.matrix])
    # new and repeated are two groups of their own: of a cell such a reader sees their sum
    return [
        replace(each, **(_NO_LINKS if place in hidden else {"new": None, "repeated": None}))
        for place, each in enumerate(made.matrix)
    ]


def _two(hidden: set[int], sizes: Sequence[int]) -> set[int]:
    """Hide one more, the smallest, where a single one is hidden or all hidden together are few."""
    others = sorted((place for place in range(len(sizes)) if place not in hidden), key=lambda place: sizes[place])
    while others and hidden and (len(hidden) == 1 or sum(sizes[place] for place in hidden) < SMALLEST):
        hidden = {*hidden, others.pop(0)}
    return hidden


def _shares(shares: Sequence[Share]) -> list[Share]:
    hidden = to_hide([each.count or 0 for each in shares])
    return [replace(each, count=None) if place in hidden else each for place, each in enumerate(shares)]


def _came_back(counted: CameBack) -> CameBack:
    persons, again = counted.persons or 0, counted.again or 0
    if _small(again) or _small(persons - again):
        return replace(_NOBODY, persons=counted.persons)
    once = [each for each in counted.times if each.number == 1]
    more = _shares([each for each in counted.times if each.number > 1])
    return CameBack(
        persons=persons,
        again=again,
        without_address=None,
        times=[*once, *more],
        hosts=_shares(counted.hosts),
        themes=_shares(counted.themes),
        regions=_shares(counted.regions),
    )


def _without_details(made: NetworkEffect) -> NetworkEffect:
    nothing: dict[str, Any] = dict.fromkeys(("participations", "organisations", "linked"))
    return replace(made, by_quarter=[], bridges=[], regions=[replace(each, **nothing) for each in made.regions])


def _nothing(made: NetworkEffect) -> NetworkEffect:
    return replace(
        _without_details(made),
        totals=Links(**_NO_LINKS),
        pairs=None,
        organisations=None,
        quarters=[],
        matrix=[],
        bridging=[],
        came_back=_NOBODY,
        hidden=[*ALL, *LEFT_OUT],
    )
