"""The charts of a report: bars of participations, each with its number, in the colours of the page or of paper."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from events.core.drawing import DrawingFailed, chart_svg
from events.core.i18n import format_number
from events.core.i18n import gettext as _
from events.reports.shapes import BreakDown, Cell, ParticipationReport

PLOT, WHOLE = 280, 310
"""Width of the bars in pixels, beside their names on paper and below them on a screen: a phone is not wider."""

MANY_MONTHS = 15

MONTHS, MANY = 400, 660
"""Width of the bars of months on paper, and where they are many."""

HEIGHT = 180
"""Of the bars of months, in pixels."""

SIGN = 8
"""How wide a sign of a number is in pixels, reckoned amply."""

UPRIGHT = 18
"""Pixels from bar to bar that a number needs which stands upright on its own."""


class Ink(Struct, frozen=True):
    """The colours of text and bars; `above`: each bar has its name above it, not beside it."""

    text: str
    bar: str
    above: bool = False


SCREEN = Ink("currentColor", "var(--link)", above=True)
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
    # room for the number at the end of the longest bar
    room = 1 + 0.024 * (1 + max(len(value["shown"]) for value in values))
    axis = None if ink.above else {"title": None, "labelLimit": 230}
    number = {
        "field": "number",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [0, top * room], "nice": False},
    }
    below = {"yOffset": 8} if ink.above else {}
    layers = [
        {"mark": {"type": "bar", "color": ink.bar, "height": 18, **below}},
        {"mark": {"type": "text", "align": "left", "dx": 5, **below}, "encoding": {"text": {"field": "shown"}}},
    ]
    if ink.above:
        name = {"text": {"field": "name"}, "x": {"value": 0}}
        layers.append({"mark": {"type": "text", "align": "left", "yOffset": -11}, "encoding": name})
    return {
        **_ground(ink, values),
        "width": WHOLE if ink.above else PLOT,
        "height": {"step": 44 if ink.above else 26},
        "encoding": {"y": {"field": "name", "type": "nominal", "sort": None, "axis": axis}, "x": number},
        "layer": layers,
    }


def _months(cells: Sequence[Cell], ink: Ink, hidden: str) -> dict[str, Any]:
    known = {cell.code: cell for cell in cells}
    codes = _every_month(min(known), max(known))
    values = [_value(known.get(code, Cell()), hidden, f"{int(code[5:])}/{code[:4]}") for code in codes]
    longest = wide(value["shown"] for value in values)
    on_paper = MONTHS if len(codes) * longest <= MONTHS else MANY
    width = WHOLE if ink.above else on_paper
    lying = len(codes) <= min(MANY_MONTHS, width // longest)
    numbered = lying or width // len(codes) >= UPRIGHT
    axis = {"title": None, "labelAngle": -90 if len(codes) > MANY_MONTHS / 2 else 0, "labelOverlap": True}
    layers: list[dict[str, Any]] = [{"mark": {"type": "bar", "color": ink.bar}}]
    if numbered:
        mark: dict[str, Any] = {"dy": -8} if lying else {"angle": -90, "align": "left", "dx": 4}
        layers.append({"mark": {"type": "text", **mark}, "encoding": {"text": {"field": "shown"}}})
    room = HEIGHT / (HEIGHT - longest) if numbered and not lying else 1.1
    scale = {"domain": [0, max(value["number"] for value in values) * room], "nice": not numbered}
    number_axis = None if numbered else {"title": None, "format": ",d", "tickCount": 4}
    return {
        **_ground(ink, values),
        "width": width,
        "height": HEIGHT,
        "encoding": {
            "x": {"field": "name", "type": "ordinal", "sort": None, "axis": axis},
            "y": {"field": "number", "type": "quantitative", "axis": number_axis, "scale": scale},
        },
        "layer": layers,
    }


def wide(numbers: Iterable[str]) -> int:
    """Return how wide a column of these numbers has to be, in pixels, so that none runs into its neighbour's."""
    return SIGN * (1 + max(map(len, numbers), default=0))


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
