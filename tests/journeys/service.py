"""The whole service as `sixnet serve --with-worker` runs it, with a mail server that keeps what it gets."""

import asyncio
import email
import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from tests.conftest import SECRET_KEY

PATIENCE = 60
"""Seconds to wait for the service or for a message: a machine that runs all tests at once is slow."""


class Postbox:
    """Takes every message; aiosmtpd calls `handle_DATA` in a thread of its own."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd looks for
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 OK"


@dataclass(frozen=True)
class Service:
    url: str
    postbox: Postbox

    async def mail_to(self, address: str, words: str) -> EmailMessage:
        """Wait for a message to an address whose subject or text has `words`."""
        for _ in range(PATIENCE * 10):
            for message in self.postbox.messages:
                if address in str(message["to"]) and words in f"{message['subject']} {text_of(message)}":
                    return message
            await asyncio.sleep(0.1)
        came = [(str(message["to"]), str(message["subject"])) for message in self.postbox.messages]
        raise AssertionError(f"no message to {address} says {words!r}; there are {came}")


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return body.get_content() if body else ""


def link_in(message: EmailMessage, path: str) -> str:
    """The first address in a message's text that leads to `path`, such as /t/."""
    found = re.search(rf"https?://\S+{path}\S+", text_of(message))
    assert found, f"no link to {path} in {text_of(message)}"
    return found[0].rstrip(".,)")


@asynccontextmanager
async def serving(database_url: str, folder: Path) -> AsyncIterator[Service]:
    """Run web, worker and tick over a database; everything stops with the block."""
    postbox = Postbox()
    mail = Controller(postbox, hostname="127.0.0.1", port=_free_port())
    mail.start()
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "SIXNET_DATABASE_URL": database_url,
        "SIXNET_SECRET_KEY": SECRET_KEY,
        "SIXNET_MAIL_URL": f"smtp://127.0.0.1:{mail.port}",
        "SIXNET_PUBLIC_URL": url,
        "SIXNET_DATA_DIR": str(folder / "data"),
    }
    log = folder / "service.log"
    command = [sys.executable, "-m", "events.cli", "serve", "--port", str(port), "--with-worker"]
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file, start_new_session=True)
        try:
            await _answering(f"{url}/readyz", process, log)
            yield Service(url, postbox)
        finally:
            process.terminate()
            try:
                await asyncio.to_thread(process.wait, 40)
            finally:
                if process.poll() is None:
                    process.kill()
                mail.stop()


async def _answering(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(PATIENCE * 10):
        assert process.poll() is None, log.read_text()[-2000:]
        try:
            with await asyncio.to_thread(urllib.request.urlopen, url, timeout=1):
                return
        except OSError:
            await asyncio.sleep(0.1)
    raise AssertionError(f"the service does not answer: {log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
