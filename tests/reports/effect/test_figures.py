"""Figures from the database against a naive count of the same rows; kept counts; what a viewer gets."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from itertools import combinations
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient
from hypothesis import HealthCheck, given, settings

from events.core.small_groups import SMALLEST
from events.reports.effect import kept, reading
from events.reports.effect.figures import effect
from events.reports.effect.seen_by import effect_without_persons
from events.reports.effect.shapes import Share
from events.reports.filters import Filters
from tests.factories import make_staff, sign_in
from tests.reports.dashboard.test_kept import WRITERS
from tests.reports.effect.test_pages import KNOWN, PATH
from tests.reports.test_pages import get
from tests.reports.test_participation import undone
from tests.reports.world import Held, Row, World, admitted, build, cell_of, counts, filters, worlds

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ORDER = ["06", "14", "abroad", "unknown"]


def quarter(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


def counted(world: World, wanted: Filters) -> list[Row]:
    return [row for row in admitted(world, wanted) if counts(row, world, wanted.project)]


def pairs(world: World, rows: list[Row]) -> dict[str, set[tuple[int, int]]]:
    """Who met in which quarter, pair by pair."""
    found: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for event, held in enumerate(world.events):
        members = {row.organisation for row in rows if row.event == event and row.organisation is not None}
        found[quarter(held.held_on)] |= set(combinations(sorted(members), 2))
    return found


def homes(world: World, rows: list[Row], of: str) -> dict[int, str]:
    regions: dict[int, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row.organisation is not None and quarter(world.events[row.event].held_on) == of:
            regions[row.organisation][cell_of("region", row, world)[0]] += 1
    return {
        who: min(number, key=lambda code: (code == "unknown", -number[code], ORDER.index(code)))
        for who, number in regions.items()
    }


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(), wanted=filters())
async def test_figures_are_what_a_naive_count_says(db: asyncpg.Connection, world: World, wanted: Filters) -> None:
    async with undone():
        await build(world)
        made = await effect(wanted, now=NOW)
    rows = counted(world, wanted)
    everything = counted(world, Filters(**{**_fields(wanted), "start": None}))
    before = [row for row in everything if row not in rows]
    ever = set().union(*pairs(world, before).values()) if before else set()
    matrix: Counter[tuple[str, str, bool]] = Counter()
    met: set[tuple[int, int]] = set()
    for code, now in sorted(pairs(world, rows).items()):
        home = homes(world, rows, code)
        for one, other in now:
            a, b = sorted((home[one], home[other]), key=ORDER.index)
            matrix[a, b, (one, other) in ever] += 1
        ever |= now
        met |= now
    found = {
        (each.region, each.other, again): number
        for each in made.matrix
        for again, number in ((False, each.new), (True, each.repeated))
        if number
    }
    assert found == matrix
    assert made.pairs == len(met)
    assert sum(each.links or 0 for each in made.by_quarter) == made.totals.links == sum(matrix.values())
    assert made.organisations == len({row.organisation for row in rows} - {None})
    assert {each.code: each.participations for each in made.regions if each.participations} == Counter(
        cell_of("region", row, world)[0] for row in rows
    )
    _check_persons(made.came_back.times, Counter(Counter(row.person for row in rows).values()))
    again = {person for person, times in Counter(row.person for row in rows).items() if times > 1}
    for name, of in (
        ("hosts", lambda row: {world.events[row.event].host}),
        ("themes", lambda row: set(world.events[row.event].themes)),
        ("regions", lambda row: {row.region} - {""}),
    ):
        numbers = Counter(len(set().union(*(of(row) for row in rows if row.person == person))) for person in again)
        _check_persons(getattr(made.came_back, name), numbers)


def _check_persons(shares: list[Share], numbers: Counter[int]) -> None:
    most: Counter[int] = Counter()
    for number, persons in numbers.items():
        most[min(number, reading.MOST)] += persons
    assert {each.number: each.count for each in shares} == most


def _fields(wanted: Filters) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in wanted.__struct_fields__}


@pytest.mark.parametrize("write", WRITERS)
async def test_nothing_stale_is_served_after_a_commit(
    committed_db: str, write: Callable[[list[UUID]], Awaitable[None]]
) -> None:
    events = await build(
        World(
            [
                Held(projects=("P1",), themes=("digitalisation",)),
                Held(day=40, projects=("P2",), themes=("low-carbon",)),
            ],
            [Row(event, person, person % 3) for event in (0, 1) for person in range(6)],
        )
    )
    before = await effect(Filters(), now=NOW)
    await write(events)
    after = await effect(Filters(), now=NOW)
    kept.forget()
    assert after == await effect(Filters(), now=NOW)
    assert after != before


async def test_a_count_is_made_once_while_nothing_changes(
    db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await build(KNOWN)
    first = await effect(Filters(), now=NOW)

    async def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(reading, "count", never)
    assert await effect(Filters(), now=NOW) == first
    with pytest.raises(AssertionError):
        await effect(Filters(region="06"), now=NOW)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(), wanted=filters())
async def test_a_viewer_sees_no_group_under_five(db: asyncpg.Connection, world: World, wanted: Filters) -> None:
    async with undone():
        await build(world)
        for chosen in (wanted, Filters(project=wanted.project)):
            made = await effect_without_persons(chosen, now=NOW)
            shown = [
                *(made.totals.new, made.totals.repeated, made.totals.links, made.pairs, made.organisations),
                *(number for each in made.quarters for number in (each.new, each.repeated, each.links)),
                *(number for each in made.matrix for number in (each.new, each.repeated, each.links)),
                *(made.came_back.persons, made.came_back.again),
                *(
                    each.count
                    for part in ("times", "hosts", "themes", "regions")
                    for each in getattr(made.came_back, part)
                ),
                *(each.count for each in made.bridging),
            ]
            assert not [number for number in shown if number is not None and 0 < number < SMALLEST]
            assert (made.bridges, made.by_quarter) == ([], [])
            assert {each.participations for each in made.regions} == {None}
            hidden = [each for each in made.matrix if each.links is None]
            assert len(hidden) != 1 or len(made.matrix) == 1


@pytest.mark.parametrize("query", [{"region": "06"}, {"from": "2026-01-01"}, {"host": "06"}, {"mode": "venue"}])
async def test_a_viewer_gets_nothing_of_persons_by_other_filters(client: AsyncClient, query: dict[str, str]) -> None:
    await build(KNOWN)
    await sign_in(client, await make_staff("viewer"))
    made = (await get(client, f"{PATH}.json", **query)).json()
    assert made["totals"]["links"] is None
    assert made["matrix"] == made["quarters"] == made["bridges"] == []


async def test_a_viewer_sees_no_names_and_no_rows(client: AsyncClient) -> None:
    await build(KNOWN)
    await sign_in(client, await make_staff("viewer"))
    for path in (PATH, f"{PATH}.csv", f"{PATH}.json"):
        answer = await get(client, path)
        assert answer.status_code == 200
        assert "Yritys" not in answer.text
        assert "/events?" not in answer.text
    assert (await get(client, f"{PATH}/events", one="06", two="14")).status_code == 404


async def test_a_viewer_sees_the_sums_of_a_large_network(db: asyncpg.Connection) -> None:
    """Five organisations meet in two quarters: ten links each, of a network that is not small."""
    await build(World([Held(), Held(day=100)], [Row(event, n, n % 5) for event in (0, 1) for n in range(10)]))
    made = await effect_without_persons(Filters(), now=datetime(2027, 3, 1, tzinfo=UTC))
    assert [(each.new, each.repeated) for each in made.quarters] == [(10, 0), (0, 10)]
    assert [(each.region, each.other, each.links, each.new) for each in made.matrix] == [("06", "06", 20, None)]
    assert (made.came_back.persons, made.came_back.again) == (10, 10)
