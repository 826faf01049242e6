"""The dashboard's charts: bars as in the participation report, the funnel, and themes by regions as a heat map."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from events.core.drawing import DrawingFailed, chart_svg
from events.core.i18n import gettext as _
from events.core.text import sort_key
from events.reports.charts import SCREEN, Ink, chart
from events.reports.dashboard.parts import BREAKS, STEPS, TITLES
from events.reports.dashboard.shapes import Dashboard
from events.reports.heat_map import Measures, Square, heat_map
from events.reports.shapes import BreakDown, Cell

_MEASURES = Measures(column=52, row=30, number=14, column_name=260, gaps=(0.05, 0.07))

_LAST = {"abroad": 1, "unknown": 2, "none": 3}


class Heat(Struct, frozen=True, kw_only=True):
    """Themes and regions that have any participation, as (code, name), and how many each pair of codes has."""

    themes: list[tuple[str, str]]
    regions: list[tuple[str, str]]
    numbers: Mapping[tuple[str, str], int]


def heat(made: Dashboard) -> Heat:
    """Set the heat map out: rows are regions, columns themes, both by name."""
    return Heat(
        themes=_ordered({cell.theme for cell in made.heat}, made.theme_names),
        regions=_ordered({cell.region for cell in made.heat}, made.region_names),
        numbers={(cell.theme, cell.region): cell.participations for cell in made.heat},
    )


def _ordered(codes: set[str], names: Mapping[str, str]) -> list[tuple[str, str]]:
    named = [(code, names.get(code, code)) for code in codes]
    return sorted(named, key=lambda each: (_LAST.get(each[0], 0), sort_key(each[1])))


async def charts(made: Dashboard, ink: Ink = SCREEN) -> dict[str, str]:
    """Draw every part that has something to draw: name of the part → SVG."""
    drawn = {name: await chart(_break_down(name, by, getattr(made, name)), ink) for name, by in BREAKS.items()}
    steps = [
        Cell(code=step, name=str(name), participations=getattr(made.funnel, step))
        for step, name in STEPS.items()
        if getattr(made.funnel, step) is not None
    ]
    label = _("Chart: how many were invited, registered, attended and answered; the same figures are in the table.")
    drawn["funnel"] = await chart(_break_down("funnel", "funnel", steps), ink, label=label)
    drawn["heat"] = await _heat_chart(heat(made))
    return {name: svg for name, svg in drawn.items() if svg}


def _break_down(name: str, by: str, cells: list[Cell]) -> BreakDown:
    return BreakDown(by=by, name=str(TITLES[name]), overlapping=False, cells=cells)


async def _heat_chart(laid: Heat) -> str:
    if not laid.numbers:
        return ""
    label = _("Chart: participations by theme and region; the same figures are in the table.")
    try:
        return await chart_svg(_heat_spec(laid), label=label)
    except DrawingFailed:
        return ""


def _heat_spec(laid: Heat) -> dict[str, Any]:
    squares = (
        Square(region, theme, laid.numbers.get((code, region_code), 0))
        for region_code, region in laid.regions
        for code, theme in laid.themes
    )
    return heat_map(squares, _names(laid.themes), _names(laid.regions), _MEASURES)


def _names(pairs: Sequence[tuple[str, str]]) -> list[str]:
    return [name for _code, name in pairs]
