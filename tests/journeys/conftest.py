"""Whole journeys: the real application behind a real server, in a real browser.

`server_url` is a server of the test's own over `committed_db`; `chromium` opens browsers, maybe with a film in place of
the camera (`camera.film`). Without Chromium these tests are skipped, except where CI=true says that it must be there.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from playwright.async_api import Browser, Playwright, async_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-features=OptimizationHints,MediaRouter,Translate",
)
START_WITHIN = 60
"""Seconds: a machine that runs all tests at once is slow to start another Python."""

STOP_WITHIN = 30

CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


class Launch(Protocol):
    """Opens a browser; with `camera`, a Motion JPEG file stands in for the camera."""

    async def __call__(self, *flags: str, camera: Path | None = None) -> Browser: ...


@pytest.fixture(scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    if not shutil.which(CHROMIUM):
        reason = f"{CHROMIUM} is not installed (Debian's package `chromium`)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as started:
        yield started


@pytest.fixture
async def chromium(playwright: Playwright) -> AsyncIterator[Launch]:
    """Opens browsers and closes them after the test: `browser = await chromium(camera=film(...))`."""
    opened: list[Browser] = []

    async def launch(*flags: str, camera: Path | None = None) -> Browser:
        seen = (*CAMERA, f"--use-file-for-fake-video-capture={camera}") if camera else ()
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *seen, *flags])
        opened.append(browser)
        return browser

    yield launch
    for browser in opened:
        await browser.close()


@dataclass(frozen=True)
class Served:
    """A running server: its address and its main process."""

    url: str
    process: subprocess.Popen[bytes]


@pytest.fixture
def server(committed_db: str, tmp_path: Path) -> Iterator[Served]:
    """A server of the test's own, with the database of `committed_db`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "events.server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    environment = {**os.environ, "SIXNET_DATABASE_URL": committed_db, "SIXNET_PUBLIC_URL": url}
    log = tmp_path / "server.log"
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file, start_new_session=True)
        try:
            _wait(f"{url}/readyz", process, log)
            yield Served(url, process)
        finally:
            process.terminate()
            try:
                process.wait(timeout=STOP_WITHIN)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                pytest.fail(f"the server did not stop in time: {log.read_text()[-2000:]}")


@pytest.fixture
def server_url(server: Served) -> str:
    """The address of `server`."""
    return server.url


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    patience = time.monotonic() + START_WITHIN
    while time.monotonic() < patience:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"the server did not start: {log.read_text()[-2000:]}")
