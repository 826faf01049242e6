"""The participation report of a reader who may not see persons: what `protection` shows, and nothing beside it."""

from datetime import datetime

from msgspec.structs import replace

from events.core.replica import snapshot
from events.core.small_groups import SMALLEST
from events.reports.dashboard.seen_by import left_of, whole_months
from events.reports.filters import Filters, Reach
from events.reports.participation import EVERYTHING, report
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
    return replace(
        made,
        totals=left_of(made.totals, shown=seen.totals, persons=persons),
        person_days=made.person_days if seen.totals else None,
        uncertain=None,
        break_downs=[
            replace(each, cells=[left_of(cell, shown=seen.cell(each.by, cell.code)) for cell in each.cells])
            for each in made.break_downs
        ],
        not_counted=[replace(each, participations=None) for each in made.not_counted],
        events=[_line(line, shown=seen.cell("event", line.slug)) for line in made.events],
    )


def _line(line: EventLine, *, shown: bool) -> EventLine:
    return line if shown else replace(line, participations=None, minutes=None)
