"""The dashboard as files: each part as CSV, all of it as a workbook."""

import csv
import io
from typing import Any

from events.core.i18n import format_datetime
from events.core.i18n import gettext as _
from events.core.text import harmless_row
from events.core.workbook import text_workbook
from events.reports.dashboard.asked import in_words
from events.reports.dashboard.parts import DEFINED, TITLES, Line, Part, headings, part
from events.reports.dashboard.shapes import Dashboard


def csv_file(made: Part) -> bytes:
    """Write a part below its headings; UTF-8, commas, hidden figures empty, no cell that runs as a formula."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(headings(made.columns))
    writer.writerows([harmless_row(row) for row in made.rows])
    return buffer.getvalue().encode()


def xlsx_file(made: Dashboard) -> bytes:
    """Write a workbook: what it is about with all definitions, then a sheet for each part that has rows."""
    buffer = io.BytesIO()
    with text_workbook(buffer, days=True) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        _summary(book, head, made)
        for name in TITLES:
            each = part(made, name)
            if each.rows:
                _sheet(book, head, each)
    return buffer.getvalue()


def _summary(book: Any, head: Any, made: Dashboard) -> None:
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(_("Summary"))
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 90)
    left_out = ", ".join(dict.fromkeys(left_out_names(made)))
    rows: list[Line] = [
        (_("Dashboard"), format_datetime(made.made_at)),
        *((each.label, each.value) for each in in_words(made)),
        (_("What counts"), made.rule),
        *([(_("Not shown here"), left_out)] if left_out else []),
    ]
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row, wrap)
    sheet.write_row(len(rows) + 1, 0, (_("Definitions"),), head)
    for number, (name, text) in enumerate(made.definitions.items(), start=len(rows) + 2):
        sheet.write_row(number, 0, (str(DEFINED.get(name, name)), text), wrap)


def left_out_names(made: Dashboard) -> list[str]:
    """Name the parts that this reader does not get."""
    names = {"persons": "returning", "organisations": "returning"}
    return [str(TITLES[names.get(each, each)]) for each in made.hidden]


def _sheet(book: Any, head: Any, each: Part) -> None:
    sheet = book.add_worksheet(each.sheet)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(each.columns) - 1, 18)
    sheet.write_row(0, 0, headings(each.columns), head)
    for number, row in enumerate(each.rows, start=1):
        sheet.write_row(number, 0, row)
