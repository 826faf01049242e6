"""The heat map of a matrix: the darker a cell the more chose it, each with its number."""

from typing import Any

from msgspec import Struct

from events.core.drawing import DrawingFailed, chart_svg
from events.core.i18n import gettext as _
from events.surveys.results.figures import Figures, share

CELL, HEIGHT = 64, 34

NAME = 260
"""The longest name of a row, as Vega reckons it before it knows the font: about 25 signs, half as wide in the end."""


class Ink(Struct, frozen=True):
    """The colours of text and cells."""

    text: str
    cell: str


SCREEN = Ink("currentColor", "var(--link)")
"""Follows the page's light and dark mode."""

PAPER = Ink("#1b1b1b", "#2a5f9e")

DARKEST = 0.5
"""How much of its colour the fullest cell takes: the number must stay readable on it."""


async def heat_map(made: Figures, ink: Ink = SCREEN, *, shares: bool = False) -> str:
    """Draw a matrix as SVG; "" when nothing of it is shown or drawing failed (the table says the same).

    A cell says how many chose it, with `shares` how many per cent: rows of which not as many answered are compared so.
    """
    options = made.headings[1:-1]
    values = [
        {
            "row": row.label,
            "option": option,
            "share": share(count, row.n),
            "shown": f"{share(count, row.n)} %" if shares else f"{count}",
        }
        for row in made.matrix
        for option, count in zip(options, row.counts, strict=False)
    ]
    if not values:
        return ""
    try:
        return await chart_svg(_spec(values, len(options), ink), label=label_of(made))
    except DrawingFailed:
        return ""


def label_of(made: Figures) -> str:
    """Say what the heat map shows, for those who do not see it."""
    return _("Heat map: %(name)s; the same figures are in the table.", name=made.title)


def _spec(values: list[dict[str, Any]], options: int, ink: Ink) -> dict[str, Any]:
    nominal, axis = {"type": "nominal", "sort": None}, {"title": None, "labelLimit": 150}
    opacity = {"field": "share", "type": "quantitative", "legend": None}
    quiet = {"domain": False, "ticks": False, "grid": False, "labelColor": ink.text, "labelFontSize": 14}
    return {
        "data": {"values": values},
        "config": {
            "aria": False,
            "background": None,
            "font": "Source Sans 3",
            "view": {"stroke": None},
            "axis": {**quiet, "labelPadding": 6},
            "text": {"color": ink.text, "fontSize": 14},
        },
        "width": {"step": CELL} if options > 1 else CELL * 2,
        "height": {"step": HEIGHT},
        "encoding": {
            "x": {**nominal, "field": "option", "axis": {**axis, "orient": "top", "labelAngle": -30}},
            "y": {**nominal, "field": "row", "axis": {**axis, "labelLimit": NAME}},
        },
        "layer": [
            {
                "mark": {"type": "rect", "color": ink.cell},
                "encoding": {"opacity": {**opacity, "scale": {"domain": [0, 100], "range": [0.04, DARKEST]}}},
            },
            {"mark": {"type": "text"}, "encoding": {"text": {"field": "shown"}}},
        ],
    }
