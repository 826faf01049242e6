"""Kept files: whole or not at all, known by their content, and none that lies about without a row."""

import io
import os
import zipfile
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from events.core import clock, files
from events.core.file_types import download_name, recognise
from events.core.settings import get_settings

PDF = b"%PDF-1.7\n%nothing more\n"


def archive(*names: str, mimetype: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        if mimetype:
            made.writestr("mimetype", mimetype)
        for name in names:
            made.writestr(name, "x")
    return buffer.getvalue()


WORD = archive("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("content", "name", "ending"),
    [
        (PDF, "slides.pdf", ".pdf"),
        (PDF, "slides.exe", ".pdf"),
        (b"\x89PNG\r\n\x1a\n....", "a.png", ".png"),
        (b"\xff\xd8\xff\xe0....", "a", ".jpg"),
        (WORD, "a.docx", ".docx"),
        (archive("[Content_Types].xml", "ppt/presentation.xml"), "a.zip", ".pptx"),
        (archive("[Content_Types].xml", "xl/workbook.xml"), "a.xlsx", ".xlsx"),
        (archive(mimetype="application/vnd.oasis.opendocument.text"), "a.odt", ".odt"),
        ("Nimi;Määrä\nRuuvi;3\n".encode(), "a.CSV", ".csv"),
        ("Nimi;Määrä\n".encode("latin-1"), "a.txt", ".txt"),
    ],
)
def test_a_file_is_told_by_its_content(content: bytes, name: str, ending: str) -> None:
    kind = recognise(io.BytesIO(content), name)
    assert kind is not None
    assert kind.ending == ending


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "a.txt"),
        (b"<html><script>alert(1)</script>", "a.html"),
        (b"<svg onload='alert(1)'/>", "a.svg"),
        (b"MZ\x90\x00", "a.exe"),
        (b"MZ\x90\x00", "a.txt"),
        (archive("a.txt"), "a.zip"),
        (archive("a.txt"), "a.docx"),
        (archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "a.docm"),
        (archive(mimetype="text/html"), "a.odt"),
        (b"PK\x03\x04 broken", "a.docx"),
        (WORD[:-30], "a.docx"),
    ],
)
def test_what_cannot_be_told_is_not_taken(content: bytes, name: str) -> None:
    assert recognise(io.BytesIO(content), name) is None


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("Kalvot ä.pdf", "Kalvot ä.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\x\\a.exe", "a.pdf"),
        ("", "file.pdf"),
        ("..", "file.pdf"),
        ("a\r\nb.pdf", "a b.pdf"),
        ("x" * 300, "x" * 150 + ".pdf"),
    ],
)
def test_the_name_to_save_it_under_is_no_path_and_ends_as_the_content_says(name: str, saved: str) -> None:
    kind = recognise(io.BytesIO(PDF), name)
    assert kind is not None
    assert download_name(name, kind) == saved


async def test_a_file_comes_back_as_it_was_put() -> None:
    content = PDF * 50_000
    kept = await files.put(io.BytesIO(content))
    assert (kept.size, kept.sha256) == (len(content), sha256(content).digest())
    assert b"".join([piece async for piece in await files.read(kept.name)]) == content


async def test_nothing_is_left_of_an_upload_that_breaks_off(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.BytesIO):
        read: Callable[..., bytes]

        def __init__(self) -> None:
            super().__init__()
            self.read = self.fail

        def fail(self, _size: int = -1) -> bytes:
            raise OSError("gone")

    before = sorted(folder().iterdir()) if folder().is_dir() else []
    with pytest.raises(OSError, match="gone"):
        await files.put(Broken())
    assert sorted(folder().iterdir()) == before


async def test_a_file_that_nothing_names_goes_after_a_day() -> None:
    now = clock.now()
    named, lost, fresh = [await files.put(io.BytesIO(PDF)) for _each in range(3)]
    old = (now - timedelta(days=2)).timestamp()
    for kept in (named, lost):
        os.utime(folder() / kept.name, (old, old))
    await files.delete_others({named.name}, now)
    left = {path.name for path in folder().iterdir()}
    assert {named.name, fresh.name} <= left
    assert lost.name not in left
    with pytest.raises(FileNotFoundError):
        await files.read(lost.name)


def folder() -> Path:
    return get_settings().data_dir / files.FOLDER
