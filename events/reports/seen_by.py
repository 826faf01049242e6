"""The participation report of a reader who may not see persons, by the rules of `dashboard.seen_by`."""

from datetime import datetime

from events.reports.dashboard.seen_by import gives_away, split, whole_months, wider
from events.reports.filters import Filters, Reach
from events.reports.participation import EVERYTHING, report
from events.reports.shapes import ParticipationReport
from events.reports.suppression import all_hidden, suppress


async def suppressed_report(filters: Filters, *, now: datetime, reach: Reach = EVERYTHING) -> ParticipationReport:
    """Make the report for a reader who may not see persons: whole months, no small group, none by a difference."""
    filters = whole_months(filters)
    made = await report(filters, now=now, reach=reach)
    if await gives_away(filters, now, reach):
        return all_hidden(made)
    beside = [await report(each, now=now, reach=reach) for each in wider(filters).values()]
    return suppress(made, beside, await split(filters, reach))
