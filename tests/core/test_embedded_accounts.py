"""The embedded PostgreSQL as root, who may not run it, and as an ordinary user."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import psycopg
import pytest

from events.core.embedded import attached, destroy, place, programs, server

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, who can become other users")

QUICK = {"fsync": "off"}
USER = "daemon"
FIT = "import sys, events.core.embedded; assert sys.version_info >= (3, 11)"
PYTHONS = (sys.executable, "/usr/local/bin/python3", "/usr/bin/python3")
VISIT = """
import sys
from pathlib import Path
from events.core.embedded import EmbeddedError, attached
try:
    with attached(Path(sys.argv[1]), settings={"fsync": "off"}) as embedded:
        import subprocess
        print(subprocess.check_output([embedded.bin / "psql", embedded.url, "-Atc", "SELECT 'in'"], text=True), end="")
        print(embedded.bin)
        assert not [name for name in sys.modules if name.startswith("pixeltable")], "it would open every folder above"
except EmbeddedError as error:
    print(error)
"""

Visit = Callable[..., list[str]]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def pid_of(data_dir: Path) -> int:
    found = server.described(place.settle(data_dir))
    assert found is not None
    return found.pid


def modes_up_from(path: Path) -> list[int]:
    return [mode(folder) for folder in (path, *path.parents)]


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


@pytest.fixture
def visit() -> Visit:
    """Attach in a process of an ordinary user and return what it prints."""
    site = programs.installed().bin.parents[2]
    environment = {
        "PYTHONPATH": f"{Path(__file__).parents[2]}:{site}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": "/usr/bin:/bin",
    }

    def run(folder: Path, user: str | int = USER, *, python: str, script: str = VISIT) -> list[str]:
        group = user if isinstance(user, int) else pwd.getpwnam(user).pw_gid
        command = [python, "-c", script, folder]
        who = partial(subprocess.check_output, user=user, group=group, extra_groups=[])
        return str(who(command, env=environment, cwd="/", text=True)).splitlines()

    for python in PYTHONS:
        with suppress(OSError, subprocess.SubprocessError):
            run(Path("/"), python=python, script=FIT)
            return partial(run, python=python)
    pytest.skip("no Python ≥ 3.11, or no checkout, that an ordinary user can read")


def own(folder: Path) -> Path:
    folder.mkdir()
    shutil.chown(folder, USER)
    return folder


def test_an_ordinary_user_keeps_everything_to_themselves(room: Path, visit: Visit) -> None:
    data_dir = own(room / "koti") / "Omat tiedostot" / "säilö"
    assert visit(data_dir)[0] == "in"
    kept = [data_dir, data_dir / "postgresql", *(data_dir / "postgresql").iterdir()]
    assert {path.owner() for path in kept} == {USER}
    assert {mode(path) for path in kept} == {0o700, 0o600}

    kept[1].chmod(0o755)  # as a careless copy would leave it
    assert visit(data_dir)[0] == "in", "a second time"
    assert mode(kept[1]) == 0o700

    (data_dir / "postgresql/server.log").unlink()
    with attached(data_dir):
        assert Path(f"/proc/{pid_of(data_dir)}").owner() == USER, "as root"
    assert visit(data_dir)[0] == "in", "nothing of root's is in the way"


@pytest.fixture
def grouped() -> Iterator[None]:
    """We are in some groups, as root is on most machines."""
    before = os.getgroups()
    os.setgroups([0, 4, 27])
    yield
    os.setgroups(before)


@pytest.mark.usefixtures("grouped")
def test_roots_server_has_no_rights_and_lets_no_ordinary_user_in(room: Path, visit: Visit) -> None:
    with attached(room / "data", settings=QUICK) as embedded:
        lines = Path(f"/proc/{pid_of(room / 'data')}/status").read_text().splitlines()
        (refused,) = visit(room / "data")
    status = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    expected = str(next(entry.pw_uid for entry in pwd.getpwall() if entry.pw_name in place.SERVER_USERS))
    assert (status["Uid"], status["Groups"], int(status["CapEff"][0], 16)) == ([expected] * 4, [], 0)
    assert embedded.notice is None
    assert refused.startswith(f"The database in {room}/data cannot be used: Permission denied")


def test_a_data_dir_that_may_not_be_written_is_one_line(room: Path, visit: Visit) -> None:
    room.chmod(0o755)
    assert visit(room / "data") == [f"The database in {room}/data cannot be used: Permission denied: {room}/data."]
    (room / "theirs/postgresql").mkdir(parents=True)
    assert visit(room / "theirs") == [f"{room}/theirs/postgresql belongs to another user."]


def test_a_user_without_a_name_is_told_so(room: Path, visit: Visit) -> None:
    (room / "data").mkdir()
    os.chown(room / "data", 54321, 54321)
    (line,) = visit(room / "data", 54321)
    assert "54321" in line
    assert "no name in /etc/passwd" in line


@pytest.fixture
def strict() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("strict")
def test_a_closed_data_dir_keeps_its_mode_and_the_cluster_goes_elsewhere(closed: Path, away: Path) -> None:
    before = modes_up_from(closed)
    data_dir = closed / "data"
    with attached(data_dir, settings=QUICK) as first:
        (kept,) = away.iterdir()
        psycopg.connect(first.url).close()
    assert first.notice == f"The database is kept in {kept}: it runs as the user nobody, who cannot enter {data_dir}."
    assert modes_up_from(closed) == before
    assert [path.name for path in (data_dir / "postgresql").iterdir()] == ["id"]
    assert (mode(kept), mode(kept / "password")) == (0o710, 0o600)
    closed.chmod(0o711)
    with attached(data_dir) as second:
        assert second == first, "it stays there when the data directory opens"
    destroy(data_dir)
    assert list(away.iterdir()) == []


def test_programs_that_the_server_may_not_run_are_copied(room: Path, closed: Path) -> None:
    wheel = programs.installed().bin.parents[1]
    for part in (wheel / "pginstall18", wheel.with_name(f"{wheel.name}.libs")):
        shutil.copytree(part, closed / part.relative_to(wheel.parent), ignore=programs.NOT_NEEDED)
    (closed / wheel.name / "__init__.py").touch()
    before = modes_up_from(closed)
    environment = os.environ | {"PYTHONPATH": str(closed)}
    for _ in range(2):
        out = subprocess.check_output([sys.executable, "-c", VISIT, room / "data"], env=environment, text=True)
        assert out.splitlines() == ["in", str(closed / wheel.name / "pginstall18/bin")]
    assert modes_up_from(closed) == before
    assert len(list((room / "data/postgresql/programs").iterdir())) == 1
    destroy(room / "data")
