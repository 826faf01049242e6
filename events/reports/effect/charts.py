"""The charts of the network effect: links between regions as a heat map, new and repeated ones by quarter as bars."""

from collections.abc import Mapping, Sequence
from typing import Any

from events.core.drawing import DrawingFailed, chart_svg
from events.core.i18n import format_number
from events.core.i18n import gettext as _
from events.reports.charts import SCREEN, wide
from events.reports.effect.shapes import NetworkEffect, QuarterLinks, RegionLinks
from events.reports.effect.words import quarter_name
from events.reports.heat_map import Measures, Square, heat_map

_MEASURES = Measures(column=34, row=28, number=13, column_name=200, gaps=(0.06, 0.06))

WIDE_QUARTER = 100
"""Width of a quarter in pixels, the name of which stands below it in one line."""

MANY_QUARTERS, FEW_QUARTERS = 9, 3

_AXIS: Mapping[str, Any] = {
    "title": None,
    "domain": False,
    "ticks": False,
    "grid": False,
    "labelColor": SCREEN.text,
    "labelFontSize": 14,
}
_CONFIG: Mapping[str, Any] = {
    "aria": False,
    "background": None,
    "font": "Source Sans 3",
    "view": {"stroke": None},
    "legend": {"labelColor": SCREEN.text, "labelFontSize": 14, "orient": "top", "title": None, "symbolType": "square"},
}


async def charts(made: NetworkEffect) -> dict[str, str]:
    """Draw what there is to draw: name of the part → SVG; a chart that fails is left out, its table says the same."""
    drawn = {}
    if any(each.links for each in made.matrix):
        drawn["matrix"] = await _draw(
            _heat(made.matrix, made.region_names),
            _("Chart: links between regions; the same figures are in the table."),
        )
    if any(each.links for each in made.quarters):
        drawn["quarters"] = await _draw(
            _bars(_without_gaps(made.quarters)),
            _("Chart: new and repeated links by quarter; the same figures are in the table."),
        )
    return {name: svg for name, svg in drawn.items() if svg}


async def _draw(spec: Mapping[str, Any], label: str) -> str:
    try:
        return await chart_svg(spec, label=label)
    except DrawingFailed:
        return ""


def _heat(matrix: Sequence[RegionLinks], names: Mapping[str, str]) -> dict[str, Any]:
    """The matrix is the same in both directions: both halves are drawn, so that a region's row shows all it met."""
    met = {code for each in matrix for code in (each.region, each.other)}
    both = {(each.region, each.other): each for each in matrix} | {(each.other, each.region): each for each in matrix}
    shown = [(code, name) for code, name in names.items() if code in met]
    squares = (
        Square(name, other_name, links.links if (links := both.get((code, other))) else 0)
        for code, name in shown
        for other, other_name in shown
    )
    order = [name for _code, name in shown]
    return heat_map(squares, order, order, _MEASURES)


def _without_gaps(quarters: Sequence[QuarterLinks]) -> list[QuarterLinks]:
    """Put a bar of no length where nobody met in between: else three years look like three months."""
    told = {each.quarter: each for each in quarters}
    first, last = (int(code[:4]) * 4 + int(code[-1]) - 1 for code in (min(told), max(told)))
    codes = (f"{number // 4}-Q{number % 4 + 1}" for number in range(first, last + 1))
    return [
        told.get(code) or QuarterLinks(quarter=code, name=quarter_name(code), new=0, repeated=0, links=0)
        for code in codes
    ]


def _bars(quarters: Sequence[QuarterLinks]) -> dict[str, Any]:
    """New links below in a strong tone, repeated ones above in a light one; the sum at the top of each bar."""
    new, repeated = _("New"), _("Repeated")
    values = [
        {"quarter": each.name, "kind": kind, "order": place, "number": number or 0, "links": each.links or 0}
        for each in quarters
        for place, (kind, number) in enumerate(((new, each.new), (repeated, each.repeated)))
    ]
    many, few = len(quarters) > MANY_QUARTERS, len(quarters) <= FEW_QUARTERS
    top = {"domain": [0, max(each.links or 0 for each in quarters) * 1.15], "nice": False}
    x = {
        "field": "quarter",
        "type": "ordinal",
        "sort": [each.name for each in quarters],
        "axis": {**_AXIS, "labelAngle": 0 if few else -90},
    }
    bars = _stacked(new, repeated, top, axis={**_AXIS, "format": ",d", "tickCount": 4} if many else None)
    return {
        "data": {"values": values},
        "width": {"step": WIDE_QUARTER if few else 26 if many else max(44, wide(map(_sum, quarters)))},
        "height": 200,
        "encoding": {"x": x},
        "layer": [bars] if many else [bars, _sums(quarters, top)],
        "config": _CONFIG,
    }


def _stacked(new: str, repeated: str, top: Mapping[str, Any], *, axis: Mapping[str, Any] | None) -> dict[str, Any]:
    tones = {"domain": [new, repeated], "range": ["var(--heat-4)", "var(--heat-2)"]}
    return {
        "mark": "bar",
        "encoding": {
            "y": {"field": "number", "type": "quantitative", "scale": top, "axis": axis},
            "color": {"field": "kind", "type": "nominal", "scale": tones},
            "order": {"field": "order", "type": "quantitative"},
        },
    }


def _sums(quarters: Sequence[QuarterLinks], top: Mapping[str, Any]) -> dict[str, Any]:
    sums = [{"quarter": each.name, "links": each.links or 0, "shown": _sum(each)} for each in quarters]
    return {
        "data": {"values": sums},
        "mark": {"type": "text", "dy": -8, "fontSize": 14, "color": SCREEN.text},
        "encoding": {
            "y": {"field": "links", "type": "quantitative", "scale": top},
            "text": {"field": "shown"},
        },
    }


def _sum(each: QuarterLinks) -> str:
    return _("hidden") if each.links is None else format_number(each.links)
