import re
from datetime import UTC, datetime

import asyncpg

from events.core.i18n import in_language
from events.reports.effect.charts import charts
from events.reports.effect.figures import effect
from events.reports.filters import Filters
from tests.reports.world import Held, Row, World, build

NOW = datetime(2027, 6, 1, tzinfo=UTC)


async def test_quarters_in_which_nobody_met_stand_in_the_chart_as_time_that_passed(db: asyncpg.Connection) -> None:
    await build(World([Held(), Held(day=250)], [Row(event, n, n) for event in (0, 1) for n in range(2)]))
    with in_language("en"):
        made = await effect(Filters(), now=NOW)
        drawn = (await charts(made))["quarters"]
    first, last = (int(each.quarter[:4]) * 4 + int(each.quarter[-1]) for each in made.quarters)
    assert last - first > 1
    assert len(set(re.findall(r">(Q\d \d{4})<", drawn))) == last - first + 1
