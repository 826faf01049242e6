"""A reader who may not see persons writes figures down month after month, and computes (see `attacker`)."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from events.core import database
from events.core.replica import snapshot
from events.reports.filters import Filters, Reach
from events.reports.participation import report
from events.reports.protection.blocks import Blocks
from events.reports.protection.showing import told
from events.reports.seen_by import suppressed_report
from events.reports.shapes import ParticipationReport
from tests.factories import insert
from tests.reports.attacker import Attack, Figure, small_groups, views
from tests.reports.test_participation import undone
from tests.reports.world import Held, Row, World, build

Make = Callable[..., Awaitable[ParticipationReport]]

LOOKS = [
    *(datetime(2026, month, day, tzinfo=UTC) for month, day in ((1, 20), (2, 3), (2, 20), (3, 15), (6, 15), (12, 31))),
    *(datetime(2027, month, 10, tzinfo=UTC) for month in (1, 2, 3, 8)),
]

WANTED = [each for each in views(1) if not (each.host or each.series or each.mode or each.size)]


async def close(events: list[UUID], closed: list[datetime], now: datetime) -> None:
    """Close what is closed until then, and leave the others open."""
    for event, when in zip(events, closed, strict=True):
        await database.execute(
            "UPDATE event SET reconciled_at = $2 WHERE id = $1", event, when if when <= now else None
        )


async def counted(closed: list[datetime], now: datetime) -> set[int]:
    """Which events a reader is told of: they can see it, for figures move."""
    async with snapshot() as connection:
        until = (await told(connection, Reach(), now)).closed_before or 0
    return {number for number, when in enumerate(closed) if when <= now and when.year * 12 + when.month - 1 < until}


async def found_over_time(world: World, delays: list[int], make: Make, *, at_once: bool = False) -> list[Figure]:
    """Ask at each look, and compute from all answers together."""
    attack = Attack(world)
    closed = [
        datetime(each.held_on.year, each.held_on.month, each.held_on.day, 18, tzinfo=UTC) + timedelta(days=days)
        for each, days in zip(world.events, delays, strict=True)
    ]
    async with undone():
        events = await build(world)
        slugs = {
            row["slug"]: str(events.index(row["id"])) for row in await database.fetch("SELECT id, slug FROM event")
        }
        for now in LOOKS:
            await close(events, closed, now)
            known = {n for n, when in enumerate(closed) if when <= now} if at_once else await counted(closed, now)
            for wanted in WANTED:
                for figure, number in _heard(attack, wanted, await make(wanted, now=now), slugs):
                    inside = frozenset(each for each in figure if each[0] in known)
                    if inside and number:
                        attack.told[inside] = number
    return attack.found(small_groups(attack, 1))


def _heard(
    attack: Attack, wanted: Filters, made: ParticipationReport, slugs: dict[str, str]
) -> Iterator[tuple[Figure, int]]:
    once = Attack(attack.world)
    once.hear(wanted, made, slugs)
    yield from once.told.items()


def rows(event: int, size: int, *, far: int = 0) -> list[Row]:
    """So many persons, the first of whom come from another region."""
    return [Row(event, n, None, region="14" if n < far else "06") for n in range(size)]


THREE_ALONE = World(
    [Held(day=0), Held(day=2, kind="meeting"), Held(day=40), Held(day=60)],
    [*rows(0, 8, far=2), *rows(1, 3), *rows(2, 9, far=1), *rows(3, 7)],
)
"""The three of January were closed in February, before the nine of February; the eight had been told before."""

DELAYS = [1, 29, 1, 1]


async def test_an_event_of_three_that_is_closed_alone_is_not_told(db: asyncpg.Connection) -> None:
    assert not await found_over_time(THREE_ALONE, DELAYS, suppressed_report)


async def test_without_the_wait_it_is(db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if everything closed until now were added at once, each day anew."""
    monkeypatch.setattr(Blocks, "_additions", lambda blocks: [(0, [*blocks._scanned.atoms])])
    at_once = partial(suppressed_report, frozen=True)
    assert await found_over_time(THREE_ALONE, DELAYS, at_once, at_once=True)


async def test_a_report_that_is_frozen_meanwhile_does_not_tell_it_either(db: asyncpg.Connection) -> None:
    frozen = partial(suppressed_report, frozen=True)
    assert not await found_over_time(THREE_ALONE, DELAYS, frozen, at_once=True)


@st.composite
def histories(draw: st.DrawFn) -> tuple[World, list[int]]:
    """Some events of all sizes, of several projects, each closed sooner or later."""
    number = draw(st.integers(2, 5))
    projects = st.sampled_from([(), ("P1",), ("P1", "P2")])
    days = st.sampled_from([0, 2, 25, 60, 330, 400])
    held = [
        Held(day=draw(days), kind=draw(st.sampled_from(["meeting", "workshop"])), projects=draw(projects))
        for _event in range(number)
    ]
    inside = [row for n in range(number) for row in rows(n, draw(st.integers(1, 10)), far=draw(st.integers(0, 6)))]
    return World(held, inside), [draw(st.sampled_from([1, 20, 45, 120])) for _event in range(number)]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=histories())
async def test_no_small_group_can_be_computed_from_figures_of_many_days(
    db: asyncpg.Connection, history: tuple[World, list[int]]
) -> None:
    assert not await found_over_time(*history, suppressed_report)


YEAR = World([Held(day=0), Held(day=40)], [*rows(0, 9), *rows(1, 10, far=5)])
SETTLED = datetime(2027, 3, 1, tzinfo=UTC)


def told_of(made: ParticipationReport) -> tuple[list[int | None], int | None]:
    return [cell.participations for cell in made.cells("region")], made.totals.persons


async def corrected(events: list[UUID]) -> None:
    """One of those who came from the other region was not there after all."""
    await database.execute(
        "DELETE FROM participation WHERE id = (SELECT id FROM participation WHERE event = $1 AND region = '14' LIMIT 1)",
        events[1],
    )
    await database.execute("UPDATE event SET reconciled_at = $2 WHERE id = $1", events[1], SETTLED + timedelta(days=40))


@pytest.mark.parametrize("change", ["opened again", "corrected", "closed late"])
async def test_what_changes_after_a_year_has_settled_hides_it_by_region_and_person(
    db: asyncpg.Connection, change: str
) -> None:
    events = await build(YEAR)
    later = SETTLED + timedelta(days=90)
    assert told_of(await suppressed_report(Filters(), now=SETTLED)) == ([5, 14], 10)
    assert told_of(await suppressed_report(Filters(), now=SETTLED - timedelta(days=1))) == ([None, None], None)
    if change == "opened again":
        await database.execute("UPDATE event SET reconciled_at = NULL WHERE id = $1", events[1])
    elif change == "corrected":
        await corrected(events)
        assert told_of(await report(Filters(), now=later))[0] == [4, 14], "or there is nothing to be seen"
    else:
        await insert(
            "event",
            **dict(await database.fetchrow("SELECT * FROM event WHERE id = $1", events[1]) or {})
            | {"id": UUID(int=9), "slug": "late", "reconciled_at": later - timedelta(days=40)},
        )
    cells, persons = told_of(await suppressed_report(Filters(), now=later))
    assert ({*cells}, persons) == ({None}, None)


async def test_within_a_month_nothing_moves_whatever_is_closed(db: asyncpg.Connection) -> None:
    events = await build(THREE_ALONE)
    first, last = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC)
    closed = [datetime(2026, 2, 1, tzinfo=UTC)] * 2 + [datetime(2026, 3, 9, tzinfo=UTC)] * 2
    seen = []
    for now in (first, last):
        await close(events, closed, now)
        made = await suppressed_report(Filters(end=date(2026, 12, 31)), now=now)
        seen.append(replace(made, made_at=first, not_reconciled=[]))
    assert seen[0] == seen[1]
    assert seen[0].totals.participations == 11
