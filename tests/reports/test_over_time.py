"""A reader who may not see persons writes figures down month after month, and computes (see `attacker`).

Of different persons each moment protects itself alone: `protection` says so.
"""

from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from events.core import database
from events.reports.filters import Filters
from events.reports.protection import blocks, lots, scan
from events.reports.protection.lots import Atom, Place
from events.reports.seen_by import suppressed_report, suppressed_to_freeze
from events.reports.shapes import ParticipationReport
from tests.reports.attacker import Attack, Figure, parts_shown, small_groups, told_at, views
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


async def found_at(
    world: World,
    delays: list[int],
    make: Make,
    *,
    looks: Collection[datetime] = LOOKS,
    at_once: bool = False,
) -> list[Figure]:
    """Ask at each look, and compute from all answers together; `at_once`: what is closed is told the same day."""
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
        for now in looks:
            await close(events, closed, now)
            counted = await told_at(events, None if at_once else now)
            for wanted in WANTED:
                parts = await parts_shown(world, events, wanted, None if at_once else now)
                made = await make(wanted, now=now)
                attack.hear(wanted, made, slugs, counted=counted, parts=parts)
    return attack.found(small_groups(attack, 1))


def rows(event: int, size: int, *, far: int = 0, speak: int = 0) -> list[Row]:
    """So many persons, the first of whom come from another region, and the first of whom speak."""
    return [
        Row(event, n, None, region="14" if n < far else "06", role="speaker" if n < speak else "participant")
        for n in range(size)
    ]


THREE_ALONE = World(
    [Held(day=0), Held(day=2, kind="meeting"), Held(day=40), Held(day=60)],
    [*rows(0, 8, far=2), *rows(1, 3), *rows(2, 9, far=1), *rows(3, 7)],
)
"""The three of January were closed in February, before the nine of February; the eight had been told before."""

DELAYS = [1, 29, 1, 1]

frozen = partial(suppressed_to_freeze, persons=False)


async def test_an_event_of_three_that_is_closed_alone_is_not_told(db: asyncpg.Connection) -> None:
    assert not await found_at(THREE_ALONE, DELAYS, suppressed_report)


async def test_without_the_wait_it_is(db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if everything closed until now were told at once, each day anew."""

    def one_lot(places: dict[Atom, Place]) -> list[list[Atom]]:
        return [[*places]] if places else []

    monkeypatch.setattr(blocks, "lots", one_lot)
    monkeypatch.setattr(lots, "lots", one_lot)
    assert await found_at(THREE_ALONE, DELAYS, frozen, at_once=True)


async def test_a_report_that_is_frozen_meanwhile_does_not_tell_it_either(db: asyncpg.Connection) -> None:
    assert not await found_at(THREE_ALONE, DELAYS, frozen, at_once=True)


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
    some = st.integers(0, 6)
    inside = [row for n in range(number) for row in rows(n, draw(st.integers(1, 10)), far=draw(some), speak=draw(some))]
    return World(held, inside), [draw(st.sampled_from([1, 20, 45, 120])) for _event in range(number)]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=histories())
async def test_no_small_group_can_be_computed_from_figures_of_many_days(
    db: asyncpg.Connection, history: tuple[World, list[int]]
) -> None:
    assert not await found_at(*history, suppressed_report)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=histories(), month=st.integers(2, 12))
async def test_no_small_group_can_be_computed_on_one_day_while_some_wait(
    db: asyncpg.Connection, history: tuple[World, list[int]], month: int
) -> None:
    looks = [datetime(2026, month, 1, tzinfo=UTC)]
    assert not await found_at(*history, suppressed_report, looks=looks)


async def test_by_region_a_half_year_is_told_once_it_is_over(
    db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told month by month, the nine of February would show that two of them came from another region."""
    world = World([Held(day=0), Held(day=40)], [*rows(0, 11, far=5), *rows(1, 9, far=2)])
    assert not await found_at(world, [1, 1], suppressed_report)
    monkeypatch.setattr(scan, "told_apart", lambda places, _now: places)
    assert await found_at(world, [1, 1], suppressed_report)


async def test_what_is_closed_later_is_told_apart_no_more(db: asyncpg.Connection) -> None:
    """Seven in January, four in June, and six more of June, whose attendance was closed in July and in September."""
    events = await build(World([Held(day=0), Held(day=150), Held(day=160)], [*rows(0, 7), *rows(1, 4), *rows(2, 6)]))
    closed = [datetime(2026, month, 5, tzinfo=UTC) for month in (2, 7, 9)]
    told = []
    for month in (7, 8, 10):
        now = datetime(2026, month, 1, tzinfo=UTC)
        await close(events, closed, now)
        made = await suppressed_report(Filters(), now=now)
        told.append((made.totals.participations, {each.code: each.participations for each in made.cells("region")}))
    assert told == [(7, {"06": None}), (7, {"06": 7}), (17, {"06": 7, "rest": 10})]


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
