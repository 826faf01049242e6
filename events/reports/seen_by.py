"""The participation report of a reader who may not see persons: what `protection` shows, and nothing beside it."""

from datetime import datetime

from msgspec.structs import replace

from events.core.replica import snapshot
from events.core.small_groups import SMALLEST
from events.reports.dashboard.seen_by import cells_left, total_left, whole_months
from events.reports.filters import Filters, Reach
from events.reports.participation import EVERYTHING, days, report
from events.reports.protection.scan import told
from events.reports.protection.showing import Showing, showing
from events.reports.shapes import EventLine, ParticipationReport


async def suppressed_report(filters: Filters, *, now: datetime, reach: Reach = EVERYTHING) -> ParticipationReport:
    """Make the report for a reader who may not see persons: whole months, no small group, none that can be computed."""
    filters = whole_months(filters)
    async with snapshot() as connection:
        reach = await told(connection, reach, now)
        made = await report(filters, now=now, reach=reach)
        seen = await showing(connection, filters, reach)
        return suppressed(made, seen, persons=seen.persons)


async def suppressed_to_freeze(filters: Filters, *, now: datetime, persons: bool) -> ParticipationReport:
    """Make the same of what is handed in: of what was closed until now.

    `persons`: whether the different ones of the period are shown, if they are five or more.
    """
    filters = whole_months(filters)
    async with snapshot() as connection:
        reach = await told(connection, EVERYTHING, None)
        made = await report(filters, now=now, reach=reach)
        seen = await showing(connection, filters, reach)
        enough = seen.totals and (made.totals.persons or 0) >= SMALLEST
        return suppressed(made, seen, persons=persons and enough)


def suppressed(made: ParticipationReport, seen: Showing, *, persons: bool) -> ParticipationReport:
    """Hide what is not shown; `persons`: whether different persons and organisations are."""
    totals = total_left(made.totals, seen, persons=persons)
    return replace(
        made,
        totals=totals,
        person_days=days(totals.minutes),
        uncertain=None,
        break_downs=[replace(each, cells=cells_left(each.cells, each.by, seen, totals)) for each in made.break_downs],
        not_counted=[replace(each, participations=None) for each in made.not_counted],
        events=[_line(line, shown=seen.cell("event", line.slug)) for line in made.events],
    )


def _line(line: EventLine, *, shown: bool) -> EventLine:
    return line if shown else replace(line, participations=None, minutes=None)
