"""The participation report of a reader who may not see persons: what `protection` shows, and nothing beside it."""

from datetime import datetime

from msgspec.structs import replace

from events.core.replica import snapshot
from events.reports.dashboard.seen_by import left_of, whole_months
from events.reports.filters import Filters, Reach
from events.reports.participation import EVERYTHING, report
from events.reports.protection.showing import Showing, showing, told
from events.reports.shapes import EventLine, ParticipationReport


async def suppressed_report(
    filters: Filters, *, now: datetime, reach: Reach = EVERYTHING, frozen: bool = False
) -> ParticipationReport:
    """Make the report for a reader who may not see persons: whole months, no small group, none that can be computed.

    One that is `frozen` counts what was closed until now, as what is handed in with it does.
    """
    filters = whole_months(filters)
    async with snapshot() as connection:
        reach = reach if frozen else await told(connection, reach, now)
        made = await report(filters, now=now, reach=reach)
        return suppressed(made, await showing(connection, filters, reach, now))


def suppressed(made: ParticipationReport, seen: Showing) -> ParticipationReport:
    """Hide what is not shown."""
    return replace(
        made,
        totals=left_of(made.totals, shown=seen.totals, persons=seen.persons),
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
