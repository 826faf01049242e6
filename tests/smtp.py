"""A real SMTP server on the loopback for tests, which can be told to misbehave."""

import asyncio
import json
import time
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from events.core import settings

Answer = Callable[[str], str | None]
"""Given a recipient, what the server says; None means that it accepts."""


class Post:
    """What arrived, in order; `mail`, `rcpt` and `data` decide the answers, `hang` keeps the server silent after DATA.

    `asked` has each recipient that was named, taken or not.
    """

    def __init__(self) -> None:
        self.received: list[tuple[str, EmailMessage]] = []
        self.asked: list[str] = []
        self.connections = 0
        self.mail: Answer = lambda _: None
        self.rcpt: Answer = lambda _: None
        self.data: Answer = lambda _: None
        self.hang: Callable[[str], bool] = lambda _: False
        self.pause = 0.0
        self.closing = asyncio.Event()

    @property
    def recipients(self) -> list[str]:
        return [recipient for recipient, _ in self.received]

    def __len__(self) -> int:
        return len(self.received)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self.mail(address)
        if refusal is None:
            envelope.mail_from = address
        return refusal or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.asked.append(address)
        refusal = self.rcpt(address)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        recipient = envelope.rcpt_tos[0]
        refusal = self.data(recipient)
        if refusal:
            return refusal
        await asyncio.sleep(self.pause)
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.received.append((recipient, mail))
        if self.hang(recipient):
            await self.closing.wait()
        return "250 kept"

    async def wait_for(self, count: int, *, timeout: float = 20) -> None:  # noqa: ASYNC109
        end = time.monotonic() + timeout
        while len(self) < count:
            assert time.monotonic() < end, f"{len(self)} of {count} mails arrived"
            await asyncio.sleep(0.002)


class Guarded(Post):
    """One that takes mail only from who signs in with a token that it accepts (XOAUTH2), and no password."""

    def __init__(self, accepts: Callable[[str], bool]) -> None:
        super().__init__()
        self.accepts = accepts
        self.tokens: list[str] = []

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        user, bearer, *_rest = b64decode(args[1]).decode().split("\1")
        assert user == "user=sixnet@sixnet.example"
        self.tokens.append(bearer.removeprefix("auth=Bearer "))
        if self.accepts(self.tokens[-1]):
            return AuthResult(success=True, auth_data=user)
        await server.challenge_auth(b64encode(json.dumps({"status": "401"}).encode()).decode(), encode_to_b64=False)
        await server.push("535 5.7.3 Authentication unsuccessful")
        return AuthResult(success=False, handled=True)

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.57 Client not authenticated to send mail"
        envelope.mail_from = address
        return "250 OK"


@asynccontextmanager
async def guarded_post_office(accepts: Callable[[str], bool]) -> AsyncIterator[Guarded]:
    """Run a server that demands tokens and let the service deliver to it."""
    post = Guarded(accepts)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(
            post, hostname="post.example", loop=loop, auth_require_tls=False, auth_exclude_mechanism=["PLAIN", "LOGIN"]
        ),
        *("127.0.0.1", 0),
    )
    settings.override(mail_url=f"smtp://sixnet%40sixnet.example@127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield post
    finally:
        settings.forget("mail_url")
        post.closing.set()
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def post_office() -> AsyncIterator[Post]:
    """Run a server and let the service deliver to it."""
    post = Post()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(post, hostname="post.example", loop=loop), "127.0.0.1", 0)
    settings.override(mail_url=f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield post
    finally:
        settings.forget("mail_url")
        post.closing.set()
        server.close()
        await server.wait_closed()
