"""What is shown to a reader who may not see persons while few of something wait for more."""

from datetime import UTC, date, datetime

import asyncpg

from events.reports.dashboard.seen_by import dashboard_without_persons
from events.reports.filters import Filters
from tests.reports.world import Held, Row, World, build

NOW = datetime(2026, 8, 1, tzinfo=UTC)

TWO_SPEAK = World(
    [Held(day=0, projects=("P1", "P2")), Held(day=40, projects=("P1", "P2")), Held(day=70, projects=("P1", "P2"))],
    [
        Row(event, n, n, role="speaker" if n < 2 else "participant", region="14" if n > 6 else "06")
        for event in range(3)
        for n in range(12)
    ],
)
"""P1 counts the speakers, P2 does not; they are the same two each time."""


async def test_few_who_count_for_one_project_alone_hide_no_project(db: asyncpg.Connection) -> None:
    await build(TWO_SPEAK)
    for project in (None, "P1", "P2"):
        made = await dashboard_without_persons(Filters(project=project, start=date(2026, 1, 1)), now=NOW)
        assert (made.totals.participations, made.totals.persons) == (30, 10)
        assert [cell.participations for cell in made.months] == [10, 10, 10]
        assert {tile.cell.code: tile.cell.participations for tile in made.regions if tile.cell.participations} == {
            "06": 15,
            "14": 15,
        }


async def test_they_are_told_once_they_are_five(db: asyncpg.Connection) -> None:
    """In March three others speak."""
    others = [Row(2, n, n, role="speaker" if n > 8 else "participant") for n in range(2, 12)]
    await build(World(TWO_SPEAK.events, [*(row for row in TWO_SPEAK.rows if row.event < 2), *others]))
    for now, told in ((datetime(2026, 3, 1, tzinfo=UTC), 20), (datetime(2026, 4, 1, tzinfo=UTC), 20 + 4 + 10)):
        made = await dashboard_without_persons(Filters(project="P1"), now=now)
        assert made.totals.participations == told
