"""A reader who may not see persons asks for everything there is, and computes (see `attacker`)."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import pytest

from events.core.small_groups import SMALLEST
from events.reports.dashboard.figures import dashboard
from events.reports.dashboard.seen_by import dashboard_without_persons
from events.reports.filters import Filters
from events.reports.participation import report
from events.reports.seen_by import suppressed_report
from tests.reports.attacker import Attack, Figure, Span, Unknown, parts_shown, small_groups, told_at, views
from tests.reports.test_participation import undone
from tests.reports.world import Held, Row, World, build

NOW = datetime(2027, 6, 1, tzinfo=UTC)
Make = Callable[..., Awaitable[Any]]

MANY = World(
    [
        Held(day=0, projects=("P1",), themes=("digitalisation",)),
        Held(day=5, kind="meeting", projects=("P1", "P2"), themes=("low-carbon",), series=0),
        Held(day=40, kind="workshop", projects=("P1", "P2"), themes=("digitalisation", "low-carbon"), host="14"),
        Held(day=45, kind="meeting", themes=(), host="14", series=0),
        Held(day=80, kind="workshop", projects=("P2",), themes=("low-carbon",)),
        Held(day=400, kind="workshop", projects=("P1",), themes=("digitalisation",)),
        Held(day=430, kind="meeting", projects=("P1",), host="14"),
    ],
    [
        *(Row(0, n, n % 3, region="06" if n < 7 else "14", mode="venue" if n < 6 else "online") for n in range(9)),
        *(Row(1, n, None, region="14", organisation_type="university", size_class="none") for n in range(3)),
        *(Row(2, n, 0, region=("06", "14")[n % 2], size_class=("micro", "small")[n > 7]) for n in range(10)),
        Row(3, 1, None),
        *(Row(3, n, 1, region="14", size_class="micro", role="speaker") for n in range(2, 8)),
        *(Row(4, n, 2, role="speaker" if n < 2 else "participant", mode="online") for n in range(8)),
        *(Row(5, n, 1, organisation_type="university" if n < 5 else "company", size_class="none" if n < 5 else "micro")
          for n in range(10)),
        *(Row(6, n, None, region="" if n < 2 else "06") for n in range(6)),
    ],
)  # fmt: skip

FEW = World(
    [Held(day=0), Held(day=3, kind="meeting"), Held(day=35, kind="meeting", themes=("low-carbon",))],
    [
        *(Row(0, n, None, mode="venue") for n in range(6)),
        *(Row(1, n, None, region="14", mode="online" if n < 2 else "venue") for n in range(3)),
        *(Row(2, n, None, region="14" if n else "06", mode="online") for n in range(9)),
    ],
)


WITHOUT: list[Make] = [report, dashboard]
"""What protects nobody."""


async def attacked(db: asyncpg.Connection, world: World, makes: list[Make], most: int) -> tuple[Attack, list[Figure]]:
    """Ask for every view, and compute."""
    events = await build(world)
    rows = await db.fetch("SELECT id, slug FROM event")
    slugs = {row["slug"]: str(events.index(row["id"])) for row in rows if row["id"] in events}
    attack = Attack(world)
    is_told = await told_at(events, NOW)
    attack.unknown = [each for each in attack.unknown if is_told(each) or makes == WITHOUT]
    for wanted in views(most):
        shown = {} if makes == WITHOUT else {"parts": await parts_shown(world, events, wanted, NOW)}
        for make in makes:
            attack.hear(wanted, await make(wanted, now=NOW), slugs, **shown)
    return attack, attack.found(small_groups(attack, most))


YEARS = World(
    [Held(day=0), Held(day=400)],
    [*(Row(0, n, None) for n in range(8)), *(Row(1, n, None) for n in range(5, 10))],
)
"""Five came in the first year alone, two in the second, three in both."""


@pytest.mark.parametrize("world", [MANY, FEW])
async def test_no_small_group_can_be_computed_from_all_that_is_shown(db: asyncpg.Connection, world: World) -> None:
    attack, found = await attacked(db, world, [suppressed_report, dashboard_without_persons], 2)
    assert not found
    assert len([number for number in attack.told.values() if number]) >= 4, "or nothing is shown at all"


async def test_without_protection_small_groups_are_found(db: asyncpg.Connection) -> None:
    _attack, found = await attacked(db, FEW, WITHOUT, 0)
    assert found


@pytest.mark.parametrize("make", [suppressed_report, dashboard_without_persons])
async def test_no_small_group_of_persons_makes_the_difference(db: asyncpg.Connection, make: Make) -> None:
    """Persons by the sets of projects and half-years in which they took part: none of one to four is computed either."""
    assert not await computed_persons(MANY, make)
    assert not await computed_persons(FEW, make)
    assert not await computed_persons(YEARS, make)


async def test_without_protection_numbers_of_persons_tell(db: asyncpg.Connection) -> None:
    assert len(await computed_persons(YEARS, report)) == 2


WHOLE = {
    *(Filters(project=code) for code in (None, "P1", "P2")),
    *(Filters(start=date(2027, 1, 1)), Filters(end=date(2026, 12, 31))),
    *(Filters(start=date(2026, 7, 1), end=date(2026, 12, 31)), Filters(start=date(2027, 1, 1), end=date(2027, 6, 30))),
}
"""Filters that let whole half-years in, and all that counts for a project."""


def class_of(world: World, each: Unknown) -> tuple[frozenset[str], int, bool]:
    """Projects and half-year."""
    held = world.events[each[0]].held_on
    return each[1], held.year, held.month > 6


async def computed_persons(world: World, make: Make) -> list[frozenset[Any]]:
    async with undone():
        is_told = await told_at(await build(world), NOW)
        attack = Attack(world)
        attack.unknown = [each for each in attack.unknown if is_told(each) or make is report]
        classes: dict[int, set[Any]] = defaultdict(set)
        for row in world.rows:
            if attack.of(row) in attack.unknown and attack.of(row)[1]:
                classes[row.person].add(class_of(world, attack.of(row)))
        patterns = Counter(frozenset(each) for each in classes.values())
        places = {pattern: place for place, pattern in enumerate(patterns)}
        known = Span(len(places))
        for wanted in views(1):
            if wanted in WHOLE:
                persons = (await make(wanted, now=NOW)).totals.persons
                inside = {class_of(world, each) for each in attack.figure(wanted)}
                if persons is not None:
                    known.add([places[pattern] for pattern in patterns if pattern & inside])
    return [pattern for pattern, number in patterns.items() if number < SMALLEST and known.holds([places[pattern]])]
