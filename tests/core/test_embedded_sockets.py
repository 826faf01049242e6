"""Where the embedded PostgreSQL's socket is, and that nobody else gets at it."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from events.core.embedded import EmbeddedError, place, sockets


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def home(tmp_path: Path) -> place.Home:
    """A home without a cluster."""
    return place.Home(tmp_path, None)


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder as `fresh` makes it in /tmp, with what a server leaves in it."""
    folder = Path(tempfile.mkdtemp(prefix=sockets.PREFIX, dir="/tmp"))
    (folder / sockets.SOCKET).touch()
    (folder / f"{sockets.SOCKET}.lock").touch()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("name", ["a,b", 'a"b', "a\\b", "a\nb", "x" * 90, "ä" * 45])
def test_a_path_that_clients_would_misread_is_not_used(tmp_path: Path, name: str) -> None:
    home = place.Home(tmp_path / name, None)
    home.path.mkdir()
    assert sockets.fresh(home).parent == Path("/tmp")
    sockets.remove(home)


def test_an_ordinary_path_is_used(home: place.Home) -> None:
    assert sockets.fresh(home) == home.path / "run"
    assert mode(home.path / "run") == 0o700


def test_what_a_crash_left_in_tmp_is_removed_by_the_next_start(home: place.Home, short: Path) -> None:
    (home.path / "socket").write_text(str(short))
    sockets.fresh(home)
    assert not short.exists()


def test_nothing_is_removed_through_a_link(home: place.Home, short: Path) -> None:
    link = Path(f"{short}-link")
    link.symlink_to(short)
    (home.path / "socket").write_text(str(link))
    sockets.remove(home)
    link.unlink()
    assert (short / sockets.SOCKET).exists()


@pytest.mark.parametrize("moved", ["other", "elsewhere/sixnet-x"])
def test_nothing_but_a_folder_of_ours_in_tmp_is_removed(home: place.Home, short: Path, moved: str) -> None:
    target = short / moved
    target.mkdir(parents=True)
    (target / sockets.SOCKET).touch()
    (home.path / "socket").write_text(str(target))
    sockets.remove(home)
    assert (target / sockets.SOCKET).exists()


def test_a_folder_that_others_can_enter_or_own_gets_no_login(tmp_path: Path) -> None:
    sockets.check_private(tmp_path, os.geteuid())
    with pytest.raises(EmbeddedError, match="not private"):
        sockets.check_private(tmp_path, os.geteuid() + 1)
    tmp_path.chmod(0o710)
    with pytest.raises(EmbeddedError, match="not private"):
        sockets.check_private(tmp_path, os.geteuid())
