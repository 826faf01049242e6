"""What is shown to a reader who may not see persons while few of something wait for more."""

from datetime import UTC, datetime

import asyncpg

from events.reports.dashboard.seen_by import dashboard_without_persons
from events.reports.filters import Filters
from tests.reports.world import Held, Row, World, build

NOW = datetime(2026, 6, 1, tzinfo=UTC)

TWO_SPEAK = World(
    [Held(day=0, projects=("P1", "P2")), Held(day=40, projects=("P1", "P2")), Held(day=70, projects=("P1", "P2"))],
    [
        Row(event, n, n, role="speaker" if n < 2 else "participant", region="14" if n > 5 else "06")
        for event in range(3)
        for n in range(12)
    ],
)
"""P1 counts the speakers, P2 does not; they are the same two each time."""


async def test_few_who_count_for_one_project_alone_hide_no_project(db: asyncpg.Connection) -> None:
    await build(TWO_SPEAK)
    for project in ("P1", "P2"):
        made = await dashboard_without_persons(Filters(project=project), now=NOW)
        assert made.totals.participations == 30
        assert [cell.participations for cell in made.months] == [10, 10, 10]
