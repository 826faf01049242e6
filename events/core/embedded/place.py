"""Where the cluster of a data directory is kept, and as whom its server runs."""

import os
import pwd
import re
import secrets
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .errors import EmbeddedError

FOLDER = "postgresql"
AWAY = Path("/var/lib/sixnet")
# PostgreSQL refuses to run as root. An account made for it is best; "nobody" exists everywhere.
SERVER_USERS = ("sixnet", "nobody")
ID = re.compile("[0-9a-f]{16}")
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Account:
    """The unprivileged user the server runs as when we are root."""

    uid: int
    gid: int
    name: str


@dataclass(frozen=True)
class Home:
    """The folder that holds cluster, password, locks, log and sockets. `account` is None when we run as ourselves."""

    path: Path
    account: Account | None
    notice: str | None = None

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.path / "cluster"

    @property
    def log(self) -> Path:
        """What the server and the making of the cluster had to say."""
        return self.path / "server.log"

    @property
    def server_uid(self) -> int:
        """The user id that owns the cluster."""
        return os.geteuid() if self.account is None else self.account.uid

    def give(self, path: Path) -> None:
        """Make a file or folder of ours the server's own."""
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid, follow_symlinks=False)


def run_as(
    account: Account | None,
    *args: str | Path,
    feed: bytes = b"",
    output: int = subprocess.DEVNULL,
    pass_fds: tuple[int, ...] = (),
    timeout: float | None = None,
) -> int:
    """Run a program as the server's user in a session of its own, feed its input, and return its exit code.

    Nothing of our environment reaches it but the search paths: PG* variables would change what it does, and secrets
    have no business in a process of another user. `/` is the one folder every user can be in.
    """
    return subprocess.run(  # noqa: S603 - our own programs, no shell
        args,
        input=feed,
        stdout=output,
        stderr=output,
        check=False,
        cwd="/",
        env={name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ} | ENVIRONMENT,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        start_new_session=True,
        pass_fds=pass_fds,
        timeout=timeout,
    ).returncode


def settle(data_dir: Path) -> Home:
    """Find, or on the first time choose, the home of a data directory's cluster, and make its folder.

    It is `postgresql/` in the data directory. Only where we are root and the server's user cannot get there it is
    `/var/lib/sixnet/<id>`, the id being kept in the data directory: a new data directory then never meets an old
    cluster. No permission of a folder that isn't ours is changed. Raises EmbeddedError, OSError.
    """
    inside = data_dir / FOLDER
    account = _account(inside)
    _make(data_dir, account)
    _make(inside, account)
    if account is None:
        _close(inside)
        return Home(inside, None)
    if (inside / "cluster").exists():
        if not _enters(account, inside):
            raise EmbeddedError(f"The user {account.name}, as whom the database runs, can no longer enter {inside}.")
        return Home(inside, account)
    if not (inside / "id").exists() and _enters(account, inside):
        return Home(inside, account)
    return _settle_away(data_dir, account)


def existing(data_dir: Path) -> list[Home]:
    """The folders that hold something of a data directory's cluster, the one elsewhere first."""
    inside = data_dir / FOLDER
    paths = [inside]
    if os.geteuid() == 0 and (inside / "id").exists():
        paths.insert(0, AWAY / _noted(inside / "id")[0])
    return [Home(path, _account(path)) for path in paths if path.is_dir()]


def note_kept(data_dir: Path, home: Home) -> None:
    """Write down that the cluster was made away from the data directory, so that its loss is noticed."""
    identity = data_dir / FOLDER / "id"
    if home.path.parent == AWAY and str(home.path) not in _noted(identity):
        with identity.open("a") as file:
            file.write(f"{home.path}\n")


def _settle_away(data_dir: Path, account: Account) -> Home:
    identity = data_dir / FOLDER / "id"
    if not identity.exists():
        draft = identity.with_suffix(f".{os.getpid()}")
        draft.write_text(secrets.token_hex(8) + "\n")
        try:
            os.link(draft, identity)  # of two that start at once, the first one's id stays
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    name, *kept = _noted(identity)
    path = AWAY / name
    if any(kept) and not (path / "cluster").exists():
        raise EmbeddedError(f"The database of {data_dir} was kept in {path} and is gone: restore a backup elsewhere.")
    _make(AWAY, None, 0o711)
    if AWAY.stat().st_uid != 0 or AWAY.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise EmbeddedError(f"{AWAY} must belong to root and be writable by nobody else.")
    _make(path, account)
    if not _enters(account, path):
        raise EmbeddedError(f"The user {account.name} can enter neither {data_dir} nor {path}.")
    notice = f"The database is kept in {path}: it runs as the user {account.name}, who cannot enter {data_dir}."
    return Home(path, account, notice)


def _noted(identity: Path) -> list[str]:
    lines = identity.read_text().split("\n")
    if not ID.fullmatch(lines[0]):  # it becomes part of a path in which root writes and removes
        raise EmbeddedError(f"{identity} is damaged.")
    return lines


def _account(inside: Path) -> Account | None:
    if os.geteuid() != 0:
        return None
    for folder in (inside / "cluster", inside):
        if folder.exists() and (owner := folder.stat().st_uid) != 0:
            try:
                entry = pwd.getpwuid(owner)
            except KeyError:
                return Account(owner, folder.stat().st_gid, str(owner))
            return Account(owner, entry.pw_gid, entry.pw_name)
    for name in SERVER_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, name)
    raise EmbeddedError(f"PostgreSQL does not run as root and none of the users {', '.join(SERVER_USERS)} exists.")


def _make(path: Path, account: Account | None, mode: int = 0o700) -> None:
    if path.is_dir():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir(mode)
    except FileExistsError:
        if not path.is_dir():
            raise
        return
    if account is not None:
        # Enough for the server's user to pass through, not to list or to read what lies beside the cluster.
        os.chown(path, -1, account.gid)
        mode = 0o710
    path.chmod(mode)  # whatever the umask is


def _close(inside: Path) -> None:
    """Our own folder is ours alone, also after a careless copy of the data directory."""
    found = inside.stat()
    if found.st_uid != os.geteuid():
        raise EmbeddedError(f"{inside} belongs to another user.")
    if found.st_mode & 0o077:
        inside.chmod(0o700)


def _enters(account: Account, folder: Path) -> bool:
    return run_as(account, "/bin/sh", "-c", 'cd -- "$1"', "sh", folder) == 0
