"""Counts are kept while nothing they depend on has changed, and never longer."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest

from events.checkin.actions.closing import reconcile, reopen
from events.core import database
from events.core.actor import SYSTEM
from events.core.replica import snapshot
from events.reports.counting import tally
from events.reports.dashboard import kept
from events.reports.dashboard.figures import dashboard
from events.reports.filters import Filters, Reach
from tests.reports.world import Held, Row, World, build

NOW = datetime(2026, 6, 1, tzinfo=UTC)
WORLD = World(
    [Held(projects=("P1",), themes=("digitalisation",)), Held(kind="meeting", day=40, projects=("P2",))],
    [Row(0, person, person % 3) for person in range(6)],
)


@pytest.fixture
async def events(committed_db: str) -> list[UUID]:
    return await build(WORLD)


async def _reconcile(events: list[UUID]) -> None:
    """Open the first event again and close it with one participation instead of six."""
    await reopen(events[0], actor=SYSTEM, now=NOW)
    await database.execute(
        "INSERT INTO attendance (registration, state, source, actor_kind)"
        " SELECT id, CASE WHEN row_number() OVER (ORDER BY id) = 1 THEN 'attended' ELSE 'no_show' END, 'scan', 'system'"
        " FROM registration WHERE event = $1",
        events[0],
    )
    await reconcile(events[0], actor=SYSTEM, now=NOW)


async def _merge(_events: list[UUID]) -> None:
    await database.execute(
        "UPDATE person SET merged_into = (SELECT id FROM person WHERE given_name = 'Henkilö0') WHERE given_name = 'Henkilö1'"
    )


async def _merge_organisations(_events: list[UUID]) -> None:
    await database.execute(
        "UPDATE organisation SET merged_into = (SELECT id FROM organisation WHERE name = 'Yritys 0') WHERE name = 'Yritys 1'"
    )


async def _other_theme(events: list[UUID]) -> None:
    await database.execute("UPDATE event_theme SET theme = 'low-carbon' WHERE event = $1", events[0])


async def _no_theme(events: list[UUID]) -> None:
    await database.execute("DELETE FROM event_theme WHERE event = $1", events[0])


async def _other_rules(_events: list[UUID]) -> None:
    await database.execute("UPDATE project SET counted_roles = '{host}' WHERE code = 'P1'")


WRITERS = (_reconcile, _merge, _merge_organisations, _other_theme, _no_theme, _other_rules)


@pytest.mark.parametrize("write", WRITERS)
async def test_nothing_stale_is_served_after_a_commit(
    events: list[UUID], write: Callable[[list[UUID]], Awaitable[None]]
) -> None:
    before = await dashboard(Filters(), now=NOW)
    await write(events)
    after = await dashboard(Filters(), now=NOW)
    kept._counts.clear()
    assert after == await dashboard(Filters(), now=NOW)
    assert after != before


@pytest.mark.parametrize("write", WRITERS)
async def test_a_key_that_says_nothing_of_the_data_would_serve_it(
    events: list[UUID], write: Callable[[list[UUID]], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_STATE", "SELECT current_database()::text")
    before = await dashboard(Filters(), now=NOW)
    await write(events)
    assert await dashboard(Filters(), now=NOW) == before


async def test_a_count_is_made_once_while_nothing_changes(events: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    first = await dashboard(Filters(), now=NOW)

    async def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(kept, "tally", never)
    assert await dashboard(Filters(), now=NOW) == first
    with pytest.raises(AssertionError):
        await dashboard(Filters(region="06"), now=NOW)


async def test_a_count_under_way_is_kept_for_the_state_it_was_made_of(
    events: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer commits while a count runs: who asks afterwards gets the new figures, and the old count its own."""
    real = tally.tally

    async def write_meanwhile(*given: object, **named: object) -> object:
        monkeypatch.setattr(kept, "tally", real)
        async with asyncio.TaskGroup() as group:
            group.create_task(_apart(events))
        return await real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(kept, "tally", write_meanwhile)
    assert (await dashboard(Filters(), now=NOW)).totals.participations == 6
    assert (await dashboard(Filters(), now=NOW)).totals.participations == 1


async def _apart(events: list[UUID]) -> None:
    """Write in a transaction beside the one that counts."""
    token = database.DB.current_transaction.set(None)
    try:
        await _reconcile(events)
    finally:
        database.DB.current_transaction.reset(token)


async def test_no_more_counts_are_kept_than_fit(events: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 2)
    async with snapshot() as connection:
        for region in ("06", "14", "unknown"):
            await kept.count(connection, Filters(region=region), Reach())
    assert len(kept._counts) == 2
