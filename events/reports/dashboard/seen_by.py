"""The dashboard of a reader who may not see persons: what `protection` shows of it.

What is compared (the period before, new and returning, themes by region, the steps of the funnel) is left out, and so
is how participants attended: differences between such figures would give small groups away. A period is widened to
whole months, which is said on the page.
"""

from calendar import monthrange
from datetime import datetime

from msgspec.structs import replace

from events.core.remembering import remembering
from events.core.replica import snapshot
from events.reports.dashboard.figures import dashboard
from events.reports.dashboard.parts import BREAKS
from events.reports.dashboard.shapes import Dashboard, Funnel
from events.reports.filters import Filters, Reach
from events.reports.participation import EVERYTHING
from events.reports.protection.scan import told
from events.reports.protection.showing import Showing, showing
from events.reports.shapes import Cell

LEFT_OUT = ("change", "persons", "organisations", "funnel", "heat", "site_modes")
"""Parts that such a reader never gets."""

_PARTS = ("months", "organisation_types", "size_classes", "event_kinds", "themes", "projects")

_NO_FUNNEL = Funnel(invited=None, registered=None, attended=None, no_shows=None, no_show_rate=None, answered=None)


async def dashboard_without_persons(filters: Filters, *, now: datetime, reach: Reach = EVERYTHING) -> Dashboard:
    """Return what a reader may see who must not see groups under five."""
    filters = whole_months(filters)
    async with snapshot() as connection:
        with remembering({}):
            reach = await told(connection, reach, now)
            made = await dashboard(filters, now=now, reach=reach, brief=True)
            return suppressed(made, await showing(connection, filters, reach))


def whole_months(filters: Filters) -> Filters:
    """Widen the period to whole months."""
    start, end = filters.start, filters.end
    return replace(
        filters,
        start=start and start.replace(day=1),
        end=end and end.replace(day=monthrange(end.year, end.month)[1]),
    )


def suppressed(made: Dashboard, seen: Showing) -> Dashboard:
    """Hide what is not shown, and what is compared."""
    shown = {
        part: [left_of(cell, shown=seen.cell(BREAKS[part], cell.code)) for cell in getattr(made, part)]
        for part in _PARTS
    }
    regions = [
        replace(tile, cell=left_of(tile.cell, shown=seen.cell("region", tile.cell.code))) for tile in made.regions
    ]
    nothing = [] if seen.totals else ["totals", "regions", *_PARTS]
    return replace(
        made,
        totals=left_of(made.totals, shown=seen.totals, persons=seen.persons),
        person_days=made.person_days if seen.totals else None,
        uncertain=None,
        regions=regions,
        **(shown if seen.totals else {part: [] for part in _PARTS}),
        change=None,
        persons=None,
        organisations=None,
        funnel=_NO_FUNNEL,
        heat=[],
        site_modes=[],
        hidden=[*nothing, *LEFT_OUT],
    )


def left_of(cell: Cell, *, shown: bool, persons: bool = False) -> Cell:
    """Return what is left of a cell: participations and hours, or nothing; with `persons` the different ones too."""
    sums = () if shown else ("participations", "minutes", "hours")
    different = () if persons else ("persons", "organisations")
    return replace(cell, **dict.fromkeys((*sums, *different, "without_address", "without_organisation")))
