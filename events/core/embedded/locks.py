import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import EmbeddedError

POLL = 0.01
PATIENCE = 150.0


def opened(path: Path, extra: int = 0) -> int:
    """Open a private file of ours (0600, made when missing, never through a link) and return its descriptor.

    Made by root in a folder of someone else, it belongs to the folder's owner, who needs it on the next start.
    Programs started later don't inherit the descriptor, as Python sees to.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | extra, 0o600)
    folder, found = path.parent.stat(), os.fstat(fd)
    # One name only: in a folder of another user root must not give away a file that is linked from elsewhere.
    if os.geteuid() == 0 and found.st_uid != folder.st_uid and found.st_nlink == 1:
        os.fchown(fd, folder.st_uid, folder.st_gid)
    return fd


def taken(fd: int, kind: int) -> bool:
    """Try to lock (`fcntl.LOCK_SH` or `LOCK_EX`) without waiting; says whether it worked."""
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_free(fd: int) -> bool:
    """Whether no other descriptor holds this file exclusively. Takes nothing for longer than the question."""
    if not taken(fd, fcntl.LOCK_SH):
        return False
    fcntl.flock(fd, fcntl.LOCK_UN)
    return True


@contextmanager
def exclusively(fd: int, path: Path) -> Iterator[None]:
    """Hold the file alone for the time of the block; raises EmbeddedError when others keep it for minutes."""
    deadline = time.monotonic() + PATIENCE
    while not taken(fd, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            raise EmbeddedError(f"Another process has been starting or stopping the database for minutes ({path}).")
        time.sleep(POLL)
    try:
        yield
    finally:
        fcntl.flock(fd, fcntl.LOCK_UN)
