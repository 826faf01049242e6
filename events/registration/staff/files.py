"""The list of registrations as files for spreadsheets, read and written a piece at a time."""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import xlsxwriter

from events.core.i18n import gettext as _
from events.core.text import harmless_row
from events.registration.staff.columns import Column, Words, file_rows, headings
from events.registration.staff.queries import lines

CHUNK = 1_000
"""Registrations that are read at a time: no connection is held while a slow reader takes the rest."""

PIECE = 64 * 1024
"""Bytes of a finished workbook that are sent at a time."""

Rows = list[list[str | int]]


async def csv_file(registrations: Sequence[UUID], columns: Sequence[Column], words: Words) -> AsyncIterator[bytes]:
    """Write semicolons, UTF-8 with its mark, no cell that runs as a formula."""
    yield "\ufeff".encode() + csv_rows([[*headings(columns)]])
    async for rows in _rows(registrations, columns, words):
        yield csv_rows(rows)


async def xlsx_file(registrations: Sequence[UUID], columns: Sequence[Column], words: Words) -> AsyncIterator[bytes]:
    """Write a workbook whose texts are texts whatever they look like; it is on disk, never whole in memory."""
    with tempfile.TemporaryFile() as file:
        book = xlsxwriter.Workbook(file, {"constant_memory": True})
        sheet = book.add_worksheet(_("Registrations")[:31])
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, len(columns) + 1, 18)
        head = book.add_format({"bold": True, "bottom": 1})
        for column, text in enumerate(headings(columns)):
            sheet.write_string(0, column, text, head)
        first = 1
        async for rows in _rows(registrations, columns, words):
            await asyncio.to_thread(_fill, sheet, first, rows)
            first += len(rows)
        await asyncio.to_thread(book.close)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


async def _rows(registrations: Sequence[UUID], columns: Sequence[Column], words: Words) -> AsyncIterator[Rows]:
    for first in range(0, len(registrations), CHUNK):
        yield file_rows(await lines(registrations[first : first + CHUNK]), columns, words)


def csv_rows(rows: Rows) -> bytes:
    """Return rows with semicolons between their cells, none of which runs as a formula."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";").writerows([harmless_row(row) for row in rows])
    return buffer.getvalue().encode()


def _fill(sheet: Any, first: int, rows: Rows) -> None:
    for row, cells in enumerate(rows, start=first):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(row, column, cell)
            else:
                sheet.write_number(row, column, cell)
