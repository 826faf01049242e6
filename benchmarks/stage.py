"""The stage of a run: a durable cluster of its own, the schema, an event, a token, and the served application."""

import asyncio
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from benchmarks.harness import PYTHON, free_port, running
from events.core import database, secrets, settings
from events.core.embedded import attached
from events.migrate import migrate

SLUG = "benchmark"
WORKERS = "2"  # as many web processes as cores, for the service and for hello
TOKEN = "a-token-for-measuring-only"
KEY = "a key for measuring only"


@dataclass(frozen=True)
class Stage:
    """Where things are while measurements run."""

    database_url: str
    pgbench: Path
    web_url: str
    hello_url: str
    web: subprocess.Popen[bytes]
    site: UUID


@contextmanager
def stage() -> Iterator[Stage]:
    """Set everything up in a temporary folder and take it down again."""
    with tempfile.TemporaryDirectory(prefix="sixnet-bench-") as folder, attached(Path(folder) / "data") as embedded:
        settings.override(secret_key=KEY, database_url=embedded.url, data_dir=folder)
        site = asyncio.run(_prepare(embedded.url))
        port, hello_port = free_port(), free_port()
        web_url, hello_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{hello_port}"
        serve = [PYTHON, "-m", "events.cli", "serve", "--port", str(port), "--web-workers", WORKERS]
        hello = [PYTHON, "-m", "granian", "--interface", "asgi", "--loop", "uvloop", "--no-ws", "--log-level", "error"]
        hello += ["--workers", WORKERS]
        hello += ["--host", "127.0.0.1", "--port", str(hello_port), "benchmarks.hello:app"]
        with running(serve, f"{web_url}/livez") as web, running(hello, hello_url):
            yield Stage(embedded.url, embedded.bin / "pgbench", web_url, hello_url, web, site)


async def _prepare(url: str) -> UUID:
    async with database.pooled(url, size=2):
        await migrate(url)
        async with connected(url) as connection:
            _event, site = await add_event(connection, SLUG)
        await database.execute(
            "INSERT INTO api_token (id, name, token_hash, scope) VALUES ($1, 'benchmark', $2, 'all')",
            uuid4(),
            secrets.digest(TOKEN),
        )
        return site


async def add_event(connection: asyncpg.Connection, slug: str) -> tuple[UUID, UUID]:
    """Publish an event with one site that never fills; returns the ids of both."""
    event, site = uuid4(), uuid4()
    await connection.execute(
        "INSERT INTO event (id, slug, kind, state, title_fi, starts_at, ends_at, host_region, languages)"
        " VALUES ($1, $2, 'workshop', 'published', 'Mittaus', now() + interval '30 days',"
        " now() + interval '30 days 6 hours', '06', '{fi}')",
        event,
        slug,
    )
    await connection.execute(
        "INSERT INTO site (id, event, mode, name, municipality, capacity) VALUES ($1, $2, 'venue', 'Sali', '837', $3)",
        site,
        event,
        1_000_000_000,
    )
    return event, site


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """One connection, for looking at what the load has left."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()
