"""The supervisor with small children of the tests' own, each run in a process group that is not ours."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from events.supervisor import Child

JOB = """
import pathlib, signal, sys, time
folder = pathlib.Path(sys.argv[1])
heard = []
def hear(number, _frame):
    heard.append(number)
    (folder / "signals").write_text(str(len(heard)))
signal.signal(signal.SIGTERM, hear)
(folder / "started").write_text("yes")
while not heard:
    time.sleep(0.02)
time.sleep(0.6)
(folder / "done").write_text("yes")
"""

CRASH = """
import pathlib, sys
with (pathlib.Path(sys.argv[1]) / "starts").open("a") as file:
    file.write("x")
sys.exit(7)
"""

ORPHAN = """
import pathlib, sys, time
from events.core.parent import leave_with_parent
if sys.argv[2] == "watched":
    leave_with_parent()
(pathlib.Path(sys.argv[1]) / "started").write_text("yes")
time.sleep(20)
"""

DRIVER = """
import subprocess, sys
from events import supervisor
from events.supervisor import Child, NotStarted, Stop, supervise
if "same-session" in sys.argv:
    popen = subprocess.Popen
    subprocess.Popen = lambda *args, **options: popen(*args, **{**options, "start_new_session": False})
up = "never-up" not in sys.argv
with Stop().heard() as stop:
    try:
        supervise([Child("child", sys.argv[1], sys.argv[2:])], stop, is_up=lambda: up, say=print)
    except NotStarted as error:
        sys.exit(f"{error.name} did not start")
"""


@pytest.fixture
def modules(tmp_path: Path) -> dict[str, str]:
    for name, source in {"job": JOB, "crash": CRASH, "orphan": ORPHAN}.items():
        (tmp_path / f"{name}.py").write_text(source)
    return os.environ | {"PYTHONPATH": str(tmp_path)}


def drive(environment: dict[str, str], *arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER, *map(str, arguments)],
        env=environment,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def ended(driver: subprocess.Popen[str]) -> str:
    out, _ = driver.communicate(timeout=30)
    return out


def signal_group_twice(driver: subprocess.Popen[str], tmp_path: Path) -> str:
    wait_for((tmp_path / "started").exists)
    os.killpg(driver.pid, signal.SIGTERM)
    time.sleep(0.2)
    os.killpg(driver.pid, signal.SIGTERM)
    return ended(driver)


def test_signals_to_the_whole_group_reach_a_child_once_and_it_finishes_its_work(
    modules: dict[str, str], tmp_path: Path
) -> None:
    driver = drive(modules, "job", tmp_path)
    signal_group_twice(driver, tmp_path)
    assert driver.returncode == 0
    assert (tmp_path / "done").exists()
    assert (tmp_path / "signals").read_text() == "1"


def test_without_a_session_of_its_own_a_child_would_hear_them_all(modules: dict[str, str], tmp_path: Path) -> None:
    driver = drive(modules, "job", tmp_path, "same-session")
    signal_group_twice(driver, tmp_path)
    assert int((tmp_path / "signals").read_text()) > 1


def test_ctrl_c_stops_as_sigterm_does(modules: dict[str, str], tmp_path: Path) -> None:
    driver = drive(modules, "job", tmp_path)
    wait_for((tmp_path / "started").exists)
    os.killpg(driver.pid, signal.SIGINT)
    ended(driver)
    assert driver.returncode == 0
    assert (tmp_path / "done").exists()


def test_a_child_that_crashes_is_started_again_a_little_later_each_time(
    modules: dict[str, str], tmp_path: Path
) -> None:
    # Its first start is beside another child's, so that everything is up when it crashes.
    driver = drive(modules, "crash", tmp_path)
    wait_for(lambda: (tmp_path / "starts").exists() and len((tmp_path / "starts").read_text()) >= 3)
    os.kill(driver.pid, signal.SIGTERM)
    said = ended(driver)
    assert "child ended unexpectedly (code 7); starting it again in 0.5 s." in said
    assert "in 1 s." in said


def test_the_wait_before_a_restart_grows_to_half_a_minute_and_starts_over_after_a_good_run() -> None:
    child = Child("web", "web")
    assert [child.wait_before_restart(1.0) for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert child.wait_before_restart(child.started_at + 61) == 0.5


def test_a_child_that_ends_before_all_is_up_ends_the_command(modules: dict[str, str], tmp_path: Path) -> None:
    driver = drive(modules, "crash", tmp_path, "never-up")
    assert "child did not start" in ended(driver)
    assert driver.returncode == 1


def test_a_signal_before_the_start_is_not_lost(modules: dict[str, str], tmp_path: Path) -> None:
    script = DRIVER.replace("    try:", "    import os, signal\n    stop.asked.set()\n    try:", 1)
    done = subprocess.run(
        [sys.executable, "-c", script, "job", str(tmp_path)], env=modules, capture_output=True, timeout=30, check=False
    )
    assert b"KeyboardInterrupt" in done.stderr
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize(("watching", "leaves"), [("watched", True), ("unwatched", False)])
def test_a_child_leaves_with_a_killed_supervisor(
    modules: dict[str, str], tmp_path: Path, *, watching: str, leaves: bool
) -> None:
    driver = drive(modules, "orphan", tmp_path, watching)
    wait_for((tmp_path / "started").exists)
    children = Path(f"/proc/{driver.pid}/task/{driver.pid}/children")
    if not children.exists():
        driver.kill()
        pytest.skip("the system does not tell a process's children")
    child = int(children.read_text().split()[0])
    driver.kill()
    ended_in_time = True
    try:
        wait_for(lambda: not runs(child), seconds=4)
    except AssertionError:
        ended_in_time = False
        os.kill(child, signal.SIGKILL)
    driver.communicate()
    assert ended_in_time is leaves


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
