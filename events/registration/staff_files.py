"""The list of registrations as files for spreadsheets, written while they are read."""

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence

import asyncpg
import xlsxwriter

from events.core.i18n import gettext as _
from events.core.text import harmless_cell
from events.registration.staff_columns import Words, file_rows, headings
from events.registration.staff_queries import lines

CHUNK = 500
"""Lines that are made at a time."""

PIECE = 64 * 1024
"""Bytes of a finished workbook that are sent at a time."""


def csv_file(rows: Sequence[asyncpg.Record], columns: Sequence[str], words: Words) -> Iterator[bytes]:
    """Write semicolons, UTF-8 with its mark, no cell that runs as a formula."""
    yield "\ufeff".encode()
    yield _csv([headings(columns)])
    for first in range(0, len(rows), CHUNK):
        yield _csv(file_rows(lines(rows[first : first + CHUNK]), columns, words))


def _csv(rows: Sequence[Sequence[str | int]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";").writerows(
        [[harmless_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    )
    return buffer.getvalue().encode()


def xlsx_file(rows: Sequence[asyncpg.Record], columns: Sequence[str], words: Words) -> Iterator[bytes]:
    """Write a workbook whose texts are texts whatever they look like; it is on disk, never whole in memory."""
    with tempfile.TemporaryFile() as file:
        with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
            sheet = book.add_worksheet(_("Registrations")[:31])
            sheet.freeze_panes(1, 2)
            sheet.set_column(0, len(columns) + 1, 18)
            head = book.add_format({"bold": True, "bottom": 1})
            for column, text in enumerate(headings(columns)):
                sheet.write_string(0, column, text, head)
            for first in range(0, len(rows), CHUNK):
                made = file_rows(lines(rows[first : first + CHUNK]), columns, words)
                for row, cells in enumerate(made, start=first + 1):
                    for column, cell in enumerate(cells):
                        if isinstance(cell, str):
                            sheet.write_string(row, column, cell)
                        else:
                            sheet.write_number(row, column, cell)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece
