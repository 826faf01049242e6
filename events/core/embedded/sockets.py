"""The folder of the server's socket: only its owner may enter, so nobody else can connect or stand in for it."""

import os
import re
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from . import locks
from .errors import EmbeddedError
from .place import Home

PORT = 5432
SOCKET = f".s.PGSQL.{PORT}"
# sockaddr_un holds 104 bytes on macOS, 108 on Linux, with the closing NUL.
LONGEST = 103 - len(f"/{SOCKET}")
# Clients split a host at commas; the others end a quoted setting or a line of postmaster.pid.
UNFIT = re.compile(r"""[,"'\\\x00-\x1f\ud800-\udfff]""")
SHORT = Path("/tmp")  # noqa: S108 - the folder made in it has a random name and is private
PREFIX = "sixnet-"


def fresh(home: Home) -> Path:
    """An empty private folder for the socket: `run` in `home`, or a random one in /tmp where that path is too long."""
    remove(home)
    path = home.path / "run"
    if UNFIT.search(str(path)) or len(os.fsencode(path)) > LONGEST:
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=SHORT))
        note = locks.opened(home.path / "socket", os.O_TRUNC)
        with os.fdopen(note, "w") as file:
            file.write(str(path))
    else:
        path.mkdir(0o700)
    home.give(path)
    return path


def remove(home: Home) -> None:
    """Remove the folders of the last run, also one in /tmp, if it is still the server's."""
    shutil.rmtree(home.path / "run", ignore_errors=True)
    note = home.path / "socket"
    with suppress(OSError):
        path = Path(note.read_text())
        note.unlink()
        if path.parent == SHORT and path.name.startswith(PREFIX):
            _remove_short(path, home.server_uid)


def check_private(path: Path, uid: int) -> None:
    """Raise EmbeddedError unless the folder is the server's own and closed to others: a squatter gets no login."""
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or stat.S_IMODE(found.st_mode) & 0o077:
        raise EmbeddedError(f"The folder of the database's socket is not private: {path}.")


def _remove_short(path: Path, uid: int) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.fstat(folder).st_uid == uid:
            for name in (SOCKET, f"{SOCKET}.lock"):
                with suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=folder)
            path.rmdir()
    finally:
        os.close(folder)
