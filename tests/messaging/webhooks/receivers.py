"""Servers that receive webhooks, well and badly, and a receiver's own way of checking a signature."""

import asyncio
import base64
import hashlib
import hmac
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from events.core import database
from events.messaging.webhooks import rules, sending
from tests.factories import insert

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfine\n"

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Received:
    """One request: its headers by lower-case name, and its body."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """What a server received; `answer` is sent to each, or `behave` does something else with the connection."""

    port: int = 0
    answer: bytes = OK
    behave: Behaviour | None = None
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            pairs = (line.split(": ", 1) for line in head[1:] if line)
            headers = {name.lower(): value for name, value in pairs}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.received.append(Received(headers, body))
            self.arrived.set()
            if self.behave:
                await self.behave(writer)
            else:
                writer.write(self.answer)
                await writer.drain()
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


@asynccontextmanager
async def receiving(receiver: Receiver, *, host: str = "127.0.0.1", **tls: Any) -> AsyncIterator[Receiver]:
    server = await asyncio.start_server(receiver.serve, host, 0, **tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


def let_loopback_in(monkeypatch: pytest.MonkeyPatch, addresses: Callable[[str], list[str]] | None = None) -> list[str]:
    """Let 127.0.0.1 count as public, and every name lead there; returns the names that were looked up."""
    truly, asked = rules.is_refused, list[str]()

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return addresses(host) if addresses else ["127.0.0.1"]

    monkeypatch.setattr(rules, "is_refused", lambda text: text != "127.0.0.1" and truly(text))
    monkeypatch.setattr(sending, "resolve", resolve)
    return asked


async def make_endpoint(receiver: Receiver, *kinds: str, host: str = "kone.example", **columns: Any) -> UUID:
    url = f"http://{host}:{receiver.port}/in"
    return await insert("webhook_endpoint", **{"url": url, "kinds": list(kinds), "description": "Kone", **columns})


async def deliveries(columns: str = "state") -> list[Any]:
    rows = await database.fetch(f"SELECT {columns} FROM webhook_delivery ORDER BY occurred_at, id")
    return [row[0] if len(row) == 1 else tuple(row) for row in rows]


def verifies(secret: str, received: Received) -> bool:
    """Check a signature as the Standard Webhooks specification says it, with nothing of our own code."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{received.id}.{received.headers['webhook-timestamp']}.".encode() + received.body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(given, f"v1,{wanted}") for given in received.headers["webhook-signature"].split(" "))
