"""Making the cluster: all or nothing, so that an interrupted one never stands in the way."""

import os
import pwd
import secrets
import shutil
from pathlib import Path

from . import locks
from .errors import EmbeddedError
from .place import Home, run_as
from .programs import Programs

ROLE = DATABASE = "sixnet"
INITDB_PATIENCE = 120
# The built-in C.UTF-8 is the same on every machine and needs neither ICU nor a locale of the system.
LOCALE = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
AUTHENTICATION = ("--auth=scram-sha-256", f"--username={ROLE}")


def ensure(home: Home, programs: Programs, startup: int, *, durable: bool = True) -> None:
    """Make the cluster unless it is there. To be called under the start lock, whose descriptor is `startup`.

    Raises EmbeddedError when it cannot be made, or was made by another major version of PostgreSQL.
    """
    if home.cluster.exists():
        _check_version(home, programs)
        return
    draft = home.path / "cluster.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(0o700)
    home.give(draft)
    pwfile = _written(home.path / "pwfile.new", new := secrets.token_urlsafe(32))
    home.give(pwfile)
    try:
        _initdb(home, programs, draft, pwfile, startup, durable=durable)
        _create_database(home, programs, draft, startup)
    finally:
        pwfile.unlink()
    _written(home.path / "password.new", new).rename(home.path / "password")
    draft.rename(home.cluster)
    _sync(home.path)


def password(home: Home) -> str:
    """The password of the cluster's owner. Raises EmbeddedError when its file is gone."""
    path = home.path / "password"
    try:
        return path.read_text()
    except FileNotFoundError:
        raise EmbeddedError(f"The password of the database is missing: {path}.") from None


def reason(home: Home, since: int) -> str:
    """What the log gives as the reason of a failure, counted from byte `since`."""
    with home.log.open(encoding="utf-8", errors="replace") as log:
        log.seek(since)
        lines = log.read().splitlines()
    for mark in ("PANIC:", "FATAL:", "ERROR:", "error:"):
        for line in lines:
            if mark in line:
                return line.partition(mark)[2].strip()
    return lines[-1].strip() if lines else "no reason given"


def _initdb(home: Home, programs: Programs, draft: Path, pwfile: Path, startup: int, *, durable: bool) -> None:
    if home.account is None:
        _require_name()
    sync = () if durable else ("--no-sync",)
    where = (f"--pgdata={draft}", f"--pwfile={pwfile}", "--no-instructions")
    _step(home, startup, programs.bin / "initdb", *where, *LOCALE, *AUTHENTICATION, *sync)


def _create_database(home: Home, programs: Programs, draft: Path, startup: int) -> None:
    # In single-user mode, so that a cluster is never seen without its database.
    single = ("--single", "-D", draft, "-c", "exit_on_error=on", "postgres")
    _step(home, startup, programs.bin / "postgres", *single, feed=f"CREATE DATABASE {DATABASE};\n".encode())


def _step(home: Home, startup: int, *args: str | Path, feed: bytes = b"") -> None:
    log = locks.opened(home.log, os.O_APPEND)
    since = os.fstat(log).st_size
    try:
        # The program holds the start lock too: when we are killed, the next start waits for it instead of meeting it.
        code = run_as(home.account, *args, feed=feed, output=log, pass_fds=(startup,), timeout=INITDB_PATIENCE)
    finally:
        os.close(log)
    if code != 0:
        raise EmbeddedError(f"The database could not be set up in {home.path}: {reason(home, since)}; see {home.log}.")


def _check_version(home: Home, programs: Programs) -> None:
    try:
        found = (home.cluster / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise EmbeddedError(f"{home.cluster} is not a PostgreSQL cluster: move it away or restore a backup.") from None
    if found != str(programs.major):
        raise EmbeddedError(
            f"The database in {home.cluster} was made by PostgreSQL {found}, this is {programs.major}: back it up with "
            "the version of SIXNET that made it and restore that into a new data directory."
        )


def _require_name() -> None:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise EmbeddedError(
            f"PostgreSQL cannot be set up by user id {os.geteuid()}, which has no name in /etc/passwd: "
            "run as a named user or set SIXNET_DATABASE_URL."
        ) from None


def _written(path: Path, text: str) -> Path:
    path.unlink(missing_ok=True)
    fd = locks.opened(path, os.O_EXCL)
    with os.fdopen(fd, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(fd)
    return path


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
