"""A comparison as CSV and XLSX: the same rows as on the page."""

import csv
import io
from collections.abc import Iterator, Sequence

from events.core.i18n import gettext as _
from events.core.text import harmless_row
from events.core.workbook import text_workbook
from events.surveys.comparing.queries import Comparison
from events.surveys.comparing.tables import Table, apart
from events.surveys.results.figures import Cell


def csv_file(made: Comparison, shown: Sequence[Table]) -> bytes:
    """Write all rows below their headings; of a matrix the first column says which of its rows it is."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    for row in _rows(made, shown):
        writer.writerow(harmless_row(row))
    return buffer.getvalue().encode()


def xlsx_file(made: Comparison, shown: Sequence[Table], about: Sequence[tuple[str, str]]) -> bytes:
    """Write a workbook: what is compared with `about`, names and values of what was chosen; then all rows."""
    buffer = io.BytesIO()
    with text_workbook(buffer) as book:
        head, wrap = book.add_format({"bold": True, "bottom": 1}), book.add_format({"text_wrap": True, "valign": "top"})
        summary = book.add_worksheet(_("Summary")[:31])
        summary.set_column(0, 0, 32)
        summary.set_column(1, 1, 80)
        left_out = ("", _("Surveys in which fewer than five answered it are in no figure, sums included."))
        several = [("", apart())] if len(made.totals) > 1 else []
        for number, row in enumerate([(_("Question"), made.question.label[0]), *about, left_out, *several]):
            summary.write_row(number, 0, row, wrap)
        sheet = book.add_worksheet(_("Answers")[:31])
        sheet.set_column(0, 1, 40)
        sheet.freeze_panes(1, 0)
        for number, cells in enumerate(_rows(made, shown)):
            sheet.write_row(number, 0, cells, head if number == 0 else None)
    return buffer.getvalue()


def _rows(made: Comparison, shown: Sequence[Table]) -> Iterator[tuple[Cell, ...]]:
    matrix = bool(made.question.rows)
    yield (_("Row"), *shown[0].headings) if matrix else shown[0].headings
    for table in shown:
        for line in table.lines:
            yield (table.title, line.name, *line.cells) if matrix else (line.name, *line.cells)
