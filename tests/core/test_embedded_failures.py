"""The embedded PostgreSQL when something is wrong."""

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from events.core.embedded import EmbeddedError, attached, cluster, destroy, place, programs, server, sockets

ATTACH = """
import sys
from pathlib import Path
from events.core.embedded import attached
with attached(Path(sys.argv[1]), settings={"fsync": "off"}):
    pass
"""


def make_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="sixnet-test-", dir="/tmp"))
    folder.chmod(0o711)  # as root the server's user must pass
    return folder


@pytest.fixture
def empty() -> Iterator[Path]:
    folder = make_folder()
    yield folder
    destroy(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data directory whose cluster was made once for this file."""
    folder = make_folder()
    with attached(folder, settings={"fsync": "off"}):
        pass
    yield folder
    destroy(folder)
    shutil.rmtree(folder)


def answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def home(folder: Path) -> place.Home:
    return place.settle(folder)


def postmaster(folder: Path) -> server.Postmaster:
    found = server.described(home(folder))
    assert found is not None
    return found


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_a_server_that_hangs_is_stopped_the_hard_way(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "STOPS", ((signal.SIGCONT, 0.1), *server.STOPS[1:]))
    with attached(folder) as embedded:
        pass
    assert not answers(embedded.url)


def test_a_start_that_fails_says_why_and_leaves_nothing_running(folder: Path) -> None:
    with pytest.raises(
        EmbeddedError, match=r"^The database did not start: .*max_connections.* see .*server\.log\.$"
    ) as failure:
        attached(folder, settings={"max_connections": "plenty"}).__enter__()
    assert "\n" not in str(failure.value)
    assert server.described(home(folder)) is None


def test_a_server_that_is_not_up_in_time_is_stopped(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "START_PATIENCE", -1.0)
    with pytest.raises(EmbeddedError, match="was not up after"):
        attached(folder).__enter__()
    assert server.described(home(folder)) is None


def test_a_cluster_of_another_version_is_refused_untouched(folder: Path) -> None:
    version = home(folder).cluster / "PG_VERSION"
    now = version.read_text()
    version.write_text("15\n")
    with pytest.raises(EmbeddedError, match="made by PostgreSQL 15, this is 18"):
        attached(folder).__enter__()
    version.write_text(now)
    with attached(folder) as embedded:
        assert answers(embedded.url)


def test_a_missing_password_is_named(folder: Path) -> None:
    password = home(folder).path / "password"
    password.rename(password.with_suffix(".away"))
    with pytest.raises(EmbeddedError, match="password of the database is missing"):
        attached(folder).__enter__()
    assert server.described(home(folder)) is None
    password.with_suffix(".away").rename(password)


@pytest.mark.parametrize("inside", ["", "below"])
def test_a_data_dir_that_cannot_be_made_is_one_line(tmp_path: Path, inside: str) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(EmbeddedError, match=r"^The database in /.*/file.* cannot be used: .*\.$"):
        attached(file / inside).__enter__()


@pytest.fixture
def mistaken_pid(folder: Path) -> Iterator[int]:
    """A living process of the server's user whose number a stale postmaster.pid names."""
    here = home(folder)
    with attached(folder):
        stale = (here.cluster / "postmaster.pid").read_text().split("\n", 1)
    with subprocess.Popen(["sleep", "60"], cwd="/", user=here.server_uid) as other:
        (here.cluster / "postmaster.pid").write_text(f"{other.pid}\n{stale[1]}")
        here.give(here.cluster / "postmaster.pid")
        yield other.pid
        assert other.poll() is None, "an innocent process was stopped"
        other.kill()


def test_a_stale_pid_file_that_names_a_living_process_does_not_block(folder: Path, mistaken_pid: int) -> None:
    with attached(folder) as embedded:
        assert answers(embedded.url)


def test_postgresql_itself_would_be_blocked_by_that_pid_file(
    folder: Path, mistaken_pid: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above."""
    pid_file = home(folder).cluster / "postmaster.pid"
    unlink = Path.unlink
    monkeypatch.setattr(Path, "unlink", lambda path, **more: path == pid_file or unlink(path, **more))
    monkeypatch.setattr(server, "described", lambda _: None)
    with pytest.raises(EmbeddedError, match=r"lock file .*postmaster\.pid.* already exists"):
        attached(folder).__enter__()


def test_a_server_started_by_other_means_is_not_disturbed(folder: Path) -> None:
    here = home(folder)
    with attached(folder):
        options = Path(f"/proc/{postmaster(folder).pid}/cmdline").read_text().rstrip("\0").split("\0")
    (here.path / "run").mkdir(0o700)
    here.give(here.path / "run")
    group = here.account.gid if here.account else None
    with subprocess.Popen(options, cwd="/", stderr=subprocess.DEVNULL, user=here.server_uid, group=group) as foreign:
        wait_until(lambda: (found := server.described(here)) is not None and found.status == "ready")
        with pytest.raises(EmbeddedError, match=f"process {foreign.pid}"):
            attached(folder).__enter__()
        with pytest.raises(EmbeddedError, match=f"process {foreign.pid}"):
            destroy(folder)
        assert (here.path / "run" / sockets.SOCKET).exists()
        assert foreign.poll() is None
        foreign.terminate()


def test_a_killed_first_start_does_not_block_the_next(empty: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ATTACH, empty]) as first:
        wait_until((empty / place.FOLDER / "cluster.new" / "base").exists)
        first.kill()
    assert not home(empty).cluster.exists()
    with attached(empty) as embedded:
        assert answers(embedded.url)
    assert not (empty / place.FOLDER / "cluster.new").exists()


def test_a_first_start_that_fails_does_not_block_the_next(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(cluster, "LOCALE", ("--locale-provider=builtin", "--builtin-locale=xx"))
        with pytest.raises(EmbeddedError, match=r"could not be set up .*invalid locale"):
            attached(empty).__enter__()
    with attached(empty) as embedded:
        assert answers(embedded.url)


def test_a_data_dir_removed_in_use_leaves_no_server_behind(folder: Path, empty: Path) -> None:
    subprocess.run(["cp", "-a", folder / place.FOLDER, empty], check=True)
    with attached(empty):
        pid = postmaster(empty).pid
        shutil.rmtree(empty / place.FOLDER)
    assert not Path(f"/proc/{pid}/cwd").exists()
    assert not (empty / place.FOLDER).exists()


def test_a_server_whose_pid_file_is_gone_is_stopped_at_once(folder: Path) -> None:
    with attached(folder):
        (home(folder).cluster / "postmaster.pid").unlink()
        began = time.monotonic()
    assert time.monotonic() - began < 20, "it would give up by itself after a minute"


def test_without_the_wheel_there_is_one_clear_line(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "PACKAGE", "no_such_package")
    with pytest.raises(EmbeddedError, match="is not installed"):
        attached(empty).__enter__()
