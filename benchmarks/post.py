"""A mail server that takes everything and keeps nothing but a count; run as a process of its own.

It says its port first. For each line on its standard input it says how many mails it has taken, how many of them had a
Message-ID of their own, and starts counting anew.
"""

import asyncio
import re
import sys

_ID = re.compile(rb"\r\nMessage-ID: (<[^>]+>)", re.IGNORECASE)
_ANSWERS = {b"EHLO": b"250 post.example\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


class Post(asyncio.Protocol):
    """One conversation; commands come one at a time, as the service sends them."""

    taken = 0
    ids: set[bytes] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.content: bytearray | None = None
        transport.write(b"220 post.example\r\n")

    def data_received(self, data: bytes) -> None:
        if self.content is None:
            if data[:4].upper() == b"DATA":
                self.content = bytearray()
            self.transport.write(_ANSWERS.get(data[:4].upper(), b"250 OK\r\n"))
            return
        self.content += data
        if self.content.endswith(b"\r\n.\r\n"):
            found = _ID.search(self.content)
            Post.taken += 1
            Post.ids.add(found[1] if found else b"")
            self.content = None
            self.kept()

    def kept(self) -> None:
        """Say that a mail was taken."""
        self.transport.write(b"250 kept\r\n")


async def main() -> None:
    """Serve until the standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Post, "127.0.0.1", 0)
    say(server.sockets[0].getsockname()[1])
    while await loop.run_in_executor(None, sys.stdin.readline):
        say(Post.taken, len(Post.ids))
        Post.taken, Post.ids = 0, set()


def say(*numbers: int) -> None:
    sys.stdout.write(" ".join(map(str, numbers)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
