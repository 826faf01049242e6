"""Telling quickly whether a database is up to date: loading the migrations takes a second at every start otherwise."""

import hashlib
from functools import cache
from pathlib import Path

from events.core import database

KEY = "schema"

_SOURCES = ("*/piccolo_migrations/*.py", "network/data/*.csv", "network/reference.py", "registration/notice.py")


@cache
def fingerprint() -> str:
    """Return a digest of everything that `sixnet migrate` brings into a database."""
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(path for pattern in _SOURCES for path in root.glob(pattern)):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


async def is_current() -> bool:
    """Whether the database was last migrated by this very version."""
    if await database.fetchval("SELECT to_regclass('service_state') IS NULL"):
        return False
    noted = await database.fetchval("SELECT value FROM service_state WHERE key = $1", KEY)
    return bool(noted == fingerprint())


async def note_current() -> None:
    """Note that the database is up to date with this version."""
    await database.execute(
        "INSERT INTO service_state (key, value) VALUES ($1, $2)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_at = now()",
        *(KEY, fingerprint()),
    )
