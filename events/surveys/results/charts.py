"""The heat map of a matrix: the darker a cell the more chose it, each with its number."""

import textwrap
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from events.core.drawing import DrawingFailed, chart_svg
from events.core.i18n import format_number
from events.core.i18n import gettext as _
from events.surveys.results.figures import Figures
from events.surveys.results.rules import share

CELL, HEIGHT = 64, 34
"""Of a cell at least, in pixels; long words below and beside it make it larger."""

SIGN, LINE = 8, 17
"""How wide a sign and how high a line of a label is, in pixels, reckoned amply."""

BESIDE = 22
"""Signs in a line of a row's label."""


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
            "shown": f"{share(count, row.n)} %" if shares else format_number(count),
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
    rows = {value["row"]: _wrapped(value["row"], BESIDE) for value in values}
    longest = max(len(word) for value in values for word in value["option"].split())
    cell = max(CELL, SIGN * (longest + 1))
    heads = {value["option"]: _wrapped(value["option"], cell // SIGN) for value in values}
    lines = max(row.count("\n") + 1 for row in rows.values())
    band = {"paddingInner": 0.05, "paddingOuter": 0}
    shades = {"domain": [0, 100], "range": [0.04, DARKEST]}
    opacity = {"field": "share", "type": "quantitative", "legend": None, "scale": shades}
    return {
        "data": {"values": values},
        "config": {
            "aria": False,
            "background": None,
            "font": "Source Sans 3",
            "view": {"stroke": None},
            "text": {"color": ink.text, "fontSize": 14, "lineBreak": "\n", "lineHeight": LINE},
        },
        "width": {"step": cell} if options > 1 else cell * 2,
        "height": {"step": max(HEIGHT, lines * LINE + LINE // 2)},
        "encoding": {
            "x": {"type": "nominal", "sort": None, "field": "option", "axis": None, "scale": band},
            "y": {"type": "nominal", "sort": None, "field": "row", "axis": None, "scale": band},
        },
        "layer": [
            {"mark": {"type": "rect", "color": ink.cell}, "encoding": {"opacity": opacity}},
            {"mark": {"type": "text"}, "encoding": {"text": {"field": "shown"}}},
            _names("row", rows, {"align": "right", "dx": -8, "dy": _up(LINE / 2)}, {"x": {"value": 0}}),
            _names("option", heads, {"baseline": "bottom", "dy": _up(LINE, 6)}, {"y": {"value": 0}}),
        ],
    }


def _names(field: str, wrapped: Mapping[str, str], mark: Mapping[str, Any], at: Mapping[str, Any]) -> dict[str, Any]:
    """Write names beside or above the cells; an axis would cut them, or set several lines off their middle."""
    return {
        "data": {"values": [{field: name, "lines": lines} for name, lines in wrapped.items()]},
        "mark": {"type": "text", **mark},
        "encoding": {"text": {"field": "lines"}, **at},
    }


def _up(line: float, more: int = 0) -> dict[str, str]:
    """How far up a name begins, in pixels: `line` for each but the last of its lines."""
    return {"expr": f"-{line} * (length(split(datum.lines, '\\n')) - 1) - {more}"}


def _wrapped(label: str, signs: int) -> str:
    """Break a label into lines at its spaces, so that nothing of it has to be cut."""
    return "\n".join(textwrap.wrap(label, signs, break_long_words=False)) or label
