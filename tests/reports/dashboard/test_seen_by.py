"""What a reader without the right to see persons gets, and cannot compute."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, pairwise
from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from events.core.small_groups import SMALLEST
from events.reports.dashboard.figures import dashboard
from events.reports.dashboard.seen_by import LEFT_OUT, dashboard_without_persons
from events.reports.dashboard.shapes import Dashboard
from events.reports.filters import Filters
from events.reports.participation import report
from events.reports.seen_by import suppressed_report
from events.reports.shapes import ParticipationReport
from tests.reports.attacker import cells_of
from tests.reports.test_pages import token
from tests.reports.test_participation import undone
from tests.reports.world import SERIES, Held, Row, World, build, filters, worlds

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
    """January 8, February 2, March 9 persons: February is added together with March, and so is what parts them hidden."""
    await build(months(8, 2, 9))
    ends = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
    totals = [(await shown(date(2026, 1, 1), end)).totals.participations for end in ends]
    assert [month.participations for month in (await shown(None, None)).months] == [8, None, None]
    assert totals == [8, None, 19]
    assert 2 not in {b - a for a, b in pairwise(totals) if a is not None and b is not None}
    assert (await shown(date(2026, 2, 1), None)).totals.participations == 11
    assert (await shown(date(2026, 3, 1), None)).totals.participations is None


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


VALUES = {
    "project": ["P1", "P2"],
    "region": ["06", "14"],
    "theme": ["digitalisation", "low-carbon"],
    "kind": ["meeting", "workshop"],
    "type": ["company", "university"],
    "size": ["micro", "none"],
    "mode": ["venue", "online"],
    "host": ["06"],
    "series": [SERIES],
}


def told(made: ParticipationReport | Dashboard) -> dict[tuple[str, str], int]:
    """All numbers of participations that are shown, by the part and the cell in which they stand."""
    parts = {"totals": [made.totals]}
    if isinstance(made, Dashboard):
        parts |= {part: cells_of(made, part) for part in PARTS}
    else:
        parts |= {each.by: each.cells for each in made.break_downs}
        events = {("event", line.slug): line.participations for line in made.events}
    figures = {(part, cell.code): cell.participations for part, cells in parts.items() for cell in cells}
    figures |= {} if isinstance(made, Dashboard) else events
    return {key: number for key, number in figures.items() if number is not None}


@pytest.mark.parametrize("make", [suppressed_report, dashboard_without_persons])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(), wanted=filters(), name=st.sampled_from(sorted(VALUES)))
async def test_no_small_group_is_the_difference_of_two_filters(
    db: asyncpg.Connection, make: Callable[..., Awaitable[Any]], world: World, wanted: Filters, name: str
) -> None:
    wanted = replace(wanted, **{name: None})
    async with undone():
        await build(world)
        wide = told(await make(wanted, now=NOW))
        for value in VALUES[name]:
            narrow = told(await make(replace(wanted, **{name: value}), now=NOW))
            for key in wide.keys() & narrow.keys():
                assert not 0 < wide[key] - narrow[key] < SMALLEST, (name, value, key)


async def test_without_the_rule_a_difference_would_tell(db: asyncpg.Connection) -> None:
    """Eight companies and two universities on site, six universities online: the two are what the way of attending leaves."""
    kinds = [("company", "venue")] * 8 + [("university", "venue")] * 2 + [("university", "online")] * 6
    events = [0] * 10 + [1] * 6
    rows = [
        Row(event, person % 10, None, organisation_type=kind, mode=mode)
        for person, (event, (kind, mode)) in enumerate(zip(events, kinds, strict=True))
    ]
    await build(World([Held(), Held()], rows))

    async def difference(make: Callable[..., Awaitable[Any]]) -> int | None:
        wide, narrow = [told(await make(Filters(mode=mode), now=NOW)) for mode in (None, "online")]
        key = ("organisation_type", "university")
        return wide[key] - narrow[key] if key in wide.keys() & narrow.keys() else None

    assert await difference(suppressed_report) is None
    assert await difference(report) == 2


@pytest.mark.parametrize("wanted", [Filters(host="06"), Filters(series=SERIES), Filters(mode="online")])
async def test_the_report_hides_by_host_series_and_mode_too(db: asyncpg.Connection, wanted: Filters) -> None:
    rows = [Row(0, person, None, mode="online" if person > 7 else "venue") for person in range(10)]
    await build(World([Held(series=0)], rows))
    assert (await suppressed_report(wanted, now=NOW)).totals.hidden


async def test_the_report_too_is_of_whole_months(db: asyncpg.Connection) -> None:
    await build(months(8, 2, 9))
    ends = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
    totals = [(await suppressed_report(Filters(end=end), now=NOW)).totals.participations for end in ends]
    assert totals == [8, None, 19]
    made = await suppressed_report(Filters(start=date(2026, 2, 5)), now=NOW)
    assert (made.filters.start, made.totals.participations) == (date(2026, 2, 1), 11)


@pytest.mark.parametrize("make", [suppressed_report, dashboard_without_persons])
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(), project=st.sampled_from([None, "P1"]))
async def test_no_small_group_is_the_difference_of_two_periods(
    db: asyncpg.Connection, make: Callable[..., Awaitable[Any]], world: World, project: str | None
) -> None:
    ends = [None, *(date(2026, month + 1, 1) - timedelta(days=1) for month in (1, 2, 3))]
    async with undone():
        await build(world)
        each = [told(await make(Filters(end=end, project=project), now=NOW)) for end in ends]
    for one, other in combinations(each, 2):
        for key in one.keys() & other.keys():
            assert not 0 < abs(one[key] - other[key]) < SMALLEST, key


async def test_without_the_rule_two_periods_would_tell(db: asyncpg.Connection) -> None:
    """Universities: 8 in January, 2 in February, 6 in March, and in each month companies beside them."""
    held = [Held(day=31 * month + part) for month in range(3) for part in (0, 1)]
    rows = [Row(2 * month, person, None) for month in range(3) for person in range(7)]
    rows += [
        Row(2 * month + 1, person, None, organisation_type="university")
        for month, size in enumerate((8, 2, 6))
        for person in range(size)
    ]
    await build(World(held, rows))
    key, later = ("organisation_type", "university"), datetime(2026, 8, 1, tzinfo=UTC)

    async def ends(make: Callable[..., Awaitable[Any]], *months: int) -> list[int | None]:
        days = [date(2026, month + 1, 1) - timedelta(days=1) for month in months]
        return [told(await make(Filters(end=day), now=later)).get(key) for day in days]

    assert await ends(suppressed_report, 1, 2, 3) == [None, None, 16], "by type whole half-years alone are shown"
    assert await ends(report, 1, 2) == [8, 10]


@pytest.mark.parametrize("make", [suppressed_report, dashboard_without_persons])
async def test_what_is_too_small_in_one_half_year_is_told_of_the_other(
    db: asyncpg.Connection, make: Callable[..., Awaitable[Any]]
) -> None:
    """Two of region 14 in January stand in one row with the seven of region 02; in July there are six."""
    sizes = [{"06": 10, "14": 2, "02": 7}, {"06": 9, "14": 6}]
    regions = [[region for region, size in each.items() for _person in range(size)] for each in sizes]
    rows = [Row(event, n, None, region=region) for event, each in enumerate(regions) for n, region in enumerate(each)]
    await build(World([Held(day=0), Held(day=180)], rows))

    async def by_region(**chosen: Any) -> dict[str, int | None]:
        made = await make(Filters(**chosen), now=datetime(2027, 2, 1, tzinfo=UTC))
        cells = cells_of(made, "regions") if isinstance(made, Dashboard) else made.cells("region")
        return {cell.code: cell.participations for cell in cells if cell.participations != 0}

    assert await by_region() == {"06": 19, "14": 6, "02": None, "rest": 9}
    assert await by_region(end=date(2026, 6, 30)) == {"06": 10, "14": None, "02": None, "rest": 9}
    assert await by_region(start=date(2026, 7, 1)) == {"06": 9, "14": 6}


@pytest.mark.parametrize("make", [suppressed_report, dashboard_without_persons])
async def test_filters_cost_no_more_counts(db: asyncpg.Connection, make: Callable[..., Awaitable[Any]]) -> None:
    """However many filters are chosen, the participations are read as often as with none, and not again next time."""
    await build(months(8, 2, 9))
    every = Filters(**{name: values[0] for name, values in VALUES.items()}, end=date(2026, 3, 31))  # type: ignore[arg-type]
    read: list[str] = []
    logged = "participation AS entry"
    with db.query_logger(lambda query: read.append(query.query) if logged in query.query else None):
        numbers = []
        for wanted in (Filters(), every, every):
            read.clear()
            await make(wanted, now=NOW)
            numbers.append(len(read))
    figures = 3 if make is dashboard_without_persons else 6
    assert numbers[0] <= figures + 1 + 4, "the figures, once for all what there is and the blocks"
    assert numbers[1] <= figures + 1, "where nothing is let in, whether something waits"
    assert numbers[2] <= numbers[1]
