"""The charts of a report: bars of participations, each with its number, in the colours of the page or of paper."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from events.core.drawing import DrawingFailed, chart_svg
from events.core.i18n import format_number
from events.core.i18n import gettext as _
from events.reports.shapes import BreakDown, Cell, ParticipationReport

PLOT = 280
"""Width of the bars in pixels; with the labels a chart is narrow enough to be read on a phone."""

MANY_MONTHS = 15


class Ink(Struct, frozen=True):
    """The colours of text and bars."""

    text: str
    bar: str


SCREEN = Ink("currentColor", "var(--link)")
"""Follows the page's light and dark mode."""

PAPER = Ink("#1b1b1b", "#2a5f9e")


async def chart(each: BreakDown, ink: Ink = SCREEN, *, label: str = "") -> str:
    """Draw a break-down as SVG; "" when there is nothing to draw or drawing failed (the table says the same).

    `label` says what it shows, when that is not participations by the break-down.
    """
    try:
        return await drawn(each, ink, label=label or chart_label(each), hidden=_("hidden"))
    except DrawingFailed:
        return ""


async def drawn(each: BreakDown, ink: Ink, *, label: str, hidden: str) -> str:
    """Draw a break-down as SVG, "" when there is nothing to draw; `hidden` stands for a number that is kept back.

    The same figures in the same language give the same bytes. Raises DrawingFailed.
    """
    if not any(cell.participations for cell in each.cells):
        return ""
    spec = (_months if each.by == "month" else _bars)(each.cells, ink, hidden)
    return await chart_svg(spec, label=label)


def chart_label(each: BreakDown) -> str:
    """Say what the chart of a break-down shows, for those who do not see it."""
    return _("Chart: %(name)s, participations; the same figures are in the table.", name=each.name)


async def charts(made: ParticipationReport, ink: Ink = SCREEN) -> dict[str, str]:
    """Draw every break-down: name → SVG."""
    return {each.by: await chart(each, ink) for each in made.break_downs}


def _bars(cells: Sequence[Cell], ink: Ink, hidden: str) -> dict[str, Any]:
    values = [_value(cell, hidden) for cell in cells]
    top = max(value["number"] for value in values)
    name = {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None, "labelLimit": 230}}
    number = {
        "field": "number",
        "type": "quantitative",
        "axis": None,
        # room for the number at the end of the longest bar
        "scale": {"domain": [0, top * 1.2], "nice": False},
    }
    return {
        **_ground(ink, values),
        "width": PLOT,
        "height": {"step": 26},
        "encoding": {"y": name, "x": number},
        "layer": [
            {"mark": {"type": "bar", "color": ink.bar, "height": {"band": 0.7}}},
            {"mark": {"type": "text", "align": "left", "dx": 5}, "encoding": {"text": {"field": "shown"}}},
        ],
    }


def _months(cells: Sequence[Cell], ink: Ink, hidden: str) -> dict[str, Any]:
    known = {cell.code: cell for cell in cells}
    codes = _every_month(min(known), max(known))
    values = [_value(known.get(code, Cell()), hidden, f"{int(code[5:])}/{code[:4]}") for code in codes]
    axis = {"title": None, "labelAngle": -90 if len(codes) > MANY_MONTHS / 2 else 0, "labelOverlap": True}
    layers: list[dict[str, Any]] = [{"mark": {"type": "bar", "color": ink.bar}}]
    if len(codes) <= MANY_MONTHS:
        layers.append({"mark": {"type": "text", "dy": -8}, "encoding": {"text": {"field": "shown"}}})
    scale = {"domain": [0, max(value["number"] for value in values) * 1.1], "nice": len(codes) > MANY_MONTHS}
    number_axis = {"title": None, "format": ",d", "tickCount": 4} if len(codes) > MANY_MONTHS else None
    return {
        **_ground(ink, values),
        "width": PLOT + 120,
        "height": 180,
        "encoding": {
            "x": {"field": "name", "type": "ordinal", "sort": None, "axis": axis},
            "y": {"field": "number", "type": "quantitative", "axis": number_axis, "scale": scale},
        },
        "layer": layers,
    }


def _value(cell: Cell, hidden: str, name: str = "") -> dict[str, Any]:
    shown = hidden if cell.hidden else format_number(cell.participations or 0)
    return {"name": name or cell.name, "number": cell.participations or 0, "shown": shown}


def _every_month(first: str, last: str) -> list[str]:
    day, codes = date(int(first[:4]), int(first[5:]), 1), []
    while f"{day:%Y-%m}" <= last:
        codes.append(f"{day:%Y-%m}")
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return codes


def _ground(ink: Ink, values: list[dict[str, Any]]) -> dict[str, Any]:
    quiet = {"domain": False, "ticks": False, "grid": False, "labelColor": ink.text, "labelFontSize": 14}
    return {
        "data": {"values": values},
        "config": {
            "aria": False,
            "background": None,
            "font": "Source Sans 3",
            "view": {"stroke": None},
            "axis": {**quiet, "labelPadding": 6, "gridColor": ink.text},
            "text": {"color": ink.text, "fontSize": 14},
        },
    }
