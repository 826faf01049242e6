"""Starting and stopping the server.

The server and all its children hold `server.lock`. So "is it running" has one answer that neither a stale pid file nor
a pid given to another process can spoil.
"""

import fcntl
import os
import signal
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import locks, sockets
from .cluster import reason
from .errors import EmbeddedError
from .place import Home, run_as
from .programs import Programs

START_PATIENCE = 60.0
LOG_LIMIT = 5_000_000
# Fast shutdown, immediate shutdown, and what nothing withstands; each with the seconds it is given.
STOPS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))
SETTINGS = {
    "listen_addresses": "",
    "port": str(sockets.PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # Statements and the values of violated keys are personal data; the log keeps what happened, not to whom.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


@dataclass(frozen=True)
class Postmaster:
    """What `postmaster.pid` says of a server."""

    pid: int
    sockets: Path
    status: str


def described(home: Home) -> Postmaster | None:
    """Read `postmaster.pid`; None when there is none or it is still being written."""
    try:
        lines = (home.cluster / "postmaster.pid").read_text(errors="surrogateescape").split("\n")
        return Postmaster(int(lines[0]), Path(lines[4]), lines[7].strip())
    except (FileNotFoundError, ValueError, IndexError):
        return None


def running(home: Home, alive: int) -> Postmaster | None:
    """The server that runs, once it is up; None once it is clear that none does. To be called under the start lock.

    `alive` is a descriptor of `server.lock`. Raises EmbeddedError when a minute doesn't settle it.
    """
    deadline = time.monotonic() + START_PATIENCE
    while not locks.is_free(alive):
        # After a killed postmaster its children may hold the lock a little longer than it answers.
        if (found := described(home)) and found.status == "ready" and _answers(found):
            return found
        if time.monotonic() > deadline:
            raise EmbeddedError(f"The database is neither up nor down after {START_PATIENCE:.0f} s; see {home.log}.")
        time.sleep(locks.POLL)
    return None


def start(home: Home, programs: Programs, alive: int, settings: Mapping[str, str]) -> Postmaster:
    """Start the server and wait until it takes connections. To be called under the start lock while none runs.

    Raises EmbeddedError when it does not come up in a minute.
    """
    refuse_foreign(home)
    # PostgreSQL takes any living process with the noted pid for itself and would not start.
    (home.cluster / "postmaster.pid").unlink(missing_ok=True)
    since = _launch(home, programs, settings)
    deadline = time.monotonic() + START_PATIENCE
    while not ((found := described(home)) and found.status == "ready"):
        if locks.is_free(alive):
            sockets.remove(home)
            raise EmbeddedError(f"The database did not start: {reason(home, since)}; see {home.log}.")
        if time.monotonic() > deadline:
            raise EmbeddedError(f"The database was not up after {START_PATIENCE:.0f} s; see {home.log}.")
        time.sleep(locks.POLL)
    return found


def refuse_foreign(home: Home) -> None:
    """Raise EmbeddedError if a server that doesn't hold our lock answers: one that was started by other means.

    To be called under the start lock while none of ours runs; what `postmaster.pid` says is stale otherwise.
    """
    if (found := described(home)) and _answers(found):
        raise EmbeddedError(f"Another PostgreSQL (process {found.pid}) serves {home.cluster}: stop it first.")


def stop(home: Home, alive: int, known: Postmaster | None = None) -> None:
    """Stop the server if it runs, the harder the longer it takes. To be called under the start lock.

    `known` is what described it earlier, for the case that its folder was removed meanwhile.
    """
    if locks.is_free(alive):
        return
    for sign, patience in STOPS:
        deadline = time.monotonic() + patience
        sent = False
        while not locks.is_free(alive) and time.monotonic() < deadline:
            if not sent and (found := described(home) or known):
                _signal(found.pid, sign, home)
                sent = True
            time.sleep(locks.POLL)
    if not locks.is_free(alive):
        raise EmbeddedError(f"The database could not be stopped; see {home.log}.")
    sockets.remove(home)


def _launch(home: Home, programs: Programs, settings: Mapping[str, str]) -> int:
    if home.log.exists() and home.log.stat().st_size > LOG_LIMIT:
        home.log.replace(home.log.with_suffix(".log.old"))
    folder = str(sockets.fresh(home))
    every = {**SETTINGS, "unix_socket_directories": f'"{folder}"', **settings}
    options = [part for name, value in every.items() for part in ("-c", f"{name}={value}")]
    held = locks.opened(home.path / "server.lock")
    log = locks.opened(home.log, os.O_APPEND)
    try:
        since = os.fstat(log).st_size
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Through a shell that leaves at once: the server is nobody's child then, whoever of its users leaves first.
        shell = ("/bin/sh", "-c", '"$@" &', "sh", programs.bin / "postgres", "-D", home.cluster)
        run_as(home.account, *shell, *options, pass_fds=(held,), output=log)
    finally:
        os.close(held)
        os.close(log)
    return since


def _answers(server: Postmaster) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(server.sockets / sockets.SOCKET))
        except OSError:
            return False
    return True


def _signal(pid: int, sign: signal.Signals, home: Home) -> None:
    # In another container the same number may be another process; the server's working folder is its cluster.
    if Path("/proc/self/cwd").exists():
        try:
            folder = str(Path(f"/proc/{pid}/cwd").readlink()).removesuffix(" (deleted)")
        except FileNotFoundError:
            return
        if folder != os.path.realpath(home.cluster):
            raise EmbeddedError(f"The database of {home.path} runs out of our reach and was not stopped.")
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return
