"""The charts of a funder's report: drawn from the report alone, so that a frozen one comes out the same again."""

from events.core.i18n import in_language
from events.reports.charts import PAPER, drawn
from events.reports.funder.shapes import FunderReportView, Part
from events.reports.region_map import drawn_map
from events.reports.shapes import BreakDown, Cell

MISSING = "–"
"""Stands for a number that is hidden, as in the table beside."""


async def pictures(view: FunderReportView) -> dict[str, str]:
    """Draw the charts of a report in its language: break-down → SVG. Raises DrawingFailed."""
    with in_language(view.language):
        made = {part.by: await _picture(view, part) for part in view.parts if part.chart}
    return {by: svg for by, svg in made.items() if svg}


async def _picture(view: FunderReportView, part: Part) -> str:
    if part.by == "region":
        return drawn_map(view.tiles) if any(tile.participations for tile in view.tiles) else ""
    cells = [Cell(code=cell.code, name=cell.name, participations=cell.participations) for cell in part.cells]
    each = BreakDown(by=part.by, name=part.name, overlapping=False, cells=cells)
    return await drawn(each, PAPER, label=part.chart, hidden=MISSING)
