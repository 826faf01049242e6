"""What a reader without the right to see persons could compute from the network effect of all projects put together.

As in `tests.reports.attacker`: every figure shown is an equation. Unknown is how many pairs met in each quarter,
between which regions, and at events of which projects.
"""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.core.small_groups import SMALLEST
from events.reports.effect.figures import effect
from events.reports.effect.seen_by import effect_without_persons
from events.reports.effect.shapes import NetworkEffect
from events.reports.filters import Filters
from tests.reports.attacker import Span
from tests.reports.test_attack import FEW, MANY, YEARS, computed_persons
from tests.reports.test_participation import undone
from tests.reports.world import Held, Row, World, build, counts

NOW = datetime(2027, 6, 1, tzinfo=UTC)
CODES = (None, "P1", "P2")
Link = tuple[str, tuple[str, str], frozenset[str | None]]
"""A quarter, two regions, and in which of the views of `CODES` the link is counted."""
Make = Callable[..., Awaitable[Any]]


def region_of(organisation: int) -> str:
    """Organisations stand in one region each, whoever comes from them."""
    return ("06", "14")[organisation % 2]


def links(world: World) -> Counter[Link]:
    """Count by hand: a pair is one link in a quarter, however often it met."""
    met: dict[tuple[str, tuple[int, int]], set[str | None]] = defaultdict(set)
    for number, held in enumerate(world.events):
        quarter = f"{held.held_on.year}-Q{(held.held_on.month + 2) // 3}"
        for code in CODES:
            if code is None or code in held.projects:
                rows = [row for row in world.rows if row.event == number and counts(row, world, code)]
                members = sorted({row.organisation for row in rows if row.organisation is not None})
                for pair in combinations(members, 2):
                    met[quarter, pair].add(code)
    return Counter(
        (quarter, tuple(sorted(map(region_of, pair))), frozenset(codes)) for (quarter, pair), codes in met.items()
    )  # type: ignore[misc]


def told(made: NetworkEffect, code: str | None) -> Iterator[tuple[Callable[[Link], bool], int | None]]:
    """Every number of links that is shown, with which of the unknown it is the sum of."""
    yield lambda link: code in link[2], made.totals.links
    for quarter in made.quarters:
        yield lambda link, it=quarter.quarter: code in link[2] and link[0] == it, quarter.links
    for cell in made.matrix:
        yield lambda link, it=(cell.region, cell.other): code in link[2] and link[1] == it, cell.links


async def computed(world: World, make: Make) -> list[str]:
    """Return which small numbers of links are sums and differences of what is shown."""
    unknown = links(world)
    place = {link: number for number, link in enumerate(unknown)}
    known = Span(len(place))
    async with undone():
        await build(world)
        for code in CODES:
            for fits, number in told(await make(Filters(project=code), now=NOW), code):
                if number is not None:
                    known.add([place[link] for link in unknown if fits(link)])
    cells = {(link[1], link[2]) for link in unknown}
    targets = {cell: [link for link in unknown if (link[1], link[2]) == cell] for cell in cells}
    targets |= {each: [link for link in unknown if link[1] == each] for each in {link[1] for link in unknown}}
    targets |= {each: [link for link in unknown if link[2] == each] for each in {link[2] for link in unknown}}
    targets |= {link: [link] for link in unknown}
    return [
        str(name)
        for name, inside in targets.items()
        if sum(unknown[link] for link in inside) < SMALLEST and known.holds([place[link] for link in inside])
    ]


def met(*events: tuple[tuple[str, ...], int, range]) -> World:
    """Events of some projects, days after the first, at which some organisations met."""
    return World(
        [Held(day=day, projects=projects) for projects, day, _who in events],
        [
            Row(number, person, who, region=region_of(who))
            for number, (_projects, _day, which) in enumerate(events)
            for person, who in enumerate(which)
        ],
    )


APART = met((("P1",), 0, range(6)), (("P2",), 1, range(5)), (("P2",), 100, range(10)))
"""Each project's links are many, and so are all; those that the other project has not are few."""


async def test_no_few_links_can_be_computed_from_those_of_projects(db: asyncpg.Connection) -> None:
    assert not await computed(APART, effect_without_persons)


async def test_without_protection_few_links_are_found(db: asyncpg.Connection) -> None:
    assert await computed(APART, effect)


def networks() -> st.SearchStrategy[World]:
    projects = st.sampled_from([("P1",), ("P2",), ("P1", "P2")])
    who = st.tuples(st.integers(0, 4), st.integers(5, 10)).map(lambda each: range(each[0], min(12, sum(each))))
    events = st.lists(st.tuples(projects, st.sampled_from([0, 1, 100]), who), min_size=2, max_size=5)
    return events.map(lambda each: met(*each))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=networks())
async def test_no_few_links_of_any_network_can_be_computed(db: asyncpg.Connection, world: World) -> None:
    assert not await computed(world, effect_without_persons)


async def persons(wanted: Filters, *, now: datetime) -> Any:
    """The network effect, with its persons where a report has them."""

    return SimpleNamespace(totals=(await effect_without_persons(wanted, now=now)).came_back)


ONE_MORE = World(
    [Held(projects=("P1",)), Held(day=1, projects=("P2",))],
    [*(Row(0, n, n) for n in range(8)), *(Row(1, n, n) for n in range(5, 10))],
)
"""Of ten persons, eight came for one project."""


@pytest.mark.parametrize("world", [MANY, FEW, YEARS, ONE_MORE])
async def test_no_small_group_of_persons_makes_the_difference(db: asyncpg.Connection, world: World) -> None:
    assert not await computed_persons(world, persons)


async def test_without_protection_persons_of_a_project_tell(db: asyncpg.Connection) -> None:
    async def unprotected(wanted: Filters, *, now: datetime) -> Any:
        return SimpleNamespace(totals=(await effect(wanted, now=now)).came_back)

    assert await computed_persons(ONE_MORE, unprotected)
