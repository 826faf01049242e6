"""Files that people uploaded and documents made for them, kept under random names in the data directory.

Nobody but this module knows where the bytes lie, so an object store can take its place.
"""

import asyncio
import hashlib
import secrets
import tempfile
from collections.abc import AsyncIterator, Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from msgspec import Struct

from events.core.settings import get_settings

FOLDER = "files"
SETTLES = timedelta(days=1)
"""How long a file may lie here before a row must name it: an upload whose transaction is still open is let alone."""

_CHUNK = 256 * 1024


class KeptFile(Struct, frozen=True):
    """A file that was put away: its name here, its size in bytes and the SHA-256 of its content."""

    name: str
    size: int
    sha256: bytes


async def put(content: IO[bytes]) -> KeptFile:
    """Keep a file, from its present position to its end; all or nothing."""
    return await asyncio.to_thread(_put, content)


def _put(content: IO[bytes]) -> KeptFile:
    name, seen, size = secrets.token_hex(16), hashlib.sha256(), 0
    _folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = _folder() / f"{name}.draft"
    try:
        with draft.open("wb") as file:
            while chunk := content.read(_CHUNK):
                file.write(chunk)
                seen.update(chunk)
                size += len(chunk)
        draft.replace(_folder() / name)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return KeptFile(name, size, seen.digest())


def scratch() -> IO[bytes]:
    """Return an empty file without a name, on the same disk: what is built there is never in memory as a whole."""
    _folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    return tempfile.TemporaryFile(dir=_folder())


async def read(name: str) -> AsyncIterator[bytes]:
    """Return the content piece by piece; raises FileNotFoundError at once when it is not there."""
    file = await asyncio.to_thread((_folder() / name).open, "rb")

    async def pieces() -> AsyncIterator[bytes]:
        try:
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                yield chunk
        finally:
            file.close()

    return pieces()


async def content(name: str) -> bytes:
    """Return the whole content; raises FileNotFoundError when it is not there."""
    return await asyncio.to_thread((_folder() / name).read_bytes)


async def delete(names: Collection[str]) -> None:
    """Delete files at once; those that are not there are no error."""
    await asyncio.to_thread(_delete, tuple(names))


def _delete(names: Collection[str]) -> None:
    for name in names:
        (_folder() / name).unlink(missing_ok=True)


async def delete_others(named: Collection[str], now: datetime) -> int:
    """Delete every file that `named` does not hold and that has lain here for a day; returns how many."""
    return await asyncio.to_thread(_delete_others, frozenset(named), (now - SETTLES).timestamp())


def _delete_others(named: frozenset[str], before: float) -> int:
    if not _folder().is_dir():
        return 0
    lost = [path for path in _folder().iterdir() if path.name not in named and path.stat().st_mtime < before]
    for path in lost:
        path.unlink(missing_ok=True)
    return len(lost)


def _folder() -> Path:
    return get_settings().data_dir / FOLDER
