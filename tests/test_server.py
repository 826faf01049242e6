"""The web process as the supervisor starts it: what Granian does unasked (the cures stand in events/server.py)."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from events.server import trusting
from tests.conftest import SECRET_KEY, clone, drop
from tests.processes import environment, wait_for

DRIVER = """
import sys
from events import server
server.KILL_AFTER = 1
server.serve("127.0.0.1", int(sys.argv[1]), 1)
"""

Headers = list[tuple[bytes, bytes]]


class Server:
    """A web process with one worker, on a database of its own."""

    def __init__(self, database: str, data_dir: Path) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        self.database = database
        self.url = f"http://127.0.0.1:{port}"
        env = environment(data_dir, database_url=database, secret_key=SECRET_KEY, public_url=self.url)
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", DRIVER, str(port)], env=env, start_new_session=True
        )

    def answers(self) -> bool:
        assert self.process.poll() is None, "the server has ended"
        try:
            return httpx.get(f"{self.url}/livez", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def workers(self) -> list[int]:
        pids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in pids if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()]


@pytest.fixture(scope="module")
async def server(cluster: str, template_db: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    database = await clone(cluster, template_db)
    started = Server(database, tmp_path_factory.mktemp("server"))
    try:
        await asyncio.to_thread(wait_for, started.answers, "the start of the server")
        yield started
    finally:
        if started.process.poll() is None:
            os.killpg(started.process.pid, signal.SIGKILL)
        started.process.wait()
        await drop(cluster, database)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks processes up in /proc")
def test_a_killed_web_worker_is_replaced_by_the_same_server(server: Server) -> None:
    (worker,) = server.workers()
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: server.answers() and server.workers() not in ([worker], []), "another worker")
    assert server.process.poll() is None


async def test_a_request_that_hangs_does_not_hold_up_the_stop(server: Server) -> None:
    """The last one here, for the server is gone afterwards."""
    holder = await asyncpg.connect(server.database)
    try:
        async with holder.transaction(), httpx.AsyncClient(timeout=60) as browser:
            await holder.execute("LOCK TABLE event")
            request = asyncio.create_task(browser.get(server.url))
            while not await holder.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                assert not request.done()
                await asyncio.sleep(0.02)
            told = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(server.process.wait, 60)
            # Without the cure it takes as long as the database lets a statement wait for a lock, ten seconds.
            assert time.monotonic() - told < 7
            with contextlib.suppress(httpx.TransportError):
                assert (await request).status_code >= 500
    finally:
        await holder.close()


async def seen_through(proxies: str, client: str, headers: Headers) -> tuple[str, str]:
    """The address and the scheme that an application sees of a request that `client` sends."""
    seen: list[tuple[str, str]] = []

    async def application(scope: dict[str, Any], _receive: object, _send: object) -> None:
        seen.append((scope["client"][0], scope["scheme"]))

    scope = {"type": "http", "client": (client, 1234), "scheme": "http", "headers": headers}
    await trusting(application, proxies)(scope, None, None)
    return seen[0]


@pytest.mark.parametrize(
    ("proxies", "client", "expected"),
    [
        ("", "10.0.0.1", ("10.0.0.1", "http")),
        (" , ", "10.0.0.1", ("10.0.0.1", "http")),
        ("10.0.0.1", "10.0.0.1", ("203.0.113.7", "https")),
        ("10.0.0.1", "10.0.0.2", ("10.0.0.2", "http")),
        ("192.0.2.1, 10.0.0.0/24", "10.0.0.9", ("203.0.113.7", "https")),
        ("192.0.2.1, 10.0.0.0/24", "10.0.1.9", ("10.0.1.9", "http")),
    ],
)
async def test_forwarded_addresses_count_only_from_named_proxies(
    proxies: str, client: str, expected: tuple[str, str]
) -> None:
    forwarded = [(b"x-forwarded-for", b"203.0.113.7"), (b"x-forwarded-proto", b"https")]
    assert await seen_through(proxies, client, forwarded) == expected


async def test_what_a_client_claims_of_itself_stands_behind_what_the_proxy_saw() -> None:
    forwarded = [(b"x-forwarded-for", b"127.0.0.1, 203.0.113.7")]
    assert await seen_through("10.0.0.1", "10.0.0.1", forwarded) == ("203.0.113.7", "http")
