"""Each indicator against a naive count, and nothing that who sees no small groups could compute back."""

import json

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings

from events.core import database
from events.core.i18n import in_language
from events.network.doubles import pairs
from events.network.register_tables import RegisterKind
from events.reports.dashboard.figures import dashboard
from events.reports.dictionary import dictionary
from events.reports.filters import Filters, Reach
from events.reports.funder import making, rules
from events.reports.funder.counting import Counts, Enterprises, count
from events.reports.funder.papers import lines
from events.reports.funder.queries import report as head_of
from events.reports.funder.shapes import FunderReportView
from events.reports.funder.tables import Rule
from events.reports.funder.words import labels
from events.reports.participation import report
from events.reports.rows import Behind
from events.reports.rows import rows as rows_behind
from tests.factories import insert
from tests.reports.funder.made import NOW, PERIOD, make_report, project
from tests.reports.test_participation import undone
from tests.reports.world import Held, Row, World, admitted, build, counts, worlds

WANTED = Filters(start=PERIOD[0], end=PERIOD[1], project="P1")


async def counted() -> Counts:
    async with database.transaction() as connection:
        return await count(connection, await project(), *PERIOD)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds())
async def test_the_totals_are_those_of_the_participation_report(db: asyncpg.Connection, world: World) -> None:
    async with undone():
        await build(world)
        made, figures = await report(WANTED, now=NOW), await counted()
    totals = made.totals
    assert (figures.participations, figures.persons, figures.organisations, figures.minutes) == (
        *(totals.participations, totals.persons, totals.organisations, totals.minutes),
    )
    assert sum(figures.events.values()) == len(made.events)
    rows = [row for row in admitted(world, WANTED) if counts(row, world, "P1")]
    companies = {row.organisation for row in rows if row.organisation_type == "company"} - {None}
    assert sum(each.number for each in figures.enterprises.values()) == len(companies)
    assert figures.regions == len({row.region for row in rows} - {""})
    assert figures.uncertain == sum(not row.certain for row in rows)


async def test_not_certain_is_who_has_no_address_or_is_a_likely_double(db: asyncpg.Connection) -> None:
    """Person 0 has no address; 1 and 2 may be one, and 1 came twice; told apart, they are certain again."""
    rows = [*(Row(0, n, 0, certain=n > 0) for n in range(4)), Row(1, 1, 0)]
    await build(World([Held(projects=("P1",)), Held(projects=("P1",), day=1)], rows))
    await database.execute("UPDATE person SET folded = 'sama nimi' WHERE given_name IN ('Henkilö1', 'Henkilö2')")
    found, doubles = await pairs(RegisterKind.PERSON)
    assert (doubles, (await counted()).uncertain) == (1, 4)
    assert (await report(WANTED, now=NOW)).uncertain == (await dashboard(WANTED, now=NOW)).uncertain == 4
    opened = await rows_behind(WANTED, Reach(), Behind(by="uncertain"))
    assert (opened.total, len(opened.rows)) == (4, 4)
    await insert("told_apart", kind="person", one=found[0].one, other=found[0].other)
    assert (await counted()).uncertain == (await report(WANTED, now=NOW)).uncertain == 1
    assert (await dashboard(WANTED, now=NOW)).uncertain == 1
    with in_language("en"):
        assert "no e-mail address, likely duplicates" in labels()["uncertain"]
        told = next(each for shape in dictionary().shapes for each in shape.fields if each.name == "uncertain")
    assert "likely duplicate" in told.meaning


async def test_each_participation_is_uncertain_once(db: asyncpg.Connection) -> None:
    """Persons 0 and 1 may be one and have no address; 2 went by another id before: its rows are of 1."""
    await build(World([Held(projects=("P1",))], [Row(0, n, 0, certain=n > 1) for n in range(4)]))
    await database.execute("UPDATE person SET folded = 'sama nimi' WHERE given_name IN ('Henkilö0', 'Henkilö1')")
    assert (await report(WANTED, now=NOW)).uncertain == (await counted()).uncertain == 2
    await database.execute(
        "UPDATE person SET merged_into = (SELECT id FROM person WHERE given_name = 'Henkilö1')"
        " WHERE given_name = 'Henkilö2'"
    )
    assert (await report(WANTED, now=NOW)).uncertain == (await counted()).uncertain == 3


async def test_an_enterprise_counts_once_in_the_period_of_its_first_event(db: asyncpg.Connection) -> None:
    world = World(
        [Held(projects=("P1",)), Held(day=100, projects=("P1",))],
        [Row(0, 0, 0, size_class="micro"), Row(1, 1, 0, size_class="small"), Row(1, 2, 1, size_class="small")],
    )
    await build(world)
    identity = await project()
    async with database.transaction() as connection:
        first = await count(connection, identity, *PERIOD)
        then = await count(connection, identity, PERIOD[1], PERIOD[1].replace(month=12))
        whole = await count(connection, identity, PERIOD[0], PERIOD[1].replace(month=12))
    assert {size: each.number for size, each in first.enterprises.items()} == {"micro": 1}
    assert {size: each.number for size, each in then.enterprises.items()} == {"small": 1}
    assert {size: each.number for size, each in whole.enterprises.items()} == {"micro": 1, "small": 1}


async def test_public_events_and_joint_actions_exclude_each_other(db: asyncpg.Connection) -> None:
    world = World(
        [Held(projects=("P1",)), Held(day=1, projects=("P1",)), Held(day=30, projects=("P1",))],
        [*(Row(0, n, 0) for n in range(5)), *(Row(1, n, 0) for n in range(3)), Row(2, 0, 0, role="project_partner")],
    )
    _public, closed, partners = await build(world)
    await database.execute("UPDATE project SET counted_roles = counted_roles || '{project_partner}' WHERE code = 'P1'")
    await database.execute("UPDATE event SET access = 'invited' WHERE id = ANY($1)", [closed, partners])
    figures = await counted()
    assert (figures.public_events, figures.joint, figures.participations) == (1, 3, 9)
    await database.execute("UPDATE event SET access = 'open'")
    figures = await counted()
    assert (figures.public_events, figures.joint) == (2, 0)  # the partners' own meeting counts for neither


async def test_an_event_is_shared_with_those_projects_alone_that_count_somebody_of_it(db: asyncpg.Connection) -> None:
    """P2 counts participants of workshops: of its other events neither a meeting's nor staff."""
    held = [
        Held(kind=kind, day=day, projects=("P1", "P2")) for day, kind in enumerate(("workshop", "meeting", "workshop"))
    ]
    head = await make_report(World(held, [Row(0, 0, 0), Row(1, 1, 1), Row(2, 2, 2, role="speaker")]))
    view = await making.make(head, now=NOW, whole=True)
    assert [row.projects for row in view.events] == [["P2"], [], []]


async def shown(world: World, *rules_: Rule, closed: int | None = None) -> FunderReportView:
    head = await make_report(world, *rules_)
    if closed is not None:
        ids = await database.fetch("SELECT DISTINCT event.id, starts_at FROM event ORDER BY starts_at, id")
        await database.execute("UPDATE event SET access = 'invited' WHERE id = $1", ids[closed]["id"])
    known = await head_of(head.id)
    assert known is not None
    with in_language("en"):
        return await making.make(known, now=NOW, whole=False)


def values(view: FunderReportView) -> dict[str, float | None]:
    return {figure.rule: figure.value for figure in view.figures}


async def test_a_report_on_fewer_than_five_tells_no_figure_of_persons(db: asyncpg.Connection) -> None:
    view = await shown(World([Held(projects=("P1",))], [Row(0, n, n % 5) for n in range(4)]))
    hidden = {figure.rule for figure in view.figures if figure.hidden}
    assert hidden == {rule.value for rule in rules.OF_PERSONS}
    assert view.totals.persons is None
    assert view.has_hidden


SPLIT = World(
    [Held(projects=("P1",)), Held(day=1, projects=("P1",))],
    [*(Row(0, n, n % 5) for n in range(6)), *(Row(1, n, n % 5) for n in range(5, 10))],
)
"""Two events of one month and kind, six and five persons."""


async def test_joint_actions_are_shown_where_both_sides_hold_five(db: asyncpg.Connection) -> None:
    view = await shown(SPLIT, Rule.JOINT_PARTICIPATIONS, closed=1)
    assert values(view) == {"joint_participations": 5}


async def test_joint_actions_do_not_give_away_a_small_part_of_a_cell(db: asyncpg.Connection) -> None:
    rows = [*(Row(0, n, n % 5) for n in range(6)), *(Row(0, n, 0, region="14") for n in range(6, 8))]
    rows += [*(Row(1, n, 0, region="14") for n in range(3)), *(Row(1, n, 0) for n in range(3, 9))]
    view = await shown(World(SPLIT.events, rows), Rule.JOINT_PARTICIPATIONS, Rule.PERSONS, closed=1)
    assert all(cell.participations is not None for part in view.parts for cell in part.cells)  # the tables hide nothing
    assert values(view) == {"joint_participations": None, "persons": 9}  # but region 14 would split into two and three


async def test_where_one_event_is_hidden_no_event_shows_its_figures(db: asyncpg.Connection) -> None:
    rows = [*(Row(0, n, n % 5) for n in range(9)), *(Row(1, n, n % 5) for n in range(3))]
    view = await shown(World(SPLIT.events, rows), Rule.PARTICIPATIONS)
    assert {row.participations for row in view.events} == {None}


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ({"micro": (3, 9, 0), "small": (2, 8, 0)}, set()),
        ({"micro": (1, 1, 0), "small": (2, 8, 0)}, {"micro", "small"}),
        ({"micro": (3, 9, 2), "small": (2, 8, 0), "large": (9, 40, 0)}, {"micro", "small"}),
    ],
)
def test_sizes_of_enterprises_are_hidden_with_what_completes_them(
    sizes: dict[str, tuple[int, int, int]], hidden: set[str]
) -> None:
    figures = Counts(
        **dict.fromkeys(("participations", "persons", "organisations", "minutes", "joint"), 20),
        **dict.fromkeys(("public_events", "uncertain", "regions", "smallest_cut"), 9),
        events={},
        enterprises={size: Enterprises(*each) for size, each in sizes.items()},
        input_hash="",
    )
    assert rules.hidden_sizes(figures) == hidden


async def test_impacts_are_counted_from_the_last_survey_of_each_event(db: asyncpg.Connection) -> None:
    head = await make_report(SPLIT, Rule.JOINT_PROJECTS, Rule.FUNDING_APPLICATIONS)
    events = [row["id"] for row in await database.fetch("SELECT id FROM event ORDER BY starts_at")]
    answers = [{"impact_project": "yes"}] * 4 + [{"impact_project": "no", "impact_funding": "yes"}] * 5
    for event, kind, said in (
        *((events[0], "impact_3", answers[:5]), (events[0], "impact_6", answers)),
        *((events[1], "impact_3", answers[:5]), (events[1], "impact_6", answers[:4])),
    ):
        await insert("survey", event=event, kind=kind, pool=json.dumps(said), answered=len(said))
    with in_language("en"):
        view = await making.make(head, now=NOW, whole=True)
    assert values(view) == {"joint_projects": 4 + 4, "funding_applications": 5}


async def test_who_sees_no_small_groups_is_told_of_whole_months(db: asyncpg.Connection) -> None:
    """The period begins on the tenth; an event of the fifth of that month is among the viewer's figures alone."""
    rows = [*(Row(0, n, 0) for n in range(9)), *(Row(1, n, 0) for n in range(8))]
    head = await make_report(World([Held(projects=("P1",)), Held(day=-5, projects=("P1",))], rows), Rule.PARTICIPATIONS)
    with in_language("en"):
        whole, shown_view = [await making.make(head, now=NOW, whole=each) for each in (True, False)]
    assert (whole.totals.participations, whole.figures[0].value, whole.counted_from) == (9, 9, None)
    assert (shown_view.totals.participations, shown_view.figures[0].value) == (17, 17)
    assert (shown_view.counted_from, shown_view.counted_to) == (PERIOD[0].replace(day=1), PERIOD[1])
    assert ("Counted here, in whole months", "1.1.2026–31.3.2026") in lines(shown_view)
    assert whole.input_hash == shown_view.input_hash
