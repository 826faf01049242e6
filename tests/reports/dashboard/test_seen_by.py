"""What a reader without the right to see persons gets, and cannot compute."""

from datetime import UTC, date, datetime
from itertools import pairwise

import asyncpg
import pytest
from httpx import AsyncClient
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

from events.reports.dashboard.figures import dashboard
from events.reports.dashboard.seen_by import LEFT_OUT, cells_of, dashboard_without_persons
from events.reports.dashboard.shapes import Dashboard
from events.reports.filters import Filters
from events.reports.suppression import SMALLEST
from tests.reports.test_pages import token
from tests.reports.test_participation import undone
from tests.reports.world import Held, Row, World, build, filters, worlds

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PARTS = ("regions", "months", "organisation_types", "size_classes", "event_kinds", "site_modes", "themes", "projects")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(), wanted=filters())
async def test_no_group_under_five_is_shown_nor_what_is_compared(
    db: asyncpg.Connection, world: World, wanted: Filters
) -> None:
    async with undone():
        await build(world)
        made = await dashboard_without_persons(wanted, now=NOW)
    assert made.totals.hidden or not 0 < (made.totals.persons or 0) < SMALLEST
    for part in PARTS:
        assert not [cell for cell in cells_of(made, part) if 0 < (cell.persons or 0) < SMALLEST], part
    assert (made.change, made.persons, made.organisations, made.heat) == (None, None, None, [])
    assert made.funnel.no_shows is None
    assert set(LEFT_OUT) <= set(made.hidden)


def months(*sizes: int) -> World:
    """As many persons in each month as are given."""
    rows = [Row(event, person, None) for event, size in enumerate(sizes) for person in range(size)]
    return World([Held(day=31 * event) for event in range(len(sizes))], rows)


async def shown(start: date | None, end: date | None) -> Dashboard:
    return await dashboard_without_persons(Filters(start=start, end=end), now=NOW)


async def test_a_small_month_is_not_the_difference_of_two_periods(db: asyncpg.Connection) -> None:
    """January 8, February 2, March 9 persons: February and January are hidden, and so is what parts them."""
    await build(months(8, 2, 9))
    ends = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
    totals = [(await shown(date(2026, 1, 1), end)).totals.participations for end in ends]
    assert [month.participations for month in (await shown(None, None)).months] == [None, None, 9]
    assert totals == [None, 10, 19]
    assert 2 not in {b - a for a, b in pairwise(totals) if a is not None and b is not None}
    assert (await shown(date(2026, 2, 1), None)).totals.participations is None
    assert (await shown(date(2026, 3, 1), None)).totals.participations == 9


async def test_days_within_a_month_are_not_told_apart(db: asyncpg.Connection) -> None:
    await build(
        World([Held(day=0), Held(day=5)], [Row(event, person, None) for event in (0, 1) for person in range(7)])
    )
    made = await shown(date(2026, 1, 10), date(2026, 1, 12))
    assert made.totals.participations == 14
    assert (made.filters.start, made.filters.end) == (date(2026, 1, 1), date(2026, 1, 31))


@pytest.mark.parametrize("wanted", [Filters(host="06"), Filters(region="06"), Filters(region="14")])
async def test_a_filter_does_not_show_what_is_hidden_without_it(db: asyncpg.Connection, wanted: Filters) -> None:
    rows = [Row(0, person, None, region="14" if person == 9 else "06") for person in range(10)]
    await build(World([Held()], rows))
    assert (await dashboard(replace(wanted), now=NOW)).totals.participations
    assert (await dashboard_without_persons(wanted, now=NOW)).totals.hidden


async def test_the_api_answers_with_all_figures_and_their_definitions(client: AsyncClient) -> None:
    await build(months(8, 2))
    answer = await client.get("/api/v1/reports/dashboard?mode=venue", headers=await token("reports"))
    made = answer.json()
    assert made["totals"]["participations"] == 10
    assert made["filters"] == {"mode": "venue"}
    assert {"persons", "new", "invited", "registered", "answered", "no_show_rate", "change"} <= set(made["definitions"])
    assert len(made["regions"]) == 21
