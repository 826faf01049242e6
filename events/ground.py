"""What every command stands on: a database, the secret key, and a schema that is up to date."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from events import schema
from events.core import database, secrets, settings
from events.core.embedded import attached, locks
from events.core.errors import ServiceError

Result = TypeVar("Result")

KEY_FILE = "secret_key"


@dataclass(frozen=True)
class Ground:
    """Where the data is: the database's URL, whether it is the embedded one, and a line the user should see, if any."""

    url: str
    embedded: bool
    notice: str | None = None


@contextmanager
def ground() -> Iterator[Ground]:
    """Settle the database and the secret key for this process and the processes it starts.

    Without SIXNET_DATABASE_URL that is the embedded database, held as long as the block runs. Raises EmbeddedError, and
    ServiceError when a database of one's own comes without a key.
    """
    known = settings.get_settings()
    if known.database_url:
        if not known.secret_key:
            raise ServiceError(
                "SIXNET_SECRET_KEY is not set. With a database of your own the key is yours to keep: make one with "
                "`python3 -c 'import secrets; print(secrets.token_urlsafe(32))'` and use the same for all processes."
            )
        yield Ground(known.database_url, embedded=False)
        return
    with attached(known.data_dir) as embedded:
        values = {"database_url": embedded.url}
        if not known.secret_key:
            values["secret_key"] = kept_key(known.data_dir)
        before = dict(os.environ)
        settings.override(**values)
        try:
            yield Ground(embedded.url, embedded=True, notice=embedded.notice)
        finally:
            _restore_environment(before)


def on_ground(work: Callable[[Ground], Awaitable[Result]], *, check: bool = True) -> Result:
    """Run an async command with the pool open, on a schema that is up to date unless `check` is off."""
    with ground() as settled:
        return asyncio.run(_with_pool(settled, work, check=check))


async def bring_up_to_date(settled: Ground) -> None:
    """Migrate the embedded database; refuse an old schema of any other with ServiceError."""
    if await schema.is_current():
        return
    from events import migrate  # noqa: PLC0415 - takes a second to load, and is not needed at most starts

    if settled.embedded:
        await migrate.migrate(settled.url)
    elif missing := await migrate.pending():
        raise ServiceError(
            f"The database lacks {len(missing)} migrations: run `sixnet migrate` once, then start again."
        )


def kept_key(data_dir: Path) -> str:
    """Return the key kept in the data directory, made on the first start; readable by its owner alone."""
    path = data_dir / KEY_FILE
    if not path.exists():
        write_key(data_dir, secrets.new_secret())
    key = path.read_text().strip()
    if not key:
        raise ServiceError(f"{path} is empty: restore it from a backup, or remove it if there is no data yet.")
    return key


def write_key(data_dir: Path, key: str) -> None:
    """Keep a key in the data directory unless there is one; all or nothing."""
    draft = data_dir / f"{KEY_FILE}.{os.getpid()}"
    file = os.fdopen(locks.opened(draft, os.O_TRUNC), "w")
    with file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, data_dir / KEY_FILE)  # unlike a rename it leaves the key of another start alone
    except FileExistsError:
        pass
    finally:
        draft.unlink()


async def _with_pool(settled: Ground, work: Callable[[Ground], Awaitable[Result]], *, check: bool) -> Result:
    async with database.pooled(settled.url, size=4):
        if check:
            await bring_up_to_date(settled)
        return await work(settled)


def _restore_environment(before: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(before)
    settings.get_settings.cache_clear()
