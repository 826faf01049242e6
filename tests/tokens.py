"""A token service on the loopback for tests, which can be told to misbehave."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import parse_qs

from events.core import settings

SECRET = "hyvin-salainen~8Q"


class TokenService:
    """What it was asked; `status` and `body` decide the answer, each token is `token-<number>`."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.life: Any = 3600
        self.status, self.body = 200, b""
        self.hang = False
        self.closing = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.partition("content-length:")[2].split()[0])
            form = parse_qs((await reader.readexactly(length)).decode())
            self.asked.append({name: values[0] for name, values in form.items()})
            if self.hang:
                await self.closing.wait()
            given = {"token_type": "Bearer", "expires_in": self.life, "access_token": f"token-{len(self.asked)}"}
            body = self.body or json.dumps(given).encode()
            writer.write(b"HTTP/1.1 %d Said\r\ncontent-length: %d\r\n\r\n%s" % (self.status, len(body), body))
            await writer.drain()
        writer.close()


@asynccontextmanager
async def token_service() -> AsyncIterator[TokenService]:
    """Run one, which the settings name."""
    service = TokenService()
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    known = {
        "mail_oauth_client_id": "app-1",
        "mail_oauth_client_secret": SECRET,
        "mail_oauth_token_url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/tenant/oauth2/v2.0/token",
    }
    settings.override(**known)
    try:
        yield service
    finally:
        settings.forget(*known)
        service.closing.set()
        server.close()
