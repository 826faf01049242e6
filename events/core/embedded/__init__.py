"""PostgreSQL with no set-up: the wheel's programs, one cluster per data directory, shared by all who attach to it.

In the cluster's home: `cluster/`, `password`, `server.log`, the socket's folder `run/`, and three locks. Whoever uses
the server shares `users.lock`; whoever starts or stops it holds `start.lock`; the server itself holds `server.lock`.
The kernel gives a killed process's locks back, so no owner's death blocks the next start.
"""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from . import cluster, locks, place, server, sockets
from .errors import EmbeddedError
from .programs import installed, runnable

__all__ = ["Embedded", "EmbeddedError", "attached", "destroy"]


@dataclass(frozen=True)
class Embedded:
    """A running cluster.

    `url` works with asyncpg, psycopg and libpq's tools, `bin` holds `pg_dump`, `pgbench` and the like, and `notice` is
    one line that the user should see, if any.
    """

    url: str
    bin: Path
    notice: str | None


@contextmanager
def attached(data_dir: Path, *, settings: Mapping[str, str] | None = None) -> Iterator[Embedded]:
    """Attach to the cluster of a data directory, making and starting it if need be; the last one to leave stops it.

    `settings` are further server settings, used only if this call starts the server. A process forked inside the block
    leaves the server alone. Raises EmbeddedError.
    """
    data_dir, owner = data_dir.absolute(), os.getpid()
    with ExitStack() as stack:
        with _one_line(data_dir):
            home = place.settle(data_dir)
            held = stack.enter_context(_locks(home))
            postmaster = _enter(data_dir, home, held, settings or {})
        try:
            with _one_line(data_dir):
                embedded = Embedded(_url(home, postmaster), installed().bin, home.notice)
            yield embedded
        finally:
            if os.getpid() == owner:
                with _one_line(data_dir), locks.exclusively(held.startup, home.path):
                    _stop_if_last(home, held, postmaster)


def destroy(data_dir: Path) -> None:
    """Remove the cluster of a data directory for good, also where it lies elsewhere; none there is no error.

    Raises EmbeddedError when it is in use.
    """
    data_dir = data_dir.absolute()
    with _one_line(data_dir):
        for home in place.existing(data_dir):
            with _locks(home) as held, locks.exclusively(held.startup, home.path):
                if not _stop_if_last(home, held, None):
                    raise EmbeddedError(f"The database of {data_dir} is in use.")
                server.refuse_foreign(home)
                sockets.remove(home)
                shutil.rmtree(home.path)


@dataclass(frozen=True)
class _Locks:
    """Open descriptors of the three lock files."""

    startup: int
    users: int
    alive: int


@contextmanager
def _locks(home: place.Home) -> Iterator[_Locks]:
    with ExitStack() as stack:
        fds = []
        for name in ("start.lock", "users.lock", "server.lock"):
            fds.append(locks.opened(home.path / name))
            stack.callback(os.close, fds[-1])
        yield _Locks(*fds)


def _enter(data_dir: Path, home: place.Home, held: _Locks, settings: Mapping[str, str]) -> server.Postmaster:
    with locks.exclusively(held.startup, home.path):
        if os.fstat(held.startup).st_nlink == 0:
            raise EmbeddedError(f"The database of {data_dir} was removed just now: start again.")
        fcntl.flock(held.users, fcntl.LOCK_SH)
        try:
            return server.running(home, held.alive) or _started(data_dir, home, held, settings)
        except BaseException:
            _stop_if_last(home, held, None)
            raise


def _started(data_dir: Path, home: place.Home, held: _Locks, settings: Mapping[str, str]) -> server.Postmaster:
    programs = runnable(installed(), home)
    cluster.ensure(home, programs, held.startup, durable=settings.get("fsync") != "off")
    place.note_kept(data_dir, home)
    return server.start(home, programs, held.alive, settings)


def _stop_if_last(home: place.Home, held: _Locks, known: server.Postmaster | None) -> bool:
    if not locks.taken(held.users, fcntl.LOCK_EX):
        return False
    server.stop(home, held.alive, known)
    return True


def _url(home: place.Home, postmaster: server.Postmaster) -> str:
    sockets.check_private(postmaster.sockets, home.server_uid)
    folder, secret = quote(str(postmaster.sockets), safe=""), quote(cluster.password(home), safe="")
    # The port is named because PGPORT of the environment would be used otherwise.
    return f"postgresql://{cluster.ROLE}:{secret}@/{cluster.DATABASE}?host={folder}&port={sockets.PORT}"


@contextmanager
def _one_line(data_dir: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, subprocess.SubprocessError) as error:
        what = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) and error.filename else str(error)
        raise EmbeddedError(f"The database in {data_dir} cannot be used: {what}.") from error
