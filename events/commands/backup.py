"""`sixnet backup` and `sixnet restore`: one file with the database, the secret key and the files of the data directory.

The file is a tar archive: `manifest.json`, `database.dump` (pg_dump's custom format, one consistent moment, taken while
the service runs), `secret_key`, `files/…`.
"""

import asyncio
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import typer
from rich.console import Console

from events import ground as grounds
from events.core import clock, database, settings
from events.core.embedded.place import FOLDER
from events.core.embedded.programs import installed
from events.core.errors import ServiceError
from events.ground import KEY_FILE, Ground, ground

FORMAT = 1
LAST_BACKUP = "last_backup"

_LEFT_OUT = {FOLDER, KEY_FILE}
_EMPTY = "SELECT count(*) = 0 FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
_FORGET = "DELETE FROM service_state WHERE key IN ('public_url', 'last_tick', 'worker') OR starts_with(key, 'begun:')"


def backup(file: Path) -> None:
    """Save everything into one file that only its owner may read; all or nothing."""
    now = clock.now()
    if file.is_dir():
        raise ServiceError(f"{file} is a folder: name the file to write.")
    with ground() as settled, tempfile.TemporaryDirectory(prefix=".sixnet-", dir=_folder_of(file)) as folder:
        with Console(stderr=True).status("Saving the database …"):
            asyncio.run(_require_a_schema(settled))
            dump = Path(folder) / "database.dump"
            # What waits in the queue are only nudges; the tick makes new ones.
            _run("pg_dump", settled.url, "--format=custom", "--exclude-table-data=dramatiq.*", f"--file={dump}")
            draft = Path(folder) / "draft"
            _pack(draft, dump, now)
        draft.chmod(0o600)
        draft.replace(file)
        asyncio.run(_note(settled, now))
    typer.echo(f"Saved {file} ({file.stat().st_size / 1_000_000:.1f} MB). It holds personal data and the secret key.")


def restore(file: Path) -> None:
    """Bring a backup into an empty database, with the key and the files it was made with."""
    with tempfile.TemporaryDirectory(prefix="sixnet-") as folder:
        saved = Path(folder)
        manifest = _unpack(file, saved)
        key = (saved / KEY_FILE).read_text().strip()
        _settle_key(key)
        with ground() as settled, Console(stderr=True).status("Restoring the database …"):
            asyncio.run(_require_empty(settled))
            options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
            _run("pg_restore", settled.url, *options, str(saved / "database.dump"))
            asyncio.run(_finish(settled))
            _put_back(saved / "files")
    typer.echo(f"Restored what was saved on {manifest['made_at'][:16].replace('T', ' at ')} UTC.")


def _folder_of(file: Path) -> Path:
    folder = file.absolute().parent
    if not os.access(folder, os.W_OK):
        raise ServiceError(f"{folder} cannot be written to.")
    return folder


def _run(program: str, url: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, for arguments can be seen by others."""
    parts = urlsplit(url)
    password = unquote(parts.password or "")
    place = parts._replace(netloc=parts.netloc.replace(f":{quote(password, safe='')}@", "@", 1)).geturl()
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program
        [installed().bin / program, f"--dbname={place}", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ServiceError(f"{program} failed: {reason}")


async def _require_a_schema(settled: Ground) -> None:
    async with database.pooled(settled.url, size=2):
        if await database.fetchval("SELECT to_regclass('service_state') IS NULL"):
            raise ServiceError("There is nothing to save: the database is empty.")


async def _note(settled: Ground, now: datetime) -> None:
    async with database.pooled(settled.url, size=2):
        await database.execute(
            "INSERT INTO service_state (key, value, changed_at) VALUES ($1, '', $2)"
            " ON CONFLICT (key) DO UPDATE SET changed_at = excluded.changed_at",
            *(LAST_BACKUP, now),
        )


def _pack(draft: Path, dump: Path, now: datetime) -> None:
    known = settings.get_settings()
    manifest = {"format": FORMAT, "made_at": now.isoformat()}
    with tempfile.TemporaryDirectory(dir=dump.parent) as folder, tarfile.open(draft, "w") as archive:
        for name, text in (("manifest.json", json.dumps(manifest)), (KEY_FILE, known.secret_key or "")):
            path = Path(folder) / name
            path.write_text(text)
            archive.add(path, name)
        archive.add(dump, "database.dump")
        for path in _files(known.data_dir):
            archive.add(path, f"files/{path.relative_to(known.data_dir)}")


def _files(data_dir: Path) -> Iterator[Path]:
    for path in sorted(data_dir.rglob("*")) if data_dir.is_dir() else ():
        first = path.relative_to(data_dir).parts[0]
        if path.is_file() and first not in _LEFT_OUT and not first.startswith(".") and path.suffix != ".log":
            yield path


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(file, "r:") as archive:
            archive.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
        complete = (folder / "database.dump").is_file() and (folder / KEY_FILE).is_file()
    except OSError as error:
        raise ServiceError(f"{file} cannot be read: {error.strerror or error}.") from error
    except (tarfile.TarError, ValueError) as error:
        raise ServiceError(f"{file} is no backup of SIXNET.") from error
    if not complete or manifest.get("format") != FORMAT:
        raise ServiceError(f"{file} is no backup that this version can read.")
    return manifest


def _settle_key(key: str) -> None:
    """Let the installation have the key of the backup: links and tickets are derived from it."""
    known = settings.get_settings()
    if known.secret_key:
        if known.secret_key != key:
            raise ServiceError(
                "SIXNET_SECRET_KEY is not the key of this backup, so its tickets and links would not work: "
                "set it to what `secret_key` in the archive says."
            )
        return
    if known.database_url:
        return  # the missing key is reported as for every command
    known.data_dir.mkdir(parents=True, exist_ok=True)
    grounds.write_key(known.data_dir, key)
    if grounds.kept_key(known.data_dir) != key:
        raise ServiceError(f"{known.data_dir} has a key of its own already: restore into an empty data directory.")


async def _require_empty(settled: Ground) -> None:
    async with database.pooled(settled.url, size=2):
        if not await database.fetchval(_EMPTY):
            raise ServiceError("The database is not empty: restore into a new data directory or an empty database.")


async def _finish(settled: Ground) -> None:
    async with database.pooled(settled.url, size=4):
        await grounds.bring_up_to_date(settled)
        await database.execute(_FORGET)


def _put_back(files: Path) -> None:
    data_dir = settings.get_settings().data_dir
    for path in files.rglob("*") if files.is_dir() else ():
        target = data_dir / path.relative_to(files)
        if path.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
