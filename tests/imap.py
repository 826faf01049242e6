"""An IMAP server on the loopback for tests: as much of RFC 3501 as the standard library's client asks for."""

import asyncio
import re
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from events.core import settings

_FETCH = re.compile(rb"<0\.(\d+)>")


class Mailbox:
    """What lies in it; `hang`, `cut` and `refuse` hold the commands at which the server misbehaves.

    `accepts` says which tokens it takes (XOAUTH2); it takes no password then.
    """

    def __init__(self) -> None:
        self.mails: dict[int, bytes] = {}
        self.seen: set[int] = set()
        self.heard: list[bytes] = []
        self.hang, self.cut, self.refuse = "", "", ""
        self.drip = 0.0
        self.port = 0
        self.accepts: Callable[[str], bool] | None = None
        self.closing = asyncio.Event()

    def put(self, raw: bytes) -> int:
        uid = max(self.mails, default=0) + 1
        self.mails[uid] = raw
        return uid

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._greet(writer)
            while line := await reader.readline():
                tag, _space, command = line.strip().partition(b" ")
                self.heard.append(command)
                if self.hang and command.upper().startswith(self.hang.encode()):
                    await self.closing.wait()
                if self.cut and command.upper().startswith(self.cut.encode()):
                    break
                if command.upper() == b"AUTHENTICATE XOAUTH2":
                    writer.write(await self._authenticate(tag, reader, writer))
                else:
                    writer.write(self._answer(tag, command))
                await writer.drain()
        writer.close()

    async def _greet(self, writer: asyncio.StreamWriter) -> None:
        for byte in b"* OK ready\r\n":
            writer.write(bytes([byte]))
            if self.drip:
                await writer.drain()
                await asyncio.sleep(self.drip)

    async def _authenticate(self, tag: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"+ \r\n")
        said = b64decode(await reader.readline()).decode()
        user, bearer, *_rest = said.split("\1")
        assert user == "user=bounces@sixnet.example"
        if self.accepts and self.accepts(bearer.removeprefix("auth=Bearer ")):
            return tag + b" OK AUTHENTICATE completed.\r\n"
        writer.write(b"+ " + b64encode(b'{"status":"401","schemes":"Bearer"}') + b"\r\n")
        assert not (await reader.readline()).strip()
        return tag + b" NO AUTHENTICATE failed.\r\n"

    def _answer(self, tag: bytes, command: bytes) -> bytes:
        words = command.upper().split()
        if self.refuse and command.upper().startswith(self.refuse.encode()):
            return tag + b" NO [ALERT] not today\r\n"
        if self.accepts and words[0] == b"LOGIN":
            return tag + b" NO basic authentication is off\r\n"
        said = b""
        if words[0] == b"CAPABILITY":
            said = b"* CAPABILITY IMAP4rev1\r\n"
        elif words[0] == b"SELECT":
            said = b"* %d EXISTS\r\n" % len(self.mails)
        elif words[:2] == [b"UID", b"SEARCH"]:
            said = b"* SEARCH %s\r\n" % b" ".join(b"%d" % uid for uid in self.mails if uid not in self.seen)
        elif words[:2] == [b"UID", b"FETCH"] and (uid := int(words[2])) in self.mails:
            found = _FETCH.search(command)
            assert found
            raw = self.mails[uid][: int(found[1])]
            said = b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n%s)\r\n" % (uid, len(raw), raw)
        elif words[:2] == [b"UID", b"STORE"]:
            self.seen |= {int(uid) for uid in words[2].split(b",")}
        elif words[0] == b"LOGOUT":
            said = b"* BYE\r\n"
        return said + tag + b" OK done\r\n"


@asynccontextmanager
async def mailbox(user: str = "bounces:sala%20sana") -> AsyncIterator[Mailbox]:
    """A mailbox that `SIXNET_BOUNCE_IMAP_URL` names."""
    box = Mailbox()
    server = await asyncio.start_server(box.serve, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    settings.override(bounce_imap_url=f"imap://{user}@127.0.0.1:{box.port}/INBOX")
    try:
        yield box
    finally:
        settings.forget("bounce_imap_url")
        box.closing.set()
        server.close()
