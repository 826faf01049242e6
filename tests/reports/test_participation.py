"""Every figure against a naive count of the same rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.core import database
from events.reports.filters import Filters
from events.reports.participation import report
from events.reports.shapes import Cell, ParticipationReport
from tests.reports.world import Held, Row, World, admitted, build, by_hand, cell_of, counts, filters, worlds

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FIGURES = ("participations", "persons", "organisations", "minutes", "without_address", "without_organisation")


class _Undo(Exception):
    pass


@asynccontextmanager
async def undone() -> AsyncIterator[None]:
    """Let each example begin with an empty world."""
    with pytest.raises(_Undo):
        async with database.transaction():
            yield
            raise _Undo


def figures(cell: Cell) -> dict[str, int | None]:
    return {name: getattr(cell, name) for name in FIGURES}


def expected(rows: list[Row], world: World, by: str) -> dict[str, dict[str, int]]:
    codes = {code for row in rows for code in cell_of(by, row, world)}
    return {code: by_hand(row for row in rows if code in cell_of(by, row, world)) for code in codes}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(), wanted=filters())
async def test_every_figure_is_what_a_naive_count_says(db: asyncpg.Connection, world: World, wanted: Filters) -> None:
    async with undone():
        await build(world)
        made = await report(wanted, now=NOW)
    found = admitted(world, wanted)
    counted = [row for row in found if counts(row, world, wanted.project)]
    assert figures(made.totals) == by_hand(counted)
    for each in made.break_downs:
        assert {cell.code: figures(cell) for cell in each.cells} == expected(counted, world, each.by), each.by
        if not each.overlapping:
            assert sum(cell.participations or 0 for cell in each.cells) == len(counted)
            assert sum(cell.minutes or 0 for cell in each.cells) == made.totals.minutes
    assert sum(line.participations or 0 for line in made.events) == len(counted)
    assert sum(line.minutes or 0 for line in made.events) == made.totals.minutes
    assert sum(beside.participations or 0 for beside in made.not_counted) == len(found) - len(counted)
    assert len(made.not_reconciled) == len(_open(world, wanted))


def _open(world: World, wanted: Filters) -> list[Held]:
    return [
        held
        for held in world.events
        if not held.reconciled
        and (wanted.start is None or held.held_on >= wanted.start)
        and (wanted.end is None or held.held_on <= wanted.end)
        and (wanted.project is None or wanted.project in held.projects)
        and (wanted.theme is None or wanted.theme in held.themes)
        and (wanted.kind is None or wanted.kind == held.kind)
        and (wanted.host is None or wanted.host == held.host)
        and (wanted.series is None or held.series is not None)
    ]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(), pair=st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] != pair[1]))
async def test_merging_two_persons_never_changes_participations(
    db: asyncpg.Connection, world: World, pair: tuple[int, int]
) -> None:
    async with undone():
        await build(world)
        before = await report(Filters(), now=NOW)
        persons = await database.fetch("SELECT id FROM person ORDER BY given_name")
        await database.execute(
            "UPDATE person SET merged_into = $2 WHERE id = $1", persons[pair[0]]["id"], persons[pair[1]]["id"]
        )
        after = await report(Filters(), now=NOW)
    assert after.totals.participations == before.totals.participations
    assert after.totals.minutes == before.totals.minutes
    assert 0 <= (before.totals.persons or 0) - (after.totals.persons or 0) <= 1


async def test_an_empty_report_is_nought_everywhere(db: asyncpg.Connection) -> None:
    made = await report(Filters(), now=NOW)
    assert figures(made.totals) == dict.fromkeys(FIGURES, 0)
    assert all(each.cells == [] for each in made.break_downs)


async def test_an_event_of_two_projects_counts_in_each_and_once_in_all(db: asyncpg.Connection) -> None:
    await build(World([Held(projects=("P1", "P2"))], [Row(0, 0, None), Row(0, 1, None)]))
    made = await report(Filters(), now=NOW)
    assert made.totals.participations == 2
    assert {cell.code: cell.participations for cell in made.cells("project")} == {"P1": 2, "P2": 2}


async def test_other_roles_stand_beside_and_are_never_added(db: asyncpg.Connection) -> None:
    world = World([Held(projects=("P2",))], [Row(0, 0, None), Row(0, 1, None, role="speaker")])
    await build(world)
    made = await report(Filters(project="P2"), now=NOW)
    assert made.totals.participations == 1
    assert [(each.why, each.code, each.participations) for each in made.not_counted] == [("role", "speaker", 1)]


async def test_a_kind_of_event_that_does_not_count_stands_beside(db: asyncpg.Connection) -> None:
    await build(World([Held(kind="meeting", projects=("P2",))], [Row(0, 0, None)]))
    made = await report(Filters(), now=NOW)
    assert made.totals.participations == 0
    assert [(each.why, each.code) for each in made.not_counted] == [("kind", "meeting")]


async def test_an_event_that_was_opened_again_is_named_and_left_out(db: asyncpg.Connection) -> None:
    """Its rows may still stand there from before."""
    await build(World([Held(reconciled=False)], [Row(0, 0, None)]))
    made = await report(Filters(), now=NOW)
    assert made.totals.participations == 0
    assert [line.title for line in made.not_reconciled] == ["Testipaja"]


async def test_an_event_that_is_still_to_come_is_not_missing(db: asyncpg.Connection) -> None:
    await build(World([Held(reconciled=False, day=10)]))
    assert (await report(Filters(), now=datetime(2026, 1, 1, tzinfo=UTC))).not_reconciled == []


async def test_hours_are_exact_in_minutes_and_days_are_of_eight_hours(db: asyncpg.Connection) -> None:
    await build(World(rows=[Row(0, person, None, minutes=20) for person in range(3)]))
    made = await report(Filters(), now=NOW)
    assert (made.totals.minutes, made.totals.hours, made.person_days) == (60, 1.0, 0.13)


@pytest.fixture
async def report_under_writing(committed_db: str) -> None:
    await build(World(rows=[Row(0, person, None) for person in range(10)]))


async def test_figures_agree_while_others_write(report_under_writing: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """All from one snapshot; the control shows that without it the same interleaving disagrees."""
    made = await _report_with_a_writer_between(monkeypatch, "repeatable_read")
    assert made.totals.participations == sum(line.participations or 0 for line in made.events) == 10


async def test_without_the_snapshot_figures_disagree(
    report_under_writing: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await _report_with_a_writer_between(monkeypatch, "read_committed")
    assert made.totals.participations == 10
    assert sum(line.participations or 0 for line in made.events) == 0


async def _report_with_a_writer_between(monkeypatch: pytest.MonkeyPatch, isolation: str) -> ParticipationReport:
    from events.reports import participation

    real = database.transaction
    break_down = participation._break_down

    async def write_then_break_down(by: str, rows: list[dict[str, object]]) -> object:
        async with database.pool_connection() as other:
            await other.execute("DELETE FROM participation")
        return await break_down(by, rows)

    monkeypatch.setattr(participation, "_break_down", write_then_break_down)
    monkeypatch.setattr(database, "transaction", lambda **_: real(isolation=isolation))
    return await report(Filters(), now=NOW)
