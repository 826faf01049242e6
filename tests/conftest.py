"""One embedded cluster per run, a template database with the schema, and two ways to a database for a test.

`db`: one transaction that is rolled back; code under test nests savepoints in it. `committed_db`: a database of its own,
cloned from the template, for what must really commit (races, workers, isolation levels).
"""

import os
import random
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import dramatiq
import httpx
import hypothesis
import pytest
from dramatiq.brokers.stub import StubBroker
from litestar import Litestar

from events.core import database, settings
from events.core.embedded import EmbeddedError, attached, destroy
from events.migrate import migrate

# Tests start some sixty processes: each would compile the whole service for itself.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# How long an example takes says how busy the machine is, nothing of the code.
hypothesis.settings.register_profile("busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("busy")

SECRET_KEY = "a key for tests only, of no use anywhere else"
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
# What autovacuum counts in a database where every test is rolled back is nothing: plans made for empty tables then scan
# what the tests before left in them, once for every row.
FAST |= {"autovacuum": "off"}
# The log of what was written takes up room of the memory; the standard is a gibibyte.
FAST |= {"max_wal_size": "128MB"}

MEMORY, ROOM = Path("/dev/shm"), 2 * 1024**3
"""Where the cluster lies if there is as much room, in bytes: a new database is some thousand files, and a disk's file system
takes up to half a second of processor time to make them, memory a tenth of that."""

CLUSTER = "TEST_CLUSTER"
"""The environment's name for the folder of the run's cluster, which xdist's workers inherit."""


def pytest_configure(config: pytest.Config) -> None:
    """Settle where the run's cluster lies; what a run that was killed left in memory goes."""
    if hasattr(config, "workerinput") or not MEMORY.is_dir():
        return
    for left in MEMORY.glob("sixnet-tests-*-*"):
        if not Path("/proc", left.name.split("-")[2]).exists():
            _remove(left)
    if shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ[CLUSTER] = str(MEMORY / f"sixnet-tests-{os.getpid()}-{uuid4().hex}")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and (folder := os.environ.pop(CLUSTER, "")):
        _remove(Path(folder))


def _remove(folder: Path) -> None:
    with suppress(EmbeddedError, OSError):  # another's, or still in use: the next run tries again
        destroy(folder)
        shutil.rmtree(folder, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say of tests that leave things to chance with which seed they ran and what they counted, passed or not."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            if report.when == "call" and report.user_properties:
                said = ", ".join(f"{name} {value}" for name, value in report.user_properties)
                terminalreporter.write_line(f"{report.nodeid.partition('::')[2]}: {said}")


FIRST = ("tests/journeys/every_page/", "tests/journeys/", "tests/test_", "tests/commands/", "tests/core/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, or one process would be left alone with it at the end."""
    items.sort(key=lambda item: next((i for i, begin in enumerate(FIRST) if item.nodeid.startswith(begin)), len(FIRST)))


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: who starts or stops a service, or waits for a page, needs none meanwhile."""
    return (os.cpu_count() or 1) + 1


def named(url: str, name: str) -> str:
    """The same server's URL with another database."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """The URL of the run's cluster; xdist's workers share one, and the last to leave stops it."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    data_dir = Path(os.environ.get(CLUSTER) or shared / "postgres")
    with attached(data_dir, settings=FAST) as embedded:
        yield embedded.url
    if worker_id == "master":
        destroy(data_dir)


@pytest.fixture(scope="session")
async def template_db(cluster: str) -> str:
    """The name of a database that holds the schema and the reference data and is never written to."""
    name = "sixnet_template"
    admin = await asyncpg.connect(cluster)
    try:
        await admin.execute("SELECT pg_advisory_lock(1)")
        if not await admin.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            draft = f"{name}_draft"
            await admin.execute(f"DROP DATABASE IF EXISTS {draft}")
            await admin.execute(f"CREATE DATABASE {draft}")
            async with database.pooled(named(cluster, draft), size=2):
                await migrate(named(cluster, draft))
            await admin.execute(f"ALTER DATABASE {draft} RENAME TO {name}")
    finally:
        await admin.close()
    return name


async def clone(cluster: str, template: str, name: str = "") -> str:
    """Make a database of one's own; returns its URL."""
    name = name or f"sixnet_{uuid4().hex}"
    admin = await asyncpg.connect(cluster)
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    finally:
        await admin.close()
    return named(cluster, name)


async def drop(cluster: str, url: str) -> None:
    admin = await asyncpg.connect(cluster)
    try:
        await admin.execute(f"DROP DATABASE IF EXISTS {urlsplit(url).path[1:]} WITH (FORCE)")
    finally:
        await admin.close()


@pytest.fixture(scope="session", autouse=True)
def test_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Settings that depend on nothing outside the tests."""
    for name in [name for name in os.environ if name.startswith("SIXNET_")]:
        if name != "SIXNET_PREBUILT_ASSETS":
            del os.environ[name]
    settings.override(
        secret_key=SECRET_KEY, data_dir=str(tmp_path_factory.mktemp("data")), public_url="http://testserver"
    )
    yield
    settings.get_settings.cache_clear()


@pytest.fixture
def chance(record_property: Callable[[str, object], None]) -> random.Random:
    """A source of chance whose seed is said at the end of the run; `TEST_SEED=… pytest …` repeats what it did."""
    seed = int(os.environ.get("TEST_SEED") or random.SystemRandom().randrange(2**32))
    record_property("TEST_SEED", seed)
    return random.Random(seed)


@pytest.fixture(scope="session", autouse=True)
def stub_broker() -> None:
    """Actors belong to the broker there is when they are imported; without one Dramatiq would take RabbitMQ."""
    dramatiq.set_broker(StubBroker())


@pytest.fixture(scope="session")
async def rolled_back_pool(cluster: str, template_db: str) -> AsyncIterator[asyncpg.Pool]:
    """A pool that is kept over the tests: a new connection learns all tables anew, which takes longer than most tests."""
    url = await clone(cluster, template_db)
    await database.open_pool(url, size=2)
    kept, database.DB.pool = database.DB.pool, None
    yield kept
    await kept.close()
    await drop(cluster, url)


@pytest.fixture
async def db(rolled_back_pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """A connection in a transaction that is rolled back after the test."""
    database.DB.pool = rolled_back_pool
    try:
        with pytest.raises(_RollBack):
            async with database.transaction() as connection:
                yield connection
                raise _RollBack
    finally:
        database.DB.pool = None


class _RollBack(Exception):
    pass


@pytest.fixture
async def committed_db(cluster: str, template_db: str) -> AsyncIterator[str]:
    """The URL of a database of the test's own, with the process's pool open on it."""
    url = await clone(cluster, template_db)
    async with database.pooled(url, size=20):
        yield url
    await drop(cluster, url)


@pytest.fixture(scope="session")
def app() -> Litestar:
    from events.app import create_app

    return create_app(with_lifespan=False)


@pytest.fixture
async def client(app: Litestar, db: asyncpg.Connection) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without cookies, in the test's transaction; English unless the test says otherwise."""
    async with browser(app) as opened:
        yield opened


def browser(app: Litestar) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://testserver",
        headers={"sec-fetch-site": "same-origin", "accept-language": "en"},
    )
