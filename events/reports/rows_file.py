"""The rows behind a figure as a file of any length: read from one snapshot, kept on disk, never whole in memory."""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import IO, Any

import xlsxwriter
from asyncpg import Record

from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.i18n import pick
from events.core.replica import snapshot
from events.core.text import harmless_row
from events.network import queries as network
from events.reports import words
from events.reports.counting import found
from events.reports.filters import Filters, Reach
from events.reports.rows import ALL, PERSON_NAMED, Behind, shown_of
from events.reports.words import Words

HEADINGS: Mapping[str, Words] = {
    "held_on": _l("Date"),
    "title": _l("Event"),
    "kind": _l("Kind of event"),
    "host_region": _l("Region of the event"),
    "given_name": _l("Given name"),
    "family_name": _l("Family name"),
    "organisation": _l("Organisation"),
    "business_id": _l("Business ID"),
    "organisation_type": _l("Type of organisation"),
    "size_class": _l("Size class"),
    "municipality": _l("Municipality"),
    "region": _l("Region"),
    "role": _l("Role"),
    "site_mode": _l("Way of attending"),
    "minutes": _l("Minutes"),
    "event": _l("Address of the event"),
}
"""Column → its heading: a person opens this file; programs have the names of the JSON."""

CODED = ("kind", "host_region", "organisation_type", "size_class", "municipality", "region", "role", "site_mode")
"""Columns with names, as of the day of the event. A CSV file has their codes in columns of their own, at the end; a
workbook has a sheet that tells them, as another third of cells would take another third of the time to write."""

COLUMNS: Mapping[str, type] = {
    **dict.fromkeys(HEADINGS, str),
    "held_on": date,
    "minutes": int,
    **{f"{name}_code": str for name in CODED},
}
"""Column of the CSV file → the type of its values; a workbook has those with a heading."""

MAY_BE_EMPTY = {"given_name", "family_name", "organisation", "business_id", "municipality", "municipality_code"}
"""Columns without a value in some rows: the names of who was erased, and what is not known or does not apply."""

CHUNK = 5_000
"""Rows that are read at a time."""

PIECE = 64 * 1024
"""Bytes that are sent at a time."""

MOST_ROWS = 1_048_576
"""Rows that a sheet can have."""

_SELECT = f"""
SELECT shown.held_on, event.slug AS event, event.title_fi, event.title_sv, event.title_en, shown.event_kind AS kind,
    frozen.host_region, person.given_name, person.family_name, coalesce(organisation.name, '') AS organisation,
    coalesce(organisation.business_id, '') AS business_id, shown.organisation_type, shown.size_class,
    frozen.municipality, shown.region, shown.role, shown.site_mode, shown.minutes
FROM shown
JOIN participation AS frozen ON frozen.id = shown.id
JOIN event ON event.id = shown.event
JOIN registration ON registration.id = shown.registration
JOIN person ON person.id = registration.person
LEFT JOIN organisation ON organisation.id = shown.organisation
ORDER BY shown.held_on, event.slug, {PERSON_NAMED}, shown.id
"""

Cells = list[str | int | date]


def heading(column: str) -> str:
    """Name a column in the present language."""
    if column in HEADINGS:
        return str(HEADINGS[column])
    return _("%(name)s, code", name=HEADINGS[column.removesuffix("_code")])


async def csv_file(filters: Filters, reach: Reach, behind: Behind = ALL) -> AsyncIterator[bytes]:
    """Write the rows behind a figure with commas, UTF-8, no cell that runs as a formula."""
    with tempfile.TemporaryFile() as file:
        await asyncio.to_thread(_write_csv, file, [[heading(each) for each in COLUMNS]])
        async for chunk in _chunks(filters, reach, behind):
            await asyncio.to_thread(_write_csv, file, chunk)
        for piece in _pieces(file):
            yield piece


async def xlsx_file(filters: Filters, reach: Reach, behind: Behind = ALL) -> AsyncIterator[bytes]:
    """Write the rows as a workbook in which texts stay texts; what does not fit on a sheet goes to further ones."""
    with tempfile.TemporaryFile() as file:
        book = xlsxwriter.Workbook(file, {"constant_memory": True})
        styles = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet, row = _sheet(book, styles[0]), 1
        async for chunk in _chunks(filters, reach, behind):
            if row + len(chunk) > MOST_ROWS:
                sheet, row = _sheet(book, styles[0]), 1
            await asyncio.to_thread(_fill, sheet, row, chunk, styles[1])
            row += len(chunk)
        _tell_codes(book, styles[0], await _names())
        await asyncio.to_thread(book.close)
        for piece in _pieces(file):
            yield piece


async def _chunks(filters: Filters, reach: Reach, behind: Behind) -> AsyncIterator[list[Cells]]:
    async with snapshot() as connection:
        opened = await shown_of(behind)
        if opened is None:
            return
        names = await _names()
        shown, given = opened[0], (*found.arguments(filters, reach), *opened[1])
        await connection.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")
        cursor = await connection.cursor(f"{shown} {_SELECT}", *given)
        while rows := await cursor.fetch(CHUNK):
            yield [_cells(row, names) for row in rows]


async def _names() -> dict[str, Mapping[str, str]]:
    """Return of each column with codes what they are called in the present language."""
    regions = await words.cell_names("region")
    alike = {name: await words.cell_names(name) for name in ("organisation_type", "size_class", "site_mode")}
    return {
        **alike,
        "kind": await words.cell_names("event_kind"),
        "role": {code: str(name) for code, name in words.ROLES.items()},
        "region": regions,
        "host_region": regions,
        "municipality": {each.code: each.name for each in await network.municipalities()},
    }


def _cells(row: Record, names: Mapping[str, Mapping[str, str]]) -> Cells:
    title = pick({code: row[f"title_{code}"] for code in ("fi", "sv", "en")})[0]
    codes = {name: row[name] or "" for name in CODED}
    values = {
        **row,
        "title": title,
        **{name: names[name].get(code, code) for name, code in codes.items()},
        **{f"{name}_code": code for name, code in codes.items()},
    }
    return [values[name] for name in COLUMNS]


def _write_csv(file: IO[bytes], rows: Sequence[Sequence[Any]]) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([harmless_row(row) for row in rows])
    file.write(buffer.getvalue().encode())


def _sheet(book: Any, head: Any) -> Any:
    return _headed(book, f"{_('Participations')[:25]} {len(book.worksheets()) + 1}", map(heading, HEADINGS), head)


def _headed(book: Any, name: str, headings: Iterable[str], head: Any) -> Any:
    sheet, texts = book.add_worksheet(name), list(headings)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(texts) - 1, 18)
    sheet.write_row(0, 0, texts, head)
    return sheet


def _tell_codes(book: Any, head: Any, names: Mapping[str, Mapping[str, str]]) -> None:
    """Write on the last sheet which code each name stands for, column by column."""
    sheet = _headed(book, _("Codes"), (_("Column"), _("Name"), _("Code")), head)
    lines = [(heading(column), name, code) for column in CODED for code, name in names[column].items()]
    for number, line in enumerate(lines, start=1):
        for place, text in enumerate(line):
            sheet.write_string(number, place, text)


def _fill(sheet: Any, first: int, rows: Sequence[Cells], day: Any) -> None:
    for number, cells in enumerate(rows, start=first):
        for column, value in enumerate(cells[: len(HEADINGS)]):
            if isinstance(value, str):
                if value:
                    sheet.write_string(number, column, value)
            elif isinstance(value, date):
                sheet.write_datetime(number, column, value, day)
            else:
                sheet.write_number(number, column, value)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece
