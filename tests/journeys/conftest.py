"""Whole journeys: the real application behind a real server, in a real browser.

`server_url` is the address of a server over `committed_db`, which is made anew for each test under one name, so that one
server serves them all; `chromium` opens browsers, maybe with a film in place of the camera (`camera.film`), and `firefox` and
`webkit` are the others that one can have from Debian. Without a browser its tests are skipped, except where CI=true says
that it must be there.
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
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

import pytest
from playwright.async_api import Browser, Playwright, async_playwright

from events.core import clock, database
from tests.conftest import SECRET_KEY, clone, drop
from tests.journeys import CLOCK, elsewhere
from tests.journeys.elsewhere import Driven, Firefox

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
"""The one without windows where it is installed: the other draws its toolbar for every page, which takes thrice as long."""

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


def need(program: str, package: str) -> None:
    """Skip the test without a browser, except where CI=true says that it must be there."""
    if shutil.which(program):
        return
    reason = f"{program} is not installed (Debian's package `{package}`)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    need(CHROMIUM, "chromium")
    async with async_playwright() as started:
        yield started


@pytest.fixture(scope="session")
async def shared_browser(playwright: Playwright) -> AsyncIterator[Browser]:
    """A browser without flags of a test's own: contexts keep tests apart, and starting one takes a second."""
    browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
    yield browser
    await browser.close()


@pytest.fixture
async def chromium(playwright: Playwright, shared_browser: Browser) -> AsyncIterator[Launch]:
    """Opens browsers and leaves nothing open after the test: `browser = await chromium(camera=film(...))`."""
    opened: list[Browser] = []

    async def launch(*flags: str, camera: Path | None = None) -> Browser:
        if not flags and camera is None:
            return shared_browser
        seen = (*CAMERA, f"--use-file-for-fake-video-capture={camera}") if camera else ()
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *seen, *flags])
        opened.append(browser)
        return browser

    yield launch
    for context in list(shared_browser.contexts):
        await context.close()
    for browser in opened:
        await browser.close()


@pytest.fixture
async def firefox(tmp_path: Path) -> AsyncIterator[Firefox]:
    need("firefox-esr", "firefox-esr")
    async with elsewhere.firefox(tmp_path) as browser:
        yield browser


@pytest.fixture
async def webkit(tmp_path: Path) -> AsyncIterator[Driven]:
    need("WebKitWebDriver", "webkit2gtk-driver")
    need("Xvfb", "xvfb")
    async with elsewhere.webkit(tmp_path) as browser:
        yield browser


@pytest.fixture
async def committed_db(cluster: str, template_db: str, worker_id: str) -> AsyncIterator[str]:
    """As everywhere else, but always under the name that the server knows."""
    name = f"sixnet_journeys_{worker_id}"
    url = await clone(cluster, template_db, name)
    async with database.pooled(url, size=20):
        yield url
    await drop(cluster, url)


class Served:
    """A server that starts when it is first needed; its address and its main process."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self._log, self._clock = folder / "server.log", folder / "clock"

    def start(self, database_url: str) -> None:
        """Start it unless it runs."""
        if self.process and self.process.poll() is None:
            return
        command = [sys.executable, "-m", "tests.journeys.web", str(self.port)]
        environment = {**os.environ, "SIXNET_DATABASE_URL": database_url, "SIXNET_PUBLIC_URL": self.url}
        environment |= {CLOCK: str(self._clock), "SIXNET_SECRET_KEY": SECRET_KEY}
        with self._log.open("ab") as file:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=file, stderr=file, start_new_session=True
            )
        _wait(f"{self.url}/readyz", self.process, self._log)

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Let it be an aware `moment` there, and for the code of ours that the test itself runs."""
        draft = self._clock.with_suffix(".draft")
        draft.write_text(moment.isoformat())
        draft.replace(self._clock)  # whole at any time: the server may be reading
        try:
            with clock.at(moment):
                yield
        finally:
            self._clock.unlink()

    def stop(self) -> None:
        """Stop it; fails when it does not stop in time."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=STOP_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            pytest.fail(f"the server did not stop in time: {self._log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("server"))
    yield served
    served.stop()


@pytest.fixture
def server(_served: Served, committed_db: str) -> Served:
    """The server, with nothing in its memory of an earlier test's pages."""
    _served.start(committed_db)
    return _served


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
