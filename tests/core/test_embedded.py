"""The embedded PostgreSQL as one process sees it."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import psycopg
import pytest

from events.core.embedded import Embedded, EmbeddedError, attached, destroy, place, server

QUICK = {"fsync": "off"}
FORK = """
import os, sys
from pathlib import Path
import psycopg
from events.core.embedded import attached
with attached(Path(sys.argv[1])) as embedded:
    child = os.fork()
    if child == 0:
        sys.exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
    psycopg.connect(embedded.url).close()
"""


def one(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
        return row[0] if row else None


def answers(url: str) -> bool:
    try:
        return one(url, "SELECT 1") == 1
    except psycopg.OperationalError:
        return False


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def home(folder: Path) -> place.Home:
    return place.settle(folder)


def postmaster(folder: Path) -> server.Postmaster:
    found = server.described(home(folder))
    assert found is not None
    return found


def make_folder(name: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="sixnet-test-", dir="/tmp"))
    if os.geteuid() == 0:
        folder.chmod(0o711)  # so that the server's user can pass and the cluster stays in it
    return folder / name


def remove_folder(folder: Path) -> None:
    destroy(folder)
    shutil.rmtree(folder.parent)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data directory whose cluster was made once for this file."""
    folder = make_folder("tiedot, säilö")
    with attached(folder, settings=QUICK):
        pass
    yield folder
    remove_folder(folder)


@pytest.fixture
def up(folder: Path) -> Iterator[Embedded]:
    with attached(folder) as embedded:
        yield embedded


async def test_the_url_works_with_asyncpg(up: Embedded) -> None:
    connection = await asyncpg.connect(up.url)
    assert await connection.fetchval("SELECT current_database()") == "sixnet"
    await connection.close()


def test_the_url_works_with_the_tools_of_the_wheel(up: Embedded) -> None:
    for tool in ("psql", "pg_dump", "pg_isready"):
        done = subprocess.run([up.bin / tool, "-d", up.url], check=False, stdin=subprocess.DEVNULL)
        assert (tool, done.returncode) == (tool, 0)


def test_the_server_is_durable_and_closed_to_the_network(up: Embedded) -> None:
    for setting, value in {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "TimeZone": "UTC",
        "server_encoding": "UTF8",
    }.items():
        assert (setting, one(up.url, f"SHOW {setting}")) == (setting, value)


def test_names_sort_by_code_point_on_every_machine(up: Embedded) -> None:
    assert one(up.url, "SELECT datlocale FROM pg_database WHERE datname = 'sixnet'") == "C.UTF-8"


def test_letters_beyond_ascii_have_cases(up: Embedded) -> None:
    assert one(up.url, "SELECT upper('åäö') || lower('ŠŽ')") == "ÅÄÖšž"


def test_further_settings_are_for_who_starts_the_server(folder: Path) -> None:
    with attached(folder, settings={"work_mem": "7MB"}) as first, attached(folder, settings={"work_mem": "9MB"}):
        assert one(first.url, "SHOW work_mem") == "7MB"


def test_variables_of_the_environment_change_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGPORT": "6543", "PGHOST": "db.example", "PGDATA": "/nowhere", "PGTZ": "Asia/Tokyo"}.items():
        monkeypatch.setenv(name, value)
    with attached(folder) as embedded:
        assert one(embedded.url, "SELECT inet_server_addr() IS NULL")


def test_nothing_of_our_environment_reaches_the_server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIXNET_SECRET_KEY", "salaisuus")
    with attached(folder):
        assert b"salaisuus" not in Path(f"/proc/{postmaster(folder).pid}/environ").read_bytes()


def test_without_the_password_nobody_gets_in(up: Embedded) -> None:
    password = urlsplit(up.url).password
    for secret in ("", ":wrong"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(up.url.replace(f":{password}", secret))


def test_no_way_in_goes_without_a_password(up: Embedded) -> None:
    assert one(up.url, "SELECT array_agg(DISTINCT auth_method) FROM pg_hba_file_rules") == ["scram-sha-256"]
    assert str(one(up.url, "SELECT rolpassword FROM pg_authid WHERE rolname = 'sixnet'")).startswith("SCRAM-SHA-256$")


def test_folders_and_secrets_are_private(up: Embedded, folder: Path) -> None:
    here = home(folder)
    passing = 0o710 if os.geteuid() == 0 else 0o700
    assert (mode(folder), mode(here.path)) == (passing, passing)
    assert (mode(here.cluster), mode(postmaster(folder).sockets)) == (0o700, 0o700)
    assert {mode(path) for path in here.path.iterdir() if path.is_file()} == {0o600}
    assert not list(here.path.glob("*.new"))


def test_the_log_keeps_no_values(up: Embedded, folder: Path) -> None:
    twice = "CREATE TEMP TABLE t (a text UNIQUE); INSERT INTO t VALUES ('aino@koe.example'), ('aino@koe.example')"
    with psycopg.connect(up.url) as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute(twice)
    log = home(folder).log.read_text()
    assert "duplicate key" in log
    assert "aino" not in log


def test_a_long_log_is_put_aside(folder: Path) -> None:
    log = home(folder).log
    log.write_bytes(b"x" * (server.LOG_LIMIT + 1))
    with attached(folder):
        assert log.stat().st_size < 10_000
    assert log.with_suffix(".log.old").stat().st_size > server.LOG_LIMIT


def test_a_forked_child_that_leaves_does_not_stop_the_server(folder: Path) -> None:
    subprocess.run([sys.executable, "-c", FORK, folder], check=True)


def test_the_last_to_leave_stops_it(folder: Path) -> None:
    with attached(folder) as outer:
        with attached(folder) as inner:
            assert inner == outer
        assert answers(outer.url)
    assert not answers(outer.url)
    assert server.described(home(folder)) is None


def test_leaving_after_an_error_stops_it_and_keeps_the_error(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), attached(folder) as embedded:
        raise ZeroDivisionError
    assert not answers(embedded.url)


def test_a_path_too_long_for_a_socket_uses_a_private_folder_in_tmp(folder: Path) -> None:
    long = folder.rename(folder.parent / ("pitkä" * 20))
    try:
        with attached(long) as embedded:
            assert answers(embedded.url)
            short = postmaster(long).sockets
            assert (short.parent, mode(short), short.stat().st_uid) == (Path("/tmp"), 0o700, home(long).server_uid)
        assert not short.exists()
    finally:
        long.rename(folder)


def test_an_existing_cluster_is_up_in_half_a_second(folder: Path) -> None:
    def seconds() -> float:
        began = time.monotonic()
        with attached(folder):
            return time.monotonic() - began

    assert min(seconds() for _ in range(3)) < 0.5
    with attached(folder):
        assert min(seconds() for _ in range(3)) < 0.1


def test_destroying_nothing_makes_nothing(tmp_path: Path) -> None:
    destroy(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_cluster_in_use_is_not_destroyed(up: Embedded, folder: Path) -> None:
    with pytest.raises(EmbeddedError, match="is in use"):
        destroy(folder)
    assert answers(up.url)
