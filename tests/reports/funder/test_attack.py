"""A reader who may not see persons puts all reports to funders together, with what the other pages show them."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import asyncpg
import pytest

from events.core.i18n import in_language
from events.core.small_groups import SMALLEST
from events.reports.filters import Filters
from events.reports.funder import actions, freezing, making
from events.reports.funder.queries import ReportHead, report
from events.reports.funder.shapes import FunderReportView
from events.reports.funder.tables import Rule
from events.reports.seen_by import suppressed_report
from tests.reports.attacker import Attack, Span, small_groups, views
from tests.reports.funder.made import STAFF, indicator, project
from tests.reports.test_attack import FEW, MANY, NOW, WHOLE, YEARS
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


async def heads() -> list[ReportHead]:
    """A report on each project in each period."""
    made = []
    for code in ("P1", "P2"):
        identity = await project(code)
        for rule in Rule:
            await actions.save_indicator(identity, None, indicator(rule), actor=STAFF, now=NOW)
        ids = [await actions.create_report(identity, *period, actor=STAFF, now=NOW) for period in PERIODS]
        made += [await report(each) for each in ids]
    return [head for head in made if head]


async def read(*, whole: bool) -> list[tuple[Filters, FunderReportView]]:
    with in_language("fi"):
        return [
            (
                Filters(start=head.starts_on, end=head.ends_on, project=head.project_code),
                await making.make(head, now=NOW, whole=whole),
            )
            for head in await heads()
        ]


def numbers(filters: Filters, view: FunderReportView) -> Iterator[tuple[Filters, str, str, int | None]]:
    yield filters, "", "", view.totals.participations
    for part in view.parts:
        for cell in part.cells:
            yield filters, part.by, cell.code, cell.participations


def persons(view: FunderReportView) -> int | None:
    """The different persons, wherever they are told."""
    told = [figure.value for figure in view.figures if figure.rule == Rule.PERSONS]
    return next((int(each) for each in [view.totals.persons, *told] if each is not None), None)


@pytest.mark.parametrize("world", [MANY, FEW])
async def test_no_small_group_can_be_computed_from_all_reports(db: asyncpg.Connection, world: World) -> None:
    events = await build(world)
    slugs = {row["slug"]: str(events.index(row["id"])) for row in await db.fetch("SELECT id, slug FROM event")}
    attack = Attack(world)
    for wanted in views(1):
        attack.hear(wanted, await suppressed_report(wanted, now=NOW), slugs)
    for filters, view in await read(whole=False):
        told = [*numbers(filters, view), *((filters, "event", slugs[row.slug], row.participations) for row in view.events)]  # fmt: skip
        for wanted, by, code, number in told:
            if number is not None:
                attack.told[attack.figure(wanted, by, code)] = number
    assert not attack.found(small_groups(attack, 1))


async def few_persons(world: World, *, whole: bool) -> list[tuple[bool, ...]]:
    """Persons by the reports and filters that count them: return which are few and can be computed."""
    await build(world)
    told = [(filters, persons(view)) for filters, view in await read(whole=whole)]
    told += [(wanted, (await suppressed_report(wanted, now=NOW)).totals.persons) for wanted in WHOLE]
    attack = Attack(world)
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


@pytest.mark.parametrize("world", [MANY, FEW, YEARS, HALVES])
async def test_no_small_group_of_persons_makes_the_difference(db: asyncpg.Connection, world: World) -> None:
    assert not await few_persons(world, whole=False)


async def test_whole_reports_tell_of_few_persons(db: asyncpg.Connection) -> None:
    assert await few_persons(HALVES, whole=True)


async def test_of_periods_that_overlap_only_the_first_tells_of_enterprises(db: asyncpg.Connection) -> None:
    """Five and more of the year, five of January: those of February would be few."""
    rows = [*(Row(0, n, n) for n in range(6)), *(Row(1, n, n + 2) for n in range(6))]
    await build(World(HALVES.events, rows))
    year, *_others = await heads()
    january = next(head for head in _others if head.starts_on == year.starts_on and head.ends_on == date(2026, 1, 31))
    for head in (january, year):
        await freezing.freeze(head.id, seen=0, why="", actor=STAFF, now=NOW)
    shown = [await freezing.frozen(head.id, 1, "fi", whole=False) for head in (january, year)]
    told = [{figure.rule: figure.value for figure in view.figures} for view in shown]
    assert (told[0]["enterprises"], told[1]["enterprises"]) == (6, None)
    assert told[1]["participations"] == 12
