"""Two break-downs crossed, as a heat map: a number in each cell, the darker the more."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from events.core.i18n import format_number
from events.reports.charts import SCREEN, wide

SHADES = 4
"""Of one hue, the page's own."""

INKS = ("var(--text)", "var(--text)", "var(--text)", "#fff", "var(--page)")
"""The text on no shade and on each of them."""


class Square(Struct, frozen=True):
    """A cell by the names of its row and column; None is a number that is kept from the reader."""

    row: str
    column: str
    number: int | None


class Measures(Struct, frozen=True, kw_only=True):
    """Pixels: how wide a column is where no number is wider, how high a row, how large a number, how long a name.

    `gaps` between columns and between rows are parts of a step.
    """

    column: int
    row: int
    number: int
    column_name: int
    gaps: tuple[float, float]


def heat_map(squares: Iterable[Square], columns: Sequence[str], rows: Sequence[str], of: Measures) -> dict[str, Any]:
    """Return the chart's specification: the number in each cell lets it be read in grey and in the dark too."""
    cells = list(squares)
    most = max(cell.number or 0 for cell in cells)
    values = [_value(cell, most) for cell in cells]
    names = {"title": None, "domain": False, "ticks": False, "labelColor": SCREEN.text, "labelFontSize": 14}
    return {
        "data": {"values": values},
        "width": {"step": max(of.column, wide(value["shown"] for value in values))},
        "height": {"step": of.row},
        "encoding": {
            "x": {
                **_in_order("column", columns, of.gaps[0]),
                "axis": {**names, "orient": "top", "labelAngle": -90, "labelLimit": of.column_name},
            },
            "y": {**_in_order("row", rows, of.gaps[1]), "axis": {**names, "labelLimit": 230}},
        },
        "layer": [
            {"mark": "rect", "encoding": {"color": _as_it_is("fill")}},
            {
                "mark": {"type": "text", "fontSize": of.number},
                "encoding": {"text": {"field": "shown"}, "color": _as_it_is("ink")},
            },
        ],
        "config": {"aria": False, "background": None, "font": "Source Sans 3", "view": {"stroke": None}},
    }


def _in_order(field: str, names: Sequence[str], gap: float) -> dict[str, Any]:
    return {
        "field": field,
        "type": "nominal",
        "sort": list(names),
        "scale": {"paddingInner": gap, "paddingOuter": 0},
    }


def _as_it_is(field: str) -> dict[str, Any]:
    return {"field": field, "type": "nominal", "scale": None}


def _value(cell: Square, most: int) -> dict[str, Any]:
    shade = -(-(cell.number or 0) * SHADES // most)
    return {
        "row": cell.row,
        "column": cell.column,
        "shown": "–" if cell.number is None else format_number(cell.number) if cell.number else "",
        "fill": f"var(--heat-{shade})" if shade else "var(--panel)",
        "ink": INKS[shade],
    }
