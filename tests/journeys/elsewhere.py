"""Debian's Firefox ESR and WebKitGTK, each driven by what it brings along: Marionette over a socket, WebDriver over HTTP.

Playwright drives builds of its own of these two, which come from nowhere but its own host; Debian's it cannot drive.
Both protocols name the same commands of W3C WebDriver, so one small class knows them.
"""

import asyncio
import json
import os
import signal
import socket
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key under which W3C WebDriver hands over an element."""

ESCAPE, ENTER = "\ue00c", "\ue007"
"""How W3C WebDriver writes keys that are no letters."""

PATIENCE = 60.0
"""Seconds to wait for a browser: a machine that runs all tests at once is slow."""

FIREFOX_SETTINGS = {
    "marionette.port": 0,  # any that is free; it stands in MarionetteActivePort then
    "intl.accept_languages": "fi",
    "media.navigator.streams.fake": True,  # a camera that shows nothing but colours, and nobody asks for leave
    "media.navigator.permission.disabled": True,
    "network.disable-localhost-when-offline": True,  # or its offline mode would leave the server of the test in reach
}


class Driven(ABC):
    """A window of a browser."""

    @abstractmethod
    async def ask(self, command: str, path: str, body: dict[str, Any]) -> Any:
        """Give one command of W3C WebDriver: its name in Marionette, its path over HTTP; raises RuntimeError."""

    async def go(self, address: str) -> None:
        await self.ask("Navigate", "url", {"url": address})

    async def reload(self) -> None:
        """Load the page again. (Firefox's command for it is what its button does with Shift: it passes by what is kept.)"""
        await self.run("window.isOld = true; location.reload()")
        await self.until("!window.isOld && document.readyState === 'complete'")

    async def run(self, script: str, *arguments: Any) -> Any:
        """The value that the body of a function returns in the page."""
        return await self.ask("ExecuteScript", "execute/sync", {"script": script, "args": list(arguments)})

    async def click(self, selector: str) -> None:
        element = await self._element(selector)
        await self.ask("ElementClick", f"element/{element}/click", {"id": element})

    async def type(self, selector: str, text: str) -> None:
        element = await self._element(selector)
        await self.ask("ElementSendKeys", f"element/{element}/value", {"id": element, "text": text})

    async def until(self, condition: str, *arguments: Any, within: float = PATIENCE) -> Any:
        """Wait until an expression in the page is true; fails with what the page says."""
        for _ in range(int(within * 20)):
            with suppress(RuntimeError):  # between two pages
                if value := await self.run(f"return {condition}", *arguments):
                    return value
            await asyncio.sleep(0.05)
        raise AssertionError(f"not {condition} {arguments}: {await self.run('return document.body.innerText')}")

    async def _element(self, selector: str) -> str:
        found = await self.ask("FindElement", "element", {"using": "css selector", "value": selector})
        element: str = found.get("value", found)[ELEMENT]
        return element


class Firefox(Driven):
    """Speaks Marionette: a message is its length, a colon, and [0, number, command, body] or [1, number, error, body]."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer, self._number = reader, writer, 0

    async def ask(self, command: str, path: str, body: dict[str, Any]) -> Any:
        return await self.marionette(f"WebDriver:{command}", body)

    async def marionette(self, command: str, body: dict[str, Any]) -> Any:
        self._number += 1
        message = json.dumps([0, self._number, command, body]).encode()
        self._writer.write(b"%d:%s" % (len(message), message))
        _kind, _number, error, answer = await self.hear()
        if error:
            raise RuntimeError(f"{command}: {error['error']}: {error['message']}")
        return answer["value"] if set(answer or {}) == {"value"} else answer

    async def hear(self) -> Any:
        length = (await asyncio.wait_for(self._reader.readuntil(b":"), PATIENCE))[:-1]
        return json.loads(await self._reader.readexactly(int(length)))

    async def offline(self, there_is_no_network: bool) -> None:
        """Turn on or off what its menu calls Work Offline."""
        await self.marionette("Marionette:SetContext", {"value": "chrome"})
        await self.run("Services.io.offline = arguments[0]", there_is_no_network)
        if there_is_no_network:  # connections to this machine itself would outlive it
            await self.run("Services.obs.notifyObservers(null, 'net:cancel-all-connections')")
        await self.marionette("Marionette:SetContext", {"value": "content"})


class WebKit(Driven):
    def __init__(self, client: httpx.AsyncClient, session: str) -> None:
        self._client, self._session = client, session

    async def ask(self, command: str, path: str, body: dict[str, Any]) -> Any:
        answer = await self._client.post(f"/session/{self._session}/{path}", json=body)
        value = answer.json()["value"]
        if answer.is_error:
            raise RuntimeError(f"{command}: {value['error']}: {value['message']}")
        return value


@asynccontextmanager
async def firefox(folder: Path) -> AsyncIterator[Firefox]:
    """Open Firefox ESR with a profile in `folder`, kept for the next time, and with no window on any screen."""
    profile = folder / "firefox"
    profile.mkdir(exist_ok=True)
    (profile / "MarionetteActivePort").unlink(missing_ok=True)
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in FIREFOX_SETTINGS.items())
    (profile / "user.js").write_text("".join(lines))
    flags = ("--headless", "--no-remote", "--marionette", "--remote-allow-system-access", "--profile", str(profile))
    async with _running("firefox-esr", *flags, folder=folder):
        reader, writer = await _marionette(profile / "MarionetteActivePort")
        browser = Firefox(reader, writer)
        await browser.hear()  # it greets
        await browser.ask("NewSession", "", {})
        yield browser
        writer.close()


@asynccontextmanager
async def webkit(folder: Path) -> AsyncIterator[WebKit]:
    """Open the small browser that WebKitGTK comes with, on a screen that nobody sees."""
    reading, writing = os.pipe()
    async with _running("Xvfb", "-displayfd", str(writing), "-nolisten", "tcp", folder=folder, keep=(writing,)):
        os.close(writing)
        with os.fdopen(reading) as pipe:
            screen = f":{(await asyncio.to_thread(pipe.readline)).strip()}"
        port = _free_port()
        async with (
            _running("WebKitWebDriver", f"--port={port}", folder=folder, DISPLAY=screen, GDK_BACKEND="x11"),
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client,
        ):
            session = await _session(client)
            yield WebKit(client, session)
            await client.delete(f"/session/{session}")


@asynccontextmanager
async def _running(
    program: str, *flags: str, folder: Path, keep: tuple[int, ...] = (), **environment: str
) -> AsyncIterator[None]:
    """Run a program that writes nowhere but into `folder`; it and all that it started end with the block."""
    surroundings = os.environ | {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)} | environment
    with (folder / f"{program}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            program, *flags, env=surroundings, stdout=log, stderr=log, pass_fds=keep, start_new_session=True
        )
        try:
            yield
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 10)
            except TimeoutError:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()


async def _marionette(port: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for _ in range(int(PATIENCE * 20)):
        with suppress(OSError, ValueError):  # it has written no port yet
            return await asyncio.open_connection("127.0.0.1", int(port.read_text()))
        await asyncio.sleep(0.05)
    raise AssertionError("Firefox does not listen")


async def _session(client: httpx.AsyncClient) -> str:
    for _ in range(int(PATIENCE * 20)):
        with suppress(httpx.ConnectError):  # it does not listen yet
            answer = await client.post("/session", json={"capabilities": {}})
            session: str = answer.json()["value"]["sessionId"]
            return session
        await asyncio.sleep(0.05)
    raise AssertionError("WebKitWebDriver does not listen")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
