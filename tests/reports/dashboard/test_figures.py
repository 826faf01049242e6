"""Every figure of the dashboard against a naive count of the same rows."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

from events.core import database
from events.reports.dashboard.figures import dashboard
from events.reports.dashboard.shapes import Dashboard
from events.reports.filters import Filters
from tests.reports.test_participation import figures, undone
from tests.reports.world import FIRST, Held, Row, World, admitted, build, by_hand, cell_of, counts, filters, worlds

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PARTS = {
    "months": "month",
    "organisation_types": "organisation_type",
    "size_classes": "size_class",
    "event_kinds": "event_kind",
    "site_modes": "site_mode",
    "themes": "theme",
    "projects": "project",
}
EXACT = {"months", "organisation_types", "size_classes", "event_kinds", "site_modes"}


def counted(world: World, wanted: Filters) -> list[Row]:
    return [row for row in admitted(world, wanted) if counts(row, world, wanted.project)]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(), wanted=filters())
async def test_every_figure_is_what_a_naive_count_says(db: asyncpg.Connection, world: World, wanted: Filters) -> None:
    async with undone():
        await build(world)
        made = await dashboard(wanted, now=NOW)
    rows = counted(world, wanted)
    assert figures(made.totals) == by_hand(rows)
    for part, by in PARTS.items():
        codes = {code for row in rows for code in cell_of(by, row, world)}
        expected = {code: by_hand(row for row in rows if code in cell_of(by, row, world)) for code in codes}
        cells = getattr(made, part)
        assert {cell.code: figures(cell) for cell in cells} == expected, part
        if part in EXACT:
            assert sum(cell.participations for cell in cells) == len(rows)
            assert sum(cell.minutes for cell in cells) == made.totals.minutes
        assert all(cell.persons <= cell.participations for cell in cells)
    _check_regions(made, rows, world)
    _check_heat(made, rows, world)
    _check_comparisons(made, world, wanted)
    assert made.funnel.attended == len(rows)


def _check_regions(made: Dashboard, rows: list[Row], world: World) -> None:
    assert len(made.regions) == 21
    for tile in made.regions:
        there = [row for row in rows if tile.cell.code in cell_of("region", row, world)]
        assert figures(tile.cell) == by_hand(there)


def _check_heat(made: Dashboard, rows: list[Row], world: World) -> None:
    expected: dict[tuple[str, str], int] = {}
    for row in rows:
        for theme in cell_of("theme", row, world):
            cell = (theme, cell_of("region", row, world)[0])
            expected[cell] = expected.get(cell, 0) + 1
    assert {(each.theme, each.region): each.participations for each in made.heat} == expected


def _check_comparisons(made: Dashboard, world: World, wanted: Filters) -> None:
    rows = counted(world, wanted)
    if wanted.start is None:
        assert made.persons is None
        assert made.organisations is None
    else:
        earlier = counted(world, replace(wanted, start=None, end=wanted.start - timedelta(days=1)))
        for seen, key in ((made.persons, "person"), (made.organisations, "organisation")):
            now, then = _those(rows, key), _those(earlier, key)
            assert seen is not None
            assert (seen.new, seen.returning) == (len(now - then), len(now & then))
    if wanted.start is None or wanted.end is None:
        assert made.change is None
        return
    assert made.change is not None
    last = wanted.start - timedelta(days=1)
    first = wanted.start - (wanted.end - wanted.start) - timedelta(days=1)
    before, now = by_hand(counted(world, replace(wanted, start=first, end=last))), by_hand(rows)
    assert (made.change.start, made.change.end) == (first, last)
    for name in ("participations", "persons", "organisations", "minutes"):
        assert getattr(made.change.before, name) == before[name]
        assert getattr(made.change, name) == now[name] - before[name]


def _those(rows: list[Row], key: str) -> set[Any]:
    return {getattr(row, key) for row in rows} - {None}


async def test_merged_persons_count_once_in_every_cell(db: asyncpg.Connection) -> None:
    await build(World([Held(), Held(day=30)], [Row(0, 0, 0), Row(1, 1, 1), Row(1, 2, 0)]))
    await database.execute(
        "UPDATE person SET merged_into = (SELECT id FROM person WHERE given_name = 'Henkilö0')"
        " WHERE given_name = 'Henkilö1'"
    )
    made = await dashboard(Filters(start=FIRST + timedelta(days=20), end=date(2026, 3, 1)), now=NOW)
    assert (made.totals.participations, made.totals.persons) == (2, 2)
    assert made.persons is not None
    assert (made.persons.new, made.persons.returning) == (1, 1)


async def test_more_months_than_a_word_has_bits_are_counted(db: asyncpg.Connection) -> None:
    days = [0, 31 * 61, 31 * 130]
    await build(
        World([Held(day=day) for day in days], [Row(event, person, 0) for event in range(3) for person in (0, 1)])
    )
    made = await dashboard(Filters(), now=datetime(2040, 1, 1, tzinfo=UTC))
    months = {f"{FIRST + timedelta(days=day):%Y-%m}": 2 for day in days}
    assert {cell.code: cell.persons for cell in made.months} == months


async def test_more_projects_than_a_word_has_bits_are_counted(db: asyncpg.Connection) -> None:
    await build(World([Held(projects=("P1",)), Held(projects=("P2",))], [Row(0, 0, 0), Row(1, 0, 0), Row(1, 1, 0)]))
    await database.execute(
        "INSERT INTO project (id, code, name_fi, funder, instrument, starts_on, ends_on, counted_roles, counted_kinds)"
        " SELECT gen_random_uuid(), 'A' || n, '', '', '', '2026-01-01', '2026-12-31', '{participant}', '{workshop}'"
        " FROM generate_series(1, 150) AS n"
    )
    made = await dashboard(Filters(), now=NOW)
    assert {cell.code: cell.persons for cell in made.projects} == {"P1": 1, "P2": 2}
    assert (await dashboard(Filters(project="P2"), now=NOW)).totals.persons == 2
