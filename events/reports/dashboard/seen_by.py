"""The dashboard of a reader who may not see persons: what `protection` shows of it.

What is compared (the period before, new and returning, themes by region, the steps of the funnel) is left out, and so
is how participants attended: differences between such figures would give small groups away. A period is widened to
whole months, which is said on the page.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from msgspec.structs import replace

from events.core.i18n import gettext
from events.core.remembering import remembering
from events.core.replica import snapshot
from events.core.rounding import rounded
from events.reports.dashboard.figures import dashboard
from events.reports.dashboard.kept import Brief
from events.reports.dashboard.parts import BREAKS
from events.reports.dashboard.shapes import Dashboard, Funnel, RegionTile
from events.reports.filters import Filters, Reach
from events.reports.participation import EVERYTHING, days
from events.reports.protection.blocks import Sums
from events.reports.protection.scan import told
from events.reports.protection.showing import PLACES, Showing, showing
from events.reports.shapes import Cell

REST = "rest"
"""Code of those participants of whom is not told where they came from, or of what type and size they are."""

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
            seen = await showing(connection, filters, reach)
            made = await dashboard(filters, now=now, reach=reach, brief=Brief(different=seen.persons))
            return suppressed(made, seen)


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
    totals = total_left(made.totals, seen, persons=seen.persons)
    shown = {part: cells_left(getattr(made, part), BREAKS[part], seen, totals) for part in _PARTS}
    targets = {tile.cell.code: tile.target for tile in made.regions}
    regions = cells_left([tile.cell for tile in made.regions], "region", seen, totals)
    nothing = [] if seen.totals else ["totals", "regions", *_PARTS]
    return replace(
        made,
        totals=totals,
        person_days=days(totals.minutes),
        uncertain=None,
        regions=[RegionTile(cell=cell, target=targets.get(cell.code, False)) for cell in regions],
        **(shown if seen.totals else {part: [] for part in _PARTS}),
        change=None,
        persons=None,
        organisations=None,
        funnel=_NO_FUNNEL,
        heat=[],
        site_modes=[],
        hidden=[*nothing, *LEFT_OUT],
    )


def total_left(counted: Cell, seen: Showing, *, persons: bool) -> Cell:
    """Return what is left of the totals; `persons`: whether different persons and organisations are."""
    if seen.total:
        return _with(counted, seen.total)
    return left_of(counted, shown=seen.totals, persons=persons)


def cells_left(cells: Sequence[Cell], by: str, seen: Showing, totals: Cell) -> list[Cell]:
    """Return what is left of a break-down, and in a last cell those participants who are not told apart by it."""
    if by not in PLACES:
        return [left_of(cell, shown=seen.cell(by, cell.code)) for cell in cells]
    told = {cell.code: sums for cell in cells if (sums := seen.part(by, cell.code)) is not None}
    left = [_with(cell, told[cell.code]) if cell.code in told else left_of(cell, shown=False) for cell in cells]
    all_of_them = sum(told.values(), Sums())
    if totals.participations is None or all_of_them.participations in {0, totals.participations}:
        return left
    rest = Sums(totals.participations - all_of_them.participations, (totals.minutes or 0) - all_of_them.minutes)
    return [*left, _with(Cell(code=REST, name=gettext("Not told apart")), rest)]


def left_of(cell: Cell, *, shown: bool, persons: bool = False) -> Cell:
    """Return what is left of a cell: participations and hours, or nothing; with `persons` the different ones too."""
    sums = () if shown else ("participations", "minutes", "hours")
    different = () if persons else ("persons", "organisations")
    return replace(cell, **dict.fromkeys((*sums, *different, "without_address", "without_organisation")))


def _with(cell: Cell, sums: Sums) -> Cell:
    shown = replace(
        cell, participations=sums.participations, minutes=sums.minutes, hours=rounded(Decimal(sums.minutes) / 60)
    )
    return left_of(shown, shown=True)
