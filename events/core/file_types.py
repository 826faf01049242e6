"""What a file is, told by its content: what its name or its sender says of it is not believed.

Taken are PDF, PNG, JPEG, documents of Office (Office Open XML) and LibreOffice (ODF), plain text and CSV. All else is
refused: programs, pages (HTML, SVG), documents with macros, and archives, whose content nobody sees before opening it.
"""

import zipfile
from collections.abc import Mapping
from pathlib import PurePath
from typing import IO

from msgspec import Struct

from events.core.text import clean_line


class FileType(Struct, frozen=True):
    """A media type and the ending of its files."""

    media_type: str
    ending: str


_BY_BEGINNING = {
    b"%PDF-": FileType("application/pdf", ".pdf"),
    b"\x89PNG\r\n\x1a\n": FileType("image/png", ".png"),
    b"\xff\xd8\xff": FileType("image/jpeg", ".jpg"),
}
_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_BY_FOLDER = {
    "word/": FileType(f"{_OPEN_XML}.wordprocessingml.document", ".docx"),
    "ppt/": FileType(f"{_OPEN_XML}.presentationml.presentation", ".pptx"),
    "xl/": FileType(f"{_OPEN_XML}.spreadsheetml.sheet", ".xlsx"),
}

MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": f"{_OPEN_XML}.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "json": "application/json",
}
"""Of the files that the service makes, by their ending."""

_ODF = "application/vnd.oasis.opendocument"
_BY_MIMETYPE = {
    f"{_ODF}.{name}".encode(): FileType(f"{_ODF}.{name}", ending)
    for name, ending in (("text", ".odt"), ("presentation", ".odp"), ("spreadsheet", ".ods"))
}
_BY_ENDING = {".txt": FileType("text/plain", ".txt"), ".csv": FileType("text/csv", ".csv")}
_CONTROL = frozenset(range(0x20)) - {*b"\t\n\f\r"}
"""Bytes that no text holds, in whichever of the encodings that spreadsheets write."""

_CHUNK = 256 * 1024
_LONGEST_NAME = 150


def recognise(content: IO[bytes], name: str) -> FileType | None:
    """Say what a file is, or None for what is not taken; the position is at the beginning afterwards."""
    content.seek(0)
    try:
        return _recognise(content, name)
    finally:
        content.seek(0)


def download_name(name: str, kind: FileType) -> str:
    """Return a name to save a file under: that of the sender without its path, with the ending of what it is."""
    line = clean_line(name.replace("\\", "/").rsplit("/", 1)[-1])
    return (PurePath(line).stem.strip(". ")[:_LONGEST_NAME] or "file") + kind.ending


def _recognise(content: IO[bytes], name: str) -> FileType | None:
    begin = content.read(8)
    for mark, kind in _BY_BEGINNING.items():
        if begin.startswith(mark):
            return kind
    if begin.startswith(b"PK"):
        return _document(content)
    content.seek(0)
    return _BY_ENDING.get(PurePath(name.lower()).suffix) if _is_text(content) else None


def _document(content: IO[bytes]) -> FileType | None:
    try:
        with zipfile.ZipFile(content) as archive:
            names = archive.namelist()
            if "mimetype" in names:
                with archive.open("mimetype") as declared:
                    return _BY_MIMETYPE.get(declared.read(100).strip())
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError):
        return None
    if "[Content_Types].xml" not in names or any(each.lower().endswith("vbaproject.bin") for each in names):
        return None
    return next((kind for part, kind in _BY_FOLDER.items() if any(each.startswith(part) for each in names)), None)


def _is_text(content: IO[bytes]) -> bool:
    some = False
    while chunk := content.read(_CHUNK):
        some = True
        if not _CONTROL.isdisjoint(chunk):
            return False
    return some
