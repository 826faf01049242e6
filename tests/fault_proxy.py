"""A mail server's bad days: a proxy before the tests' own, which knows the steps of SMTP and spoils those it is told to.

What can go wrong in front of an answer of the server (4xx, 5xx) is for `tests.smtp.Post`.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from urllib.parse import urlsplit

from events.core import settings
from events.core.settings import get_settings

_RCPT = re.compile(rb"RCPT TO:<([^>]*)>", re.IGNORECASE)
_END = b"\r\n.\r\n"


class Step(StrEnum):
    """Where in a conversation; CONTENT is the mail itself, END the answer to it."""

    GREETING = "greeting"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"
    END = "end"


class Fault(StrEnum):
    """What happens there: no answer any more, the connection cut (in the middle of the mail), byte by byte.

    An answer is given so; CONTENT is taken so, and who sends more than fits between the two has to wait.
    """

    HANG = "hang"
    CUT = "cut"
    TRICKLE = "trickle"


Spoil = Callable[[Step, str], Fault | None]
"""Given a step and the recipient ("" before there is one), what goes wrong; None lets it pass."""


class FaultProxy:
    """What it was told to spoil; `pace` is the seconds to a byte of what trickles. `spoilt` counts what went wrong."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.spoil: Spoil = lambda _step, _recipient: None
        self.pace = 1.0
        self.spoilt = 0
        self.conversations: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self.conversations.add(task)
        upstream, to_upstream = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            await _Conversation(self, reader, writer, upstream, to_upstream).run()
        except (ConnectionError, asyncio.IncompleteReadError, _Cut):
            pass
        finally:
            self.conversations.discard(task)
            for each in (writer, to_upstream):
                each.transport.abort()


class _Cut(Exception):
    pass


class _Conversation:
    def __init__(
        self,
        proxy: FaultProxy,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        upstream: asyncio.StreamReader,
        to_upstream: asyncio.StreamWriter,
    ) -> None:
        self.proxy, self.reader, self.writer = proxy, reader, writer
        self.upstream, self.to_upstream = upstream, to_upstream
        self.recipient = ""

    async def run(self) -> None:
        await self._answer(Step.GREETING)
        while line := await self.reader.readline():
            verb = line[:4].upper()
            if found := _RCPT.match(line):
                self.recipient = found[1].decode()
            step = {b"RCPT": Step.RCPT, b"DATA": Step.DATA}.get(verb)
            await self._forward(line, step)
            code = await self._answer(step)
            if verb == b"DATA" and code == b"354":
                if self.proxy.spoil(Step.CONTENT, self.recipient) is Fault.TRICKLE:
                    await self._take_slowly()
                await self._forward(await self.reader.readuntil(_END), Step.CONTENT)
                await self._answer(Step.END)

    def _fault(self, step: Step | None) -> Fault | None:
        fault = self.proxy.spoil(step, self.recipient) if step else None
        self.proxy.spoilt += fault is not None
        return fault

    async def _forward(self, data: bytes, step: Step | None) -> None:
        if step is Step.CONTENT and (fault := self._fault(step)):
            if fault is Fault.CUT:
                self.to_upstream.write(data[: len(data) // 2])
                await self.to_upstream.drain()
                raise _Cut
            await asyncio.sleep(3600)
        self.to_upstream.write(data)
        await self.to_upstream.drain()

    async def _take_slowly(self) -> None:
        self.proxy.spoilt += 1
        while await self.reader.read(1):  # noqa: ASYNC110 - it is the reading that takes its time
            await asyncio.sleep(self.proxy.pace)

    async def _answer(self, step: Step | None) -> bytes:
        lines = [await self.upstream.readline()]
        while lines[-1][3:4] == b"-":
            lines.append(await self.upstream.readline())
        answer = b"".join(lines)
        match self._fault(step):
            case Fault.HANG:
                await asyncio.sleep(3600)
            case Fault.CUT:
                raise _Cut
            case Fault.TRICKLE:
                for byte in answer:
                    self.writer.write(bytes([byte]))
                    await self.writer.drain()
                    await asyncio.sleep(self.proxy.pace)
            case None:
                self.writer.write(answer)
                await self.writer.drain()
        return answer[:3]


@asynccontextmanager
async def faulty() -> AsyncIterator[FaultProxy]:
    """Stand before the mail server of the settings for a block."""
    real = get_settings().mail_url or ""
    proxy = FaultProxy(urlsplit(real).port or 0)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    settings.override(mail_url=f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield proxy
    finally:
        settings.override(mail_url=real)
        server.close()
        for task in list(proxy.conversations):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await server.wait_closed()
