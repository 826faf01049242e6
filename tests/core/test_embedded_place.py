"""Where the embedded PostgreSQL's cluster is kept when root may not run it there."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from events.core.embedded import EmbeddedError, destroy, place

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, whose folders are closed to the server's user")


@pytest.fixture
def room() -> Iterator[Path]:
    """A folder all may pass, and everything in it."""
    room = Path(tempfile.mkdtemp(prefix="sixnet-test-", dir="/tmp"))
    room.chmod(0o711)
    yield room
    shutil.rmtree(room)


@pytest.fixture
def away(room: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for /var/lib/sixnet."""
    monkeypatch.setattr(place, "AWAY", room / "lib")
    return room / "lib"


@pytest.fixture
def closed(room: Path) -> Path:
    """A folder like root's home."""
    (room / "root").mkdir(0o700)
    return room / "root"


def made(home: place.Home, data_dir: Path) -> place.Home:
    """Do as if the cluster had been made."""
    home.cluster.mkdir()
    home.give(home.cluster)
    place.note_kept(data_dir, home)
    return home


def test_an_old_cluster_does_not_come_back_with_a_new_data_dir(closed: Path, away: Path) -> None:
    first = made(place.settle(closed / "data"), closed / "data")
    assert place.settle(closed / "data") == first
    shutil.rmtree(closed / "data")
    assert place.settle(closed / "data").path != first.path


def test_the_loss_of_a_cluster_elsewhere_is_not_passed_over(closed: Path, away: Path) -> None:
    made(place.settle(closed / "data"), closed / "data")
    shutil.rmtree(away)
    with pytest.raises(EmbeddedError, match=r"was kept in .* and is gone"):
        place.settle(closed / "data")


def test_an_interrupted_first_start_elsewhere_does_not_block_the_next(closed: Path, away: Path) -> None:
    first = place.settle(closed / "data")
    shutil.rmtree(away)
    assert place.settle(closed / "data") == first


def test_a_data_dir_closed_later_is_not_given_an_empty_cluster(room: Path, away: Path) -> None:
    made(place.settle(room / "data"), room / "data")
    (room / "data").chmod(0o700)
    with pytest.raises(EmbeddedError, match="can no longer enter"):
        place.settle(room / "data")
    assert not away.exists()


def test_an_id_never_leads_out_of_the_place_elsewhere(closed: Path, away: Path) -> None:
    place.settle(closed / "data")
    (closed / "data/postgresql/id").write_text("../root\n")
    with pytest.raises(EmbeddedError, match="is damaged"):
        place.settle(closed / "data")
    with pytest.raises(EmbeddedError, match="is damaged"):
        destroy(closed / "data")


def test_a_folder_elsewhere_that_others_can_write_is_refused(closed: Path, away: Path) -> None:
    away.mkdir()
    away.chmod(0o777)
    with pytest.raises(EmbeddedError, match="writable by nobody else"):
        place.settle(closed / "data")


def test_root_without_anybody_to_run_it_is_told_so(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "SERVER_USERS", ("no-such-user",))
    with pytest.raises(EmbeddedError, match="does not run as root"):
        place.settle(room / "data")


def test_the_place_elsewhere_is_the_systems(closed: Path) -> None:
    home = place.settle(closed / "data")
    assert home.path.parent == Path("/var/lib/sixnet")
    destroy(closed / "data")
    assert not home.path.exists()
