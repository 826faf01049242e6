"""The dashboard of a reader who may not see persons: no group under five, and none that can be computed.

What is compared (the period before, new and returning, themes by region, the steps of the funnel) is left out for them:
differences between such figures would give small groups away. What is left is made safe by these rules:

- in each break-down small cells are hidden, and others with them, as in the participation report (`suppression`);
- so is whatever differs by fewer than five from the same figure without one of the filters;
- a period is widened to whole months, and shows nothing if it holds some of the hidden months but not all of them:
  else two periods would differ by a hidden month; so does each cell of a break-down by its own months;
- a filter shows nothing where its cell is hidden without the filter; filters without a break-down (host region,
  series) show nothing at all.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from msgspec.structs import replace

from events.reports.dashboard.figures import dashboard
from events.reports.dashboard.parts import BREAKS
from events.reports.dashboard.shapes import Dashboard, Funnel
from events.reports.dashboard.splitting import split_cells
from events.reports.filters import Filters, Reach
from events.reports.participation import EVERYTHING
from events.reports.shapes import Cell
from events.reports.suppression import SMALLEST, hidden_cell, shown_cells, small_rest, without_small_notes

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

_ALL = {"regions": "region", **BREAKS}
"""Part → the break-down that it is."""

_NO_FUNNEL = Funnel(invited=None, registered=None, attended=None, no_shows=None, no_show_rate=None, answered=None)


async def dashboard_without_persons(filters: Filters, *, now: datetime, reach: Reach = EVERYTHING) -> Dashboard:
    """Return what a reader may see who must not see groups under five."""
    filters = whole_months(filters)
    made = await _alone(filters, now, reach)
    return _nothing(made) if made.totals.hidden or await gives_away(filters, now, reach) else made


async def _alone(filters: Filters, now: datetime, reach: Reach) -> Dashboard:
    """Return a dashboard with what is hidden for its own figures and beside those without one of its filters."""
    made = await dashboard(filters, now=now, reach=reach)
    beside = [await dashboard(each, now=now, reach=reach) for each in wider(filters).values()]
    return suppressed(made, beside, await split(filters, reach))


async def split(filters: Filters, reach: Reach) -> Mapping[str, set[str]]:
    """Return the cells that the filters' period would cut so that a small group is the rest, by their break-down."""
    if filters.start is None and filters.end is None:
        return {}
    return await split_cells(filters, reach, lambda month: _in_period(month, filters))


def wider(filters: Filters) -> dict[str, Filters]:
    """Return the filters without each one of them that a reader could take off: its name ("period" for both days)."""
    without = {name: replace(filters, **{name: None}) for name in _FIELDS if getattr(filters, name) is not None}
    if filters.start or filters.end:
        without["period"] = replace(filters, start=None, end=None)
    return without


async def gives_away(filters: Filters, now: datetime, reach: Reach) -> bool:
    """Whether the filters must show nothing: a wider dashboard hides what they would tell, or none can say it."""
    if filters.host or filters.series:
        return True
    for name, without in wider(filters).items():
        beside = await _alone(without, now, reach)
        if name == "period":
            hidden = {cell.code for cell in beside.months if cell.hidden}
            inside = {code for code in hidden if _in_period(code, filters)}
            if inside and (inside != hidden or beside.totals.hidden):
                return True
        elif any(cell.code == getattr(filters, name) and cell.hidden for cell in cells_of(beside, _FIELDS[name])):
            return True
    return False


def cells_of(made: Dashboard, part: str) -> list[Cell]:
    """Return the cells of a part by its name."""
    return [tile.cell for tile in made.regions] if part == "regions" else getattr(made, part)


def whole_months(filters: Filters) -> Filters:
    """Widen the period to whole months."""
    start, end = filters.start, filters.end
    return replace(
        filters,
        start=start and start.replace(day=1),
        end=end and end.replace(day=monthrange(end.year, end.month)[1]),
    )


def _in_period(month: str, filters: Filters) -> bool:
    first = date(int(month[:4]), int(month[5:]), 1)
    return (filters.start is None or filters.start <= first) and (filters.end is None or first <= filters.end)


def suppressed(made: Dashboard, beside: Sequence[Dashboard], cut: Mapping[str, set[str]]) -> Dashboard:
    """Hide what stands for fewer than five persons, what would give it away, and what is compared."""
    if 0 < (made.totals.persons or 0) < SMALLEST or small_rest(made.totals, [each.totals for each in beside]):
        return _nothing(made)
    shown = {
        part: shown_cells(cells_of(made, part), [cells_of(each, part) for each in beside], cut.get(by, ()))
        for part, by in _ALL.items()
    }
    return replace(
        made,
        totals=without_small_notes(made.totals),
        uncertain=None,
        regions=[replace(tile, cell=cell) for tile, cell in zip(made.regions, shown["regions"], strict=True)],
        **{part: shown[part] for part in _PARTS},
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
        uncertain=None,
        regions=[replace(tile, cell=hidden_cell(tile.cell)) for tile in made.regions],
        **{part: [] for part in _PARTS},
        **(_left_out() | {"hidden": ["totals", *LEFT_OUT, "regions", *_PARTS]}),
    )
