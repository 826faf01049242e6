"""The embedded PostgreSQL shared by processes that start at once, are interrupted and killed."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from events.core.embedded import attached, destroy, locks, place, server

HOLD = """
import signal, sys
from pathlib import Path
# as in a terminal: what runs in the background of a shell would ignore the signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from events.core.embedded import attached
with attached(Path(sys.argv[1]), settings={"fsync": "off"}) as embedded:
    print(embedded.url, flush=True)
    sys.stdin.read()
"""

NO_LOCK = """
from contextlib import nullcontext
from events.core.embedded import locks
locks.exclusively = lambda fd, path: nullcontext()
"""


@pytest.fixture
def empty() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="sixnet-test-", dir="/tmp"))
    folder.chmod(0o711)  # as root the server's user must pass
    yield folder
    destroy(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data directory whose cluster was made once for this file."""
    folder = Path(tempfile.mkdtemp(prefix="sixnet-test-", dir="/tmp"))
    folder.chmod(0o711)
    with attached(folder, settings={"fsync": "off"}):
        pass
    yield folder
    destroy(folder)
    shutil.rmtree(folder)


@contextmanager
def holder(folder: Path, script: str = HOLD) -> Iterator[subprocess.Popen[str]]:
    """Another process that is attached, or about to be; it leaves when its input ends."""
    command = [sys.executable, "-c", script, str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def leave(process: subprocess.Popen[str]) -> int:
    assert process.stdin is not None
    process.stdin.close()
    return process.wait(30)


def answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def postmaster(folder: Path) -> server.Postmaster:
    found = server.described(place.settle(folder))
    assert found is not None
    return found


def runs(folder: Path) -> bool:
    fd = locks.opened(place.settle(folder).path / "server.lock")
    try:
        return not locks.is_free(fd)
    finally:
        os.close(fd)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def kill_server(folder: Path) -> None:
    pid = postmaster(folder).pid
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not Path(f"/proc/{pid}/cwd").exists())


def test_the_first_to_come_may_leave_first(folder: Path) -> None:
    with holder(folder) as first, holder(folder) as second:
        url = url_of(first)
        assert url_of(second) == url
        assert leave(first) == 0
        assert answers(url)
        assert leave(second) == 0
    assert not answers(url)
    assert not runs(folder)


def test_processes_that_start_at_once_on_nothing_share_one_cluster(empty: Path) -> None:
    with holder(empty) as one, holder(empty) as two, holder(empty) as three, attached(empty) as here:
        assert {url_of(process) for process in (one, two, three)} == {here.url}
        assert answers(here.url)
        assert [leave(process) for process in (one, two, three)] == [0, 0, 0]
        assert answers(here.url)
    assert not runs(empty)


def test_without_the_start_lock_they_would_collide(empty: Path) -> None:
    """The negative control of the test above."""
    with holder(empty, NO_LOCK + HOLD) as one, holder(empty, NO_LOCK + HOLD) as two:
        urls = {url_of(one), url_of(two)}
        assert "" in urls, "one of them should have failed"
        one.kill()
        two.kill()
    wait_until(lambda: no_initdb(empty))


def no_initdb(folder: Path) -> bool:
    lines = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return f"--pgdata={folder}" not in lines


COME_AND_GO = """
import sys, psycopg
from pathlib import Path
from events.core.embedded import attached
for _ in range(6):
    with attached(Path(sys.argv[1]), settings={"fsync": "off"}) as embedded:
        psycopg.connect(embedded.url).close()
"""


def test_coming_and_going_at_once_never_meets_a_stopped_server(folder: Path) -> None:
    crowd = [subprocess.Popen([sys.executable, "-c", COME_AND_GO, str(folder)]) for _ in range(3)]
    assert [process.wait(60) for process in crowd] == [0, 0, 0]
    assert not runs(folder)


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(folder: Path) -> None:
    with holder(folder) as interrupted:
        url = url_of(interrupted)
        with attached(folder):
            os.killpg(interrupted.pid, signal.SIGINT)
            assert interrupted.wait(30) != 0
            assert answers(url)
            assert os.getsid(postmaster(folder).pid) not in (interrupted.pid, os.getsid(0))
    assert not runs(folder)


def test_ctrl_c_stops_the_server_of_the_only_user(folder: Path) -> None:
    with holder(folder) as interrupted:
        url_of(interrupted)
        os.killpg(interrupted.pid, signal.SIGINT)
        interrupted.wait(30)
    assert not runs(folder)


def test_a_killed_owner_leaves_a_server_that_the_next_one_uses_and_stops(folder: Path) -> None:
    with holder(folder) as owner:
        url = url_of(owner)
        owner.kill()
    assert answers(url)
    with attached(folder) as embedded:
        assert embedded.url == url
    assert not runs(folder)


def test_a_killed_server_is_started_again(folder: Path) -> None:
    with holder(folder) as owner:
        url_of(owner)
        kill_server(folder)
        owner.kill()
    with attached(folder) as embedded:
        assert answers(embedded.url)
    assert not runs(folder)


def test_a_killed_server_is_started_again_beside_a_user_of_the_old_one(folder: Path) -> None:
    with holder(folder) as owner:
        url_of(owner)
        kill_server(folder)
        with attached(folder) as embedded:
            assert answers(embedded.url)
        assert leave(owner) == 0
    assert not runs(folder)


def test_the_last_query_of_a_killed_server_is_waited_for(folder: Path) -> None:
    with holder(folder) as owner, psycopg.connect(url_of(owner)) as busy:
        busy.pgconn.send_query(b"DO 'BEGIN FOR i IN 1..20000000 LOOP END LOOP; END'")
        kill_server(folder)
        with attached(folder) as embedded:
            assert answers(embedded.url)
        busy.close()


def test_the_server_holds_its_own_lock_and_none_of_its_users(folder: Path) -> None:
    with attached(folder):
        held = {fd.readlink().name for fd in Path(f"/proc/{postmaster(folder).pid}/fd").iterdir()}
    assert "server.lock" in held
    assert not held & {"users.lock", "start.lock"}
