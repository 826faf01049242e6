"""A reader who may not see persons puts all reports to funders together, with what the other pages show them."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import asyncpg
import pytest

from events.core.errors import Conflict
from events.core.i18n import in_language
from events.core.small_groups import SMALLEST
from events.reports.filters import Filters
from events.reports.funder import actions, freezing, making, queries
from events.reports.funder.queries import ReportHead, report
from events.reports.funder.shapes import FunderReportView
from events.reports.funder.tables import Rule
from events.reports.seen_by import suppressed_report
from tests.reports.attacker import Attack, Span, parts_shown, small_groups, told_at, views
from tests.reports.funder.made import STAFF, indicator, project
from tests.reports.test_attack import FEW, MANY, NOW
from tests.reports.test_told import TWO_SPEAK
from tests.reports.world import Held, Row, World, build

PERIODS = [
    *((date(year, 1, 1), date(year, 12, 31)) for year in (2026, 2027)),
    *((date(2026, 1, 1), date(2026, 1, 31)), (date(2026, 1, 1), date(2026, 2, 28)), (date(2026, 1, 1), date(2027, 12, 31))),
]  # fmt: skip

HALVES = World(
    [Held(day=0, projects=("P1",)), Held(day=40, projects=("P1",))],
    [*(Row(0, n, n) for n in range(8)), *(Row(1, n, n) for n in range(5, 10))],
)
"""Five came in January alone, two in February, three in both."""


async def heads(*codes: str) -> list[ReportHead]:
    """A report on each project in each period."""
    made = []
    for code in codes or ("P1", "P2"):
        identity = await project(code)
        for rule in Rule:
            await actions.save_indicator(identity, None, indicator(rule), actor=STAFF, now=NOW)
        ids = [await actions.create_report(identity, *period, actor=STAFF, now=NOW) for period in PERIODS]
        made += [await report(each) for each in ids]
    return [head for head in made if head]


def numbers(filters: Filters, view: FunderReportView) -> Iterator[tuple[Filters, str, str, int | None]]:
    yield filters, "", "", view.totals.participations
    for part in view.parts:
        for cell in part.cells:
            yield filters, part.by, cell.code, cell.participations


def about(head: ReportHead) -> Filters:
    return Filters(start=head.starts_on, end=head.ends_on, project=head.project_code)


def persons(view: FunderReportView) -> int | None:
    """The different persons, wherever they are told."""
    told = [figure.value for figure in view.figures if figure.rule == Rule.PERSONS]
    return next((int(each) for each in [view.totals.persons, *told] if each is not None), None)


@pytest.mark.parametrize("world", [MANY, FEW])
async def test_no_small_group_can_be_computed_from_all_reports(db: asyncpg.Connection, world: World) -> None:
    events = await build(world)
    slugs = {row["slug"]: str(events.index(row["id"])) for row in await db.fetch("SELECT id, slug FROM event")}
    attack = Attack(world)
    is_told = await told_at(events, NOW)
    attack.unknown = [each for each in attack.unknown if is_told(each)]
    for wanted in views(1):
        shown = await parts_shown(world, events, wanted, NOW)
        attack.hear(wanted, await suppressed_report(wanted, now=NOW), slugs, parts=shown)
    for head in await heads():
        filters = about(head)
        with in_language("fi"):
            view = await making.make(head, now=NOW, whole=False)
        told = [*numbers(filters, view), *((filters, "event", slugs[row.slug], row.participations) for row in view.events)]  # fmt: skip
        shown = await parts_shown(world, events, filters, NOW)
        for wanted, by, code, number in told:
            if number is not None:
                inside = frozenset(each for each in attack.figure(wanted, by, code) if shown(by, code, each))
                attack.told[inside] = number
    assert not attack.found(small_groups(attack, 1))


async def frozen_in_order(made: list[ReportHead], *, whole: bool = False) -> list[tuple[Filters, int | None]]:
    """Freeze reports one after another: what each is about, and how many persons it tells."""
    for minute, head in enumerate(made):
        await freezing.freeze(head.id, seen=0, why="", actor=STAFF, now=NOW + timedelta(minutes=minute))
    return [(about(head), persons(await freezing.frozen(head.id, 1, "fi", whole=whole))) for head in made]


async def few_persons(
    world: World, events: list[UUID], told: list[tuple[Filters, int | None]]
) -> list[tuple[bool, ...]]:
    """Persons by the reports that count them: return which are few and can be computed."""
    attack = Attack(world)
    is_told = await told_at(events, NOW)
    attack.unknown = [each for each in attack.unknown if is_told(each)]
    inside = [attack.figure(filters) for filters, _number in told]
    of: dict[int, set[object]] = {}
    for row in world.rows:
        of.setdefault(row.person, set()).add(attack.of(row))
    unknown = Counter(tuple(bool(atoms & figure) for figure in inside) for atoms in of.values())
    place = {each: number for number, each in enumerate(unknown)}
    known = Span(len(place))
    for number, (_filters, value) in enumerate(told):
        if value is not None:
            known.add([place[each] for each in unknown if each[number]])
    return [each for each, size in unknown.items() if any(each) and size < SMALLEST and known.holds([place[each]])]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("world", [MANY, HALVES])
async def test_no_few_persons_make_the_difference_of_a_projects_reports(
    db: asyncpg.Connection, world: World, order: int
) -> None:
    events = await build(world)
    told = await frozen_in_order((await heads("P1"))[::order])
    assert [number for _filters, number in told if number], "or nobody is told of"
    assert not await few_persons(world, events, told)


async def test_were_the_later_reports_to_tell_too_they_would(
    db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "overlaps_earlier", lambda _head: asyncio.sleep(0, False))
    events = await build(HALVES)
    assert await few_persons(HALVES, events, await frozen_in_order(await heads("P1")))


async def test_a_report_beside_the_live_figures_of_the_year_may_tell_how_few_came_in_its_other_part(
    db: asyncpg.Connection,
) -> None:
    """What `protection` says it does not hold back."""
    events = await build(HALVES)
    january = [head for head in await heads("P1") if head.ends_on == date(2026, 1, 31)]
    live = (await suppressed_report(Filters(project="P1"), now=NOW)).totals.persons
    told = [*(await frozen_in_order(january)), (Filters(project="P1"), live)]
    assert await few_persons(HALVES, events, told) == [(False, True)]


async def test_of_periods_that_overlap_only_the_first_tells_of_persons_and_enterprises(db: asyncpg.Connection) -> None:
    """Six and more of the year, six of January: those of February would be few. A correction tells what the first did."""
    rows = [*(Row(0, n, n) for n in range(6)), *(Row(1, n, n + 2) for n in range(6))]
    await build(World(HALVES.events, rows))
    made = {(head.starts_on, head.ends_on): head for head in await heads("P1")}
    both = [made[date(2026, 1, 1), date(2026, 1, 31)], made[date(2026, 1, 1), date(2026, 12, 31)]]
    for seen in (0, 1):
        for place, head in enumerate(both):
            now = NOW + timedelta(minutes=2 * seen + place)
            await freezing.freeze(head.id, seen=seen, why="Korjattu." if seen else "", actor=STAFF, now=now)
        shown = [await freezing.frozen(head.id, seen + 1, "fi", whole=False) for head in both]
        told = [{figure.rule: figure.value for figure in view.figures} for view in shown]
        assert [each["enterprises"] for each in told] == [6, None]
        assert [each["persons"] for each in told] == [6, None]
        assert [view.totals.persons for view in shown] == [6, None]
        assert [each["participations"] for each in told] == [6, 12]


async def test_a_report_that_is_frozen_while_another_is_being_made_is_found_out(committed_db: str) -> None:
    await build(HALVES)
    january, year = (await heads("P1"))[2], (await heads("P1"))[0]

    async def meanwhile(done: int, _so_far: object = None) -> None:
        if done == 1:
            await freezing.freeze(january.id, seen=0, why="", actor=STAFF, now=NOW)

    with pytest.raises(Conflict):
        await freezing.freeze(year.id, seen=0, why="", actor=STAFF, now=NOW, tell=meanwhile)
    await freezing.freeze(year.id, seen=0, why="", actor=STAFF, now=NOW)
    assert persons(await freezing.frozen(year.id, 1, "fi", whole=False)) is None


async def test_a_report_leaves_out_what_waits_and_says_so(db: asyncpg.Connection) -> None:
    """Two speak, whom P1 counts and P2 does not: the totals of both stay whole, and of few is nothing told."""
    await build(TWO_SPEAK)
    for head in await heads():
        with in_language("en"):
            view = await making.make(head, now=NOW, whole=False)
        if view.starts_on == date(2026, 1, 1) and view.ends_on == date(2026, 12, 31):
            told = {figure.rule: figure.value for figure in view.figures}
            assert (told["participations"], told["persons"], view.totals.persons) == (30, 10, 10)
            assert (told["joint_participations"] is None) == (view.project == "P1")
            assert view.has_hidden or view.project == "P2"
