"""Tables that people send: CSV as spreadsheets write it in any of the usual encodings, and XLSX.

Every cell comes out as clean text; a row keeps the number of its line in the file, so that it can be named in a report.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, ClassVar

from msgspec import Struct, field
from python_calamine import CalamineError, CalamineWorkbook

from events.core.decoding import SAMPLE, decoded, is_utf16
from events.core.errors import ServiceError
from events.core.i18n import gettext as _
from events.core.text import clean_text, fold

MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED = 60 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 200

_DELIMITERS = ";\t,"
_CELL = re.compile(rb'<(?:\w+:)?(?:c|row)\b[^>]*?\br="([A-Z]*)(\d+)"')


class Unreadable(ServiceError):
    """A file that is no table we know how to read."""

    status: ClassVar[int] = 422
    code = "unreadable_file"

    def default_message(self) -> str:
        return _("The file is neither CSV nor XLSX.")


class Row(Struct, frozen=True):
    """One row: `line` as in the file (from 1), `cells` by heading, `surplus` what stood beyond the last heading."""

    line: int
    cells: dict[str, str]
    surplus: tuple[str, ...] = ()

    def get(self, heading: str | None) -> str:
        """Return a cell's text, "" for an empty one or for no column at all."""
        return self.cells.get(heading, "") if heading is not None else ""


class Table(Struct, frozen=True):
    """Headings in their order and the rows below that are not empty; `line` is that of the headings."""

    headers: list[str]
    rows: list[Row]
    line: int = 1

    def find(self, *names: str) -> str | None:
        """Return the first heading that is one of `names`, whatever its case, accents and punctuation."""
        wanted = {fold(name) for name in names}
        return next((header for header in self.headers if fold(header) in wanted), None)


class Refused(Struct, frozen=True):
    """A row that was not taken, or a remark about one that was: its line in the file and why."""

    line: int
    reason: str


Progress = Callable[[int, int], None]
"""Hears how many rows are done, and of how many."""


class ImportReport(Struct):
    """What an import did, or would do when it was a dry run; counts are rows of the file.

    `left_out` are rows that say themselves that they are not meant to be taken; that is nothing to mend.
    """

    dry_run: bool = False
    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)
    warnings: list[Refused] = field(default_factory=list)
    left_out: list[Refused] = field(default_factory=list)

    @property
    def nothing_taken(self) -> bool:
        """Whether rows were refused and not one was taken, or known already."""
        return bool(self.refused) and not (self.added or self.changed or self.unchanged)


def read_table(source: Path | bytes, filename: str = "") -> Table:
    """Read a table whose first row that is not empty holds the headings; `filename` names bytes in messages.

    Raises Unreadable for what is no table, FileNotFoundError for a path that leads nowhere.
    """
    if isinstance(source, Path):
        if source.stat().st_size > MAX_BYTES:
            raise Unreadable(_("The file is larger than 5 MB."))
        filename, source = filename or source.name, source.read_bytes()
    return _table(_numbered_rows(source))


def read_rows(source: bytes) -> list[list[str]]:
    """Read the rows of a file as they stand, empty ones too: for reports that hold several tables one below the other.

    Cells are clean text. Raises Unreadable for what is neither CSV nor XLSX, or too large.
    """
    rows: list[list[str]] = []
    for _line, cells in _numbered_rows(source, delimiter=_commonest_delimiter):
        if len(rows) >= MAX_ROWS or len(cells) > MAX_COLUMNS:
            raise Unreadable(_("The table has too many rows or columns."))
        rows.append([clean_text(cell) for cell in cells])
    return rows


def _numbered_rows(source: bytes, delimiter: Callable[[str], str] | None = None) -> Iterator[tuple[int, list[str]]]:
    if len(source) > MAX_BYTES:
        raise Unreadable(_("The file is larger than 5 MB."))
    if source[:4] == b"PK\x03\x04":
        return _xlsx_rows(source)
    if b"\x00" in source[:SAMPLE] and not is_utf16(source):
        raise Unreadable
    text = decoded(source)
    return _csv_rows(text, delimiter(text) if delimiter else "")


def _csv_rows(text: str, delimiter: str = "") -> Iterator[tuple[int, list[str]]]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    begin = next((number for number, line in enumerate(lines) if line.strip(_DELIMITERS + ' "')), len(lines))
    told = re.fullmatch(r"\s*sep=(.)\s*", lines[begin]) if begin < len(lines) else None
    if told:
        begin += 1
    delimiter = told.group(1) if told else delimiter or _delimiter("\n".join(lines[begin : begin + 5]))
    reader = csv.reader((f"{line}\n" for line in lines[begin:]), delimiter=delimiter)
    line = begin + 1
    try:
        for cells in reader:
            yield line, cells
            line = begin + reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(_("Line %(line)s of the file cannot be read.", line=line)) from error


def _delimiter(head: str) -> str:
    heading = re.sub(r'"[^"]*"', "", head).lstrip("\n").split("\n", 1)[0]
    return max(_DELIMITERS, key=heading.count) if any(sign in heading for sign in _DELIMITERS) else ","


def _commonest_delimiter(text: str) -> str:
    """Choose by the whole text: the line above the first table of a report may hold a title alone."""
    most = {sign: max((line.count(sign) for line in text.splitlines()), default=0) for sign in _DELIMITERS}
    return "\t" if most["\t"] > 1 else ";" if most[";"] > 1 else ","


def _xlsx_rows(source: bytes) -> Iterator[tuple[int, list[str]]]:
    _refuse_bombs(source)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(source))
        sheets = [sheet.name for sheet in book.sheets_metadata]
        for name in sheets:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if any(any(cell != "" for cell in row) for row in rows):
                yield from ((number, [_as_text(cell) for cell in row]) for number, row in enumerate(rows, 1))
                return
    except (CalamineError, OSError, ValueError) as error:
        raise Unreadable from error


def _refuse_bombs(source: bytes) -> None:
    """Refuse what unpacks to much more than it is: a sheet is held as a full rectangle up to its last cell."""
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED:
                raise Unreadable(_("The file is too large when unpacked."))
            for name in archive.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    _refuse_wide(archive.read(name))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise Unreadable from error


def _refuse_wide(sheet: bytes) -> None:
    for column, row in _CELL.findall(sheet):
        if int(row) > MAX_ROWS or len(column) > 2:  # noqa: PLR2004 - three letters begin at column 703
            raise Unreadable(_("The table has too many rows or columns."))


def _as_text(cell: Any) -> str:
    match cell:
        case bool():
            text = "true" if cell else "false"
        case float():
            text = str(int(cell)) if cell.is_integer() else repr(cell)
        case datetime():
            text = cell.strftime("%Y-%m-%d %H:%M" if cell.second == 0 else "%Y-%m-%d %H:%M:%S")
        case time():
            text = cell.strftime("%H:%M")
        case timedelta():
            minutes = round(cell.total_seconds() / 60)
            text = f"{minutes // 60:02}:{minutes % 60:02}"
        case _:
            text = str(cell)
    return text


def _table(numbered: Iterable[tuple[int, list[str]]]) -> Table:
    headers: list[str] = []
    rows: list[Row] = []
    first = 1
    for line, raw in numbered:
        cells = [clean_text(cell) for cell in raw]
        if not any(cells):
            continue
        if not headers:
            headers, first = _headings(cells), line
            continue
        if len(rows) >= MAX_ROWS:
            raise Unreadable(_("The table has too many rows or columns."))
        cells += [""] * (len(headers) - len(cells))
        surplus = tuple(cell for cell in cells[len(headers) :] if cell)
        rows.append(Row(line, dict(zip(headers, cells, strict=False)), surplus))
    if not headers:
        raise Unreadable(_("The file is empty."))
    return Table(headers, rows, first)


def _headings(cells: list[str]) -> list[str]:
    """Make headings unique and none empty, so that no column is lost behind another."""
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MAX_COLUMNS:
        raise Unreadable(_("The table has too many rows or columns."))
    headings: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = cell or f"#{number}"
        headings.append(name if name not in headings else f"{name} #{number}")
    return headings
