"""The dashboard of a reader who may not see persons: no group under five, and none that can be computed.

What is compared (the period before, new and returning, themes by region, the steps of the funnel) is left out for them:
differences between such figures would give small groups away. What is left is made safe by these rules:

- in each break-down small cells are hidden, and others with them, as in the participation report (`suppression`);
- a period is widened to whole months, and shows nothing if it holds some of the hidden months but not all of them:
  else two periods would differ by a hidden month;
- a filter shows nothing where its cell is hidden without the filter; filters without a break-down (host region,
  series) show nothing at all.
"""

from calendar import monthrange
from datetime import date, datetime

from msgspec.structs import replace

from events.reports.dashboard.figures import dashboard
from events.reports.dashboard.shapes import Dashboard, Funnel
from events.reports.filters import Filters, Reach
from events.reports.participation import EVERYTHING
from events.reports.shapes import Cell
from events.reports.suppression import SMALLEST, hidden_cell, shown_cells, without_small_notes

LEFT_OUT = ("change", "persons", "organisations", "funnel", "heat")
"""Parts that such a reader never gets."""

_FIELDS = {
    "region": "regions",
    "kind": "event_kinds",
    "theme": "themes",
    "project": "projects",
    "type": "organisation_types",
    "size": "size_classes",
    "mode": "site_modes",
}
"""Filter → the break-down of which it takes one cell."""

_PARTS = ("months", "organisation_types", "size_classes", "event_kinds", "site_modes", "themes", "projects")

_NO_FUNNEL = Funnel(invited=None, registered=None, attended=None, no_shows=None, no_show_rate=None, answered=None)


async def dashboard_without_persons(filters: Filters, *, now: datetime, reach: Reach = EVERYTHING) -> Dashboard:
    """Return what a reader may see who must not see groups under five."""
    filters = _whole_months(filters)
    made = suppressed(await dashboard(filters, now=now, reach=reach))
    if filters.host or filters.series or made.totals.hidden or await _gives_away(filters, now, reach):
        return _nothing(made)
    return made


async def _gives_away(filters: Filters, now: datetime, reach: Reach) -> bool:
    """Whether a wider dashboard hides what this one would tell."""
    for name, part in _FIELDS.items():
        value = getattr(filters, name)
        if value is None:
            continue
        wider = suppressed(await dashboard(replace(filters, **{name: None}), now=now, reach=reach))
        if any(cell.code == value and cell.hidden for cell in cells_of(wider, part)):
            return True
    if filters.start or filters.end:
        wider = suppressed(await dashboard(replace(filters, start=None, end=None), now=now, reach=reach))
        hidden = {cell.code for cell in wider.months if cell.hidden}
        inside = {code for code in hidden if _in_period(code, filters)}
        return bool(inside) and (inside != hidden or wider.totals.hidden)
    return False


def cells_of(made: Dashboard, part: str) -> list[Cell]:
    """Return the cells of a part by its name."""
    return [tile.cell for tile in made.regions] if part == "regions" else getattr(made, part)


def _whole_months(filters: Filters) -> Filters:
    start, end = filters.start, filters.end
    return replace(
        filters,
        start=start and start.replace(day=1),
        end=end and end.replace(day=monthrange(end.year, end.month)[1]),
    )


def _in_period(month: str, filters: Filters) -> bool:
    first = date(int(month[:4]), int(month[5:]), 1)
    return (filters.start is None or filters.start <= first) and (filters.end is None or first <= filters.end)


def suppressed(made: Dashboard) -> Dashboard:
    """Hide what stands for fewer than five persons, what would give it away, and what is compared."""
    if 0 < (made.totals.persons or 0) < SMALLEST:
        return _nothing(made)
    regions = shown_cells([tile.cell for tile in made.regions])
    return replace(
        made,
        totals=without_small_notes(made.totals),
        regions=[replace(tile, cell=cell) for tile, cell in zip(made.regions, regions, strict=True)],
        **{part: shown_cells(getattr(made, part)) for part in _PARTS},
        **_left_out(),
    )


def _left_out() -> dict[str, object]:
    return {
        "change": None,
        "persons": None,
        "organisations": None,
        "funnel": _NO_FUNNEL,
        "heat": [],
        "hidden": list(LEFT_OUT),
    }


def _nothing(made: Dashboard) -> Dashboard:
    return replace(
        made,
        totals=hidden_cell(made.totals),
        person_days=None,
        regions=[replace(tile, cell=hidden_cell(tile.cell)) for tile in made.regions],
        **{part: [] for part in _PARTS},
        **(_left_out() | {"hidden": ["totals", *LEFT_OUT, "regions", *_PARTS]}),
    )
