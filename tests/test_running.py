"""`sixnet demo`, `serve` and `worker` from start to stop."""

import os
import signal
import socket
import stat
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from events.core.embedded import destroy
from tests.processes import Running, environment, run, running, wait_for

INTERRUPTED = {0, 130, -signal.SIGINT}
"""How an interrupted start ends: shells say 130 for both of the last. Python ends itself by SIGINT, whatever the exit
code, when the interrupt came in the middle of an `exec`, as the one by which dataclasses are made."""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("running") / "data"
    yield folder
    destroy(folder)


@pytest.fixture(scope="module")
def demo(data_dir: Path) -> Iterator[Running]:
    out = data_dir.parent / "demo.txt"
    arguments = ("demo", "--port", "0", "--no-browser", "--data-dir", str(data_dir))
    with running(*arguments, env=environment(data_dir), out=out) as started:
        started.wait_until_it_says("Stop with Ctrl-C.")
        yield started


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as answer:
        text: str = answer.read().decode()
        return text


def _worker_and_its_own(demo: Running) -> list[int]:
    return [
        pid for one in processes(demo.process.pid, "workers.main") for pid in (one, *processes(one, "workers.main"))
    ][:2]


def processes(parent: int, module: str) -> list[int]:
    """The children of a process that run this module."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_text().split("\0")
            found_parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        if module in words and found_parent == parent:
            found.append(int(folder.name))
    return found


def test_the_demo_serves_pages_and_tells_how_to_sign_in(demo: Running) -> None:
    assert "</html>" in fetch(f"{demo.url}/")
    assert fetch(f"{demo.url}/readyz") == '{"status":"ok"}'
    for role in ("admin", "coordinator", "organiser", "door", "viewer"):
        assert f"{role}@sixnet.example" in demo.said


def test_the_key_is_made_once_and_nobody_else_may_read_it(demo: Running, data_dir: Path) -> None:
    key = data_dir / "secret_key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_text()) > 40


def test_a_port_in_use_is_one_clear_line(demo: Running, tmp_path: Path) -> None:
    port = demo.url.rpartition(":")[2]
    done = run("demo", "--port", port, env=environment(tmp_path / "other"))
    assert (done.returncode, done.stderr) == (1, f"sixnet: Port {port} is in use: choose another with --port.\n")
    assert not (tmp_path / "other").exists()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks processes up in /proc")
def test_a_killed_worker_is_started_again(demo: Running) -> None:
    wait_for(lambda: len(_worker_and_its_own(demo)) == 2, "the start of the worker")
    wait_for(lambda: len(list(Path(f"/proc/{_worker_and_its_own(demo)[1]}/task").iterdir())) > 10, "its threads")
    worker, its_own = _worker_and_its_own(demo)
    os.kill(worker, signal.SIGKILL)
    demo.wait_until_it_says("worker ended unexpectedly")
    wait_for(lambda: worker not in (again := processes(demo.process.pid, "workers.main")) and again, "another worker")
    wait_for(lambda: not Path(f"/proc/{its_own}").exists(), "the end of what the killed one had started")


def test_a_separate_command_attaches_to_the_same_database(demo: Running, data_dir: Path) -> None:
    done = run("migrate", env=environment(data_dir))
    assert (done.returncode, done.stdout) == (0, "The database is up to date.\n")
    assert fetch(f"{demo.url}/readyz")


def test_signals_to_the_whole_group_stop_everything_and_leave_nothing_behind(demo: Running, data_dir: Path) -> None:
    demo.signal_group(signal.SIGTERM)
    demo.signal_group(signal.SIGTERM)
    assert demo.wait() == 0
    assert demo.said.rstrip().endswith("Stopped.")
    assert demo.left_behind() == []
    assert not _database_runs(data_dir)
    log = (data_dir / "demo.log").read_text()
    assert "Killing" not in log
    assert "Traceback" not in log


def test_a_second_start_finds_the_data_and_ctrl_c_stops_it(demo: Running, data_dir: Path, tmp_path: Path) -> None:
    demo.wait()
    arguments = ("serve", "--port", "0", "--web-workers", "2", "--with-worker")
    with running(*arguments, env=environment(data_dir), out=tmp_path / "serve.txt") as serve:
        serve.wait_until_it_says("SIXNET serves http")
        assert "</html>" in fetch(f"{serve.url}/")
        assert "sixnet_requests_total" in fetch(f"{serve.url}/metrics")
        serve.signal_group(signal.SIGINT)
        assert serve.wait() == 0
        assert serve.left_behind() == []


def test_an_interrupted_start_leaves_no_database_running(data_dir: Path, tmp_path: Path) -> None:
    with running("serve", "--port", "0", env=environment(tmp_path / "new"), out=tmp_path / "out.txt") as serve:
        wait_for(lambda: _database_runs(tmp_path / "new"), "the start of the database")
        serve.signal_group(signal.SIGTERM)
        assert serve.wait() in INTERRUPTED
        assert serve.left_behind() == []
    destroy(tmp_path / "new")


def test_a_data_directory_that_cannot_be_used_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("serve", "--port", "0", env=environment(tmp_path / "file"))
    assert done.returncode == 1
    assert done.stderr.startswith("sixnet: The database in ")
    assert len(done.stderr.splitlines()) == 1


def test_a_database_that_does_not_come_up_is_one_clear_line(tmp_path: Path) -> None:
    run("migrate", env=environment(tmp_path / "data"))
    (configuration,) = _cluster(tmp_path / "data").glob("postgresql.conf")
    configuration.write_text("no such setting\n")
    done = run("serve", "--port", "0", env=environment(tmp_path / "data"))
    assert done.returncode == 1
    assert "The database did not start" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    destroy(tmp_path / "data")


def _database_runs(data_dir: Path) -> bool:
    return (_cluster(data_dir) / "postmaster.pid").exists()


def _cluster(data_dir: Path) -> Path:
    home = data_dir / "postgresql"
    if (home / "id").exists():  # as root the cluster may be kept where its own user can enter
        home = Path("/var/lib/sixnet") / (home / "id").read_text().split("\n")[0]
    return home / "cluster"


def test_a_database_of_ones_own_needs_a_key(tmp_path: Path) -> None:
    done = run("serve", "--port", "0", env=environment(tmp_path, database_url="postgresql://nowhere/x"))
    assert done.returncode == 1
    assert done.stderr.startswith("sixnet: SIXNET_SECRET_KEY is not set.")
    assert len(done.stderr.splitlines()) == 1


def test_a_database_that_cannot_be_reached_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"postgresql://127.0.0.1:{unused.getsockname()[1]}/x"
        done = run("serve", "--port", "0", env=environment(tmp_path, database_url=url, secret_key="x"))
    assert done.returncode == 1
    assert done.stderr.startswith("sixnet: The database cannot be reached")


async def test_an_old_schema_of_ones_own_is_refused_with_what_mends_it(committed_db: str, tmp_path: Path) -> None:
    from events.core import database

    env = environment(tmp_path, database_url=committed_db, secret_key="x")
    await database.execute("UPDATE service_state SET value = 'older' WHERE key = 'schema'")
    await database.execute("DELETE FROM migration WHERE app_name = 'outreach'")
    done = run("worker", env=env)
    assert done.returncode == 1
    assert "run `sixnet migrate`" in done.stderr


def test_usage_errors_have_exit_code_2() -> None:
    assert run("serve", "--port", "no", env=dict(os.environ)).returncode == 2


def test_a_setting_that_is_wrong_is_named_in_one_line(tmp_path: Path) -> None:
    for settings, said in (
        ({"pool_size": "many"}, "sixnet: SIXNET_POOL_SIZE is wrong: "),
        ({"database_url": "mysql://nowhere", "secret_key": "x" * 40}, "sixnet: The database cannot be reached: "),
    ):
        done = run("migrate", env=environment(tmp_path, **settings))
        assert done.returncode == 1
        assert done.stderr.startswith(said)
        assert done.stderr.count("\n") == 1


def test_the_demo_takes_no_database_of_ones_own(tmp_path: Path) -> None:
    done = run("demo", env=environment(tmp_path, database_url="postgresql://127.0.0.1:1/mine"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "unset SIXNET_DATABASE_URL" in done.stderr
