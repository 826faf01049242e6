"""The participation tables of a funder's report, and what its charts show."""

from collections.abc import Collection

from events.core.i18n import gettext as _
from events.reports import words
from events.reports.charts import chart_label
from events.reports.funder.shapes import Part, PartCell
from events.reports.region_map import PLACES, SHORT, MapTile
from events.reports.shapes import BreakDown, Cell, ParticipationReport

CHARTED = ("month", "organisation_type", "size_class")
"""The tables that have bars beside them; the regions have a map."""


def parts_of(made: ParticipationReport) -> list[Part]:
    """Return the break-downs of a project's report; by project there is but one row, unless events are shared."""
    return [
        Part(
            by=each.by,
            name=each.name,
            note=made.definitions["overlapping"] if each.overlapping else _size_note(made, each.by),
            cells=[part_cell(cell) for cell in each.cells],
            chart=_chart(each),
        )
        for each in made.break_downs
        if each.cells and each.by != "project"
    ]


def part_cell(cell: Cell) -> PartCell:
    """Return a row as reports keep it."""
    return PartCell(**{name: getattr(cell, name) for name in PartCell.__struct_fields__})


async def tiles_of(made: ParticipationReport, targets: Collection[str]) -> list[MapTile]:
    """Return the regions on the map, those of which nobody came too; `targets` are to be reached."""
    names, known = await words.cell_names("region"), {cell.code: cell for cell in made.cells("region")}
    return [
        MapTile(
            code=code,
            short=str(SHORT[code]),
            name=names.get(code, code),
            participations=known[code].participations if code in known else 0,
            target=code in targets,
        )
        for code in PLACES
    ]


def _size_note(made: ParticipationReport, by: str) -> str:
    return made.definitions["company_size"] if by == "size_class" else ""


def _chart(each: BreakDown) -> str:
    if each.by == "region":
        return _("Map of the regions with their participations; the same figures are in the table.")
    return chart_label(each) if each.by in CHARTED else ""
