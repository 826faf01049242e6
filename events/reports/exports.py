"""The report as CSV and XLSX; the same figures as on the page."""

import csv
import io
import struct
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.image import Image

from events.core.i18n import format_date, format_datetime
from events.core.i18n import gettext as _
from events.core.text import harmless_row
from events.core.workbook import text_workbook
from events.network import queries as network
from events.reports import words
from events.reports.filters import Filters
from events.reports.shapes import Cell, ParticipationReport

CSV_HEADER = ("section", "code", "name", "participations", "persons", "organisations", "minutes", "hours")
"""Stable names: programs read them."""

EMBLEM_HEIGHT, EMBLEM_WIDTH = 48, 110
"""Pixels that an emblem may take of its cell."""

Line = tuple[str | float | date | None, ...]


def csv_file(made: ParticipationReport) -> bytes:
    """Write every figure as one line of (section, code, name, figures); UTF-8, commas, hidden figures empty."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(CSV_HEADER)
    writer.writerows([harmless_row(line) for line in _lines(made)])
    return buffer.getvalue().encode()


def _lines(made: ParticipationReport) -> Iterator[Line]:
    yield ("total", "", "", *_figures(made.totals))
    yield ("uncertain", "", _("Participations whose person is not certain"), made.uncertain, None, None, None, None)
    for each in made.break_downs:
        for cell in each.cells:
            yield (each.by, cell.code, cell.name, *_figures(cell))
    for line in made.events:
        yield ("event", line.slug, line.title, line.participations, None, None, line.minutes, None)
    for beside in made.not_counted:
        yield (f"not_counted_{beside.why}", beside.code, beside.name, beside.participations, None, None, None, None)
    for line in made.not_reconciled:
        yield ("not_reconciled", line.slug, line.title, None, None, None, None, None)
    for mark in made.marks:
        yield ("mark", mark.code, mark.statement, None, None, None, None, None)


def _figures(cell: Cell) -> Line:
    return cell.participations, cell.persons, cell.organisations, cell.minutes, cell.hours


async def xlsx_file(made: ParticipationReport) -> bytes:
    """Write a workbook: a sheet with totals, definitions and marks, then the break-downs and events."""
    emblems = await network.emblems(mark.code for mark in made.marks)
    buffer = io.BytesIO()
    with text_workbook(buffer, days=True) as book:
        styles = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        _summary_sheet(book, styles, made, {code: content for code, (content, _type) in emblems.items()})
        headings = [str(words.FIGURES[name]) for name in ("participations", "persons", "organisations")]
        headings += [_("Minutes"), _("Hours")]
        for each in made.break_downs:
            rows = [(cell.code, cell.name, *_figures(cell)) for cell in each.cells]
            _sheet(book, styles, each.name, [_("Code"), each.name, *headings], rows)
        events = [(line.slug, line.title, line.held_on, line.participations, line.minutes) for line in made.events]
        columns = [_("Code"), _("Event"), _("Date"), str(words.FIGURES["participations"]), _("Minutes")]
        _sheet(book, styles, _("Events"), columns, events)
    return buffer.getvalue()


def _summary_sheet(
    book: Any, styles: Mapping[str, Any], made: ParticipationReport, emblems: Mapping[str, bytes]
) -> None:
    sheet = book.add_worksheet(_("Summary"))
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 16)
    sheet.set_column(2, 2, 90)
    rows: list[Line] = [(_("Participation report"), "", format_datetime(made.made_at))]
    rows += [(name, "", value) for name, value in described_filters(made)]
    rows += [(str(words.FIGURES[name]), value, made.definitions[name]) for name, value in key_figures(made)]
    rows += [
        (_("Person-days"), made.person_days, ""),
        (_("Participations whose person is not certain"), made.uncertain, made.definitions["uncertain"]),
        (_("Persons without an address"), made.totals.without_address, ""),
        (_("Participations without an organisation"), made.totals.without_organisation, ""),
        (_("What counts"), "", made.rule),
    ]
    rows += [(_("Not counted: %(name)s", name=each.name), each.participations, "") for each in made.not_counted]
    rows += [
        (_("Held, not reconciled, left out"), "", f"{line.title}, {line.held_on.isoformat()}")
        for line in made.not_reconciled
    ]
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row, styles["wrap"])
    for number, mark in enumerate(made.marks, start=len(rows)):
        sheet.write_row(number, 0, (mark.name, "", mark.statement), styles["wrap"])
        if mark.code in emblems:
            _put_emblem(sheet, number, emblems[mark.code], mark.emblem_alt, styles["wrap"])


def _put_emblem(sheet: Any, row: int, content: bytes, alt: str, style: Any) -> None:
    """Set a picture beside the project's name; of a kind that spreadsheets do not know, what it says."""
    try:
        picture = Image(io.BytesIO(content))
    except (XlsxWriterException, struct.error):
        sheet.write(row, 1, alt, style)
        return
    height, width = EMBLEM_HEIGHT / picture.height, EMBLEM_WIDTH / picture.width
    scale = min(height, width, 1.0)
    sheet.set_row_pixels(row, EMBLEM_HEIGHT + 4)
    sheet.insert_image(row, 1, picture, {"x_scale": scale, "y_scale": scale, "description": alt})


def _sheet(book: Any, styles: Mapping[str, Any], name: str, headings: list[str], rows: Sequence[Line]) -> None:
    sheet = book.add_worksheet(name[:31])
    sheet.write_row(0, 0, headings, styles["head"])
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 40)
    sheet.set_column(2, len(headings), 16)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, start=1):
        sheet.write_row(number, 0, row)


def key_figures(made: ParticipationReport) -> list[tuple[str, int | None]]:
    """The four numbers by their names; person-hours in minutes."""
    return [(name, getattr(made.totals, name)) for name in words.FIGURES]


def described_filters(made: ParticipationReport) -> list[tuple[str, str]]:
    """What the report is about, in words: (name of the filter, value)."""
    return described(made.filters, made.filter_names)


def described(chosen: Filters, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Say in words what filters let in, given the names of their values: (name of the filter, value)."""
    period = "–".join(format_date(day, style="short") if day else "…" for day in (chosen.start, chosen.end))
    values = [
        (_("Period"), period if chosen.start or chosen.end else _("All")),
        (_("Project"), chosen.project),
        (_("Participants’ region"), names.get("region")),
        (_("Theme"), names.get("theme")),
        (_("Kind of event"), names.get("kind")),
        (_("Host region"), names.get("host")),
        (_("Series"), names.get("series")),
        (_("Type of organisation"), names.get("type")),
        (_("Size of company"), names.get("size")),
        (_("How they attended"), names.get("mode")),
    ]
    return [(name, value) for name, value in values if value]
