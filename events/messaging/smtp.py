"""One connection to the mail server, and what its answers mean for a message."""

import asyncio
import contextlib
import re
import socket
import ssl
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

import aiosmtplib
from msgspec import Struct

from events.core.errors import ServiceError
from events.messaging.tables import MessageState
from events.messaging.tokens import TokenTrouble, tokens_for

TIMEOUT = 30.0
"""Seconds for each step with the mail server: to connect, to name both addresses, to begin and to take the mail."""

RESET_TIMEOUT = 5.0
"""Seconds to wait after a refusal for the connection to be of use again; else a new one is opened."""

_PORTS = {"smtp": 25, "smtps": 465, "submission": 587}
_TEMPORARY = range(400, 500)
_KEPT, _GO_ON = 250, 354
_DOT = re.compile(rb"^\.", re.MULTILINE)


class Trouble(Exception):
    """The server cannot be talked to at present; it is nobody's message that is at fault."""


class Outcome(Struct, frozen=True):
    """What became of a message: a final state, or QUEUED for another try; with the server's words.

    `stalled`: there was no answer in time, or the connection was cut before the mail.
    """

    state: MessageState
    words: str = ""
    stalled: bool = False


class MailServer(Struct, frozen=True):
    """Where mail is handed over, read from `SIXNET_MAIL_URL`."""

    host: str
    port: int
    user: str | None
    password: str | None
    implicit_tls: bool
    start_tls: bool | None


def parse_mail_url(url: str) -> MailServer:
    """Read `smtp://`, `smtps://` or `submission://` (STARTTLS required); raises ServiceError for anything else."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ServiceError("SIXNET_MAIL_URL must be like smtp://user:password@mail.example:587")
    return MailServer(
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        implicit_tls=parts.scheme == "smtps",
        start_tls={"smtp": None, "smtps": False, "submission": True}[parts.scheme],
    )


class Connection:
    """A connection, opened at first need, and once again when the server has closed it between two mails."""

    def __init__(self, server: MailServer) -> None:
        self._tokens = tokens_for(server.user, server.password)
        self._token = ""
        self._smtp = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.implicit_tls,
            oauth_token_generator=self._given_token if self._tokens else None,
            start_tls=True if self._tokens and _must_encrypt(server) else server.start_tls,
            timeout=TIMEOUT,
            local_hostname=socket.gethostname(),  # the default asks the name server at each connection
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._smtp.is_connected:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await self._smtp.quit(timeout=2)
        self._smtp.close()

    async def send(self, sender: str, recipient: str, content: bytes) -> Outcome:
        """Hand a mail over, in a few times TIMEOUT at the longest.

        Raises Trouble when the server cannot be reached, or does not take any mail from `sender`, who is that of all.
        """
        try:
            await self._envelope(sender, recipient)
            await self._begin_data()
        except aiosmtplib.SMTPSenderRefused as refused:
            await self._reset()
            raise Trouble(_refusal(refused)) from refused
        except aiosmtplib.SMTPRecipientRefused as refused:
            await self._reset()
            return _refused(refused, MessageState.BOUNCED)
        except aiosmtplib.SMTPResponseException as refused:
            await self._reset()
            return _refused(refused, MessageState.FAILED)
        except (aiosmtplib.SMTPException, OSError) as error:
            self._abort()
            return Outcome(MessageState.QUEUED, _words(error), stalled=True)
        return await self._data(content)

    async def _envelope(self, sender: str, recipient: str) -> None:
        for again in (True, False):
            await self._open()
            try:
                async with asyncio.timeout(TIMEOUT):  # aiosmtplib's own is for each answer, not for all of them
                    await self._smtp.mail(sender)
                    await self._smtp.rcpt(recipient)
            except aiosmtplib.SMTPServerDisconnected:
                self._abort()
                if not again:
                    raise
            else:
                return

    async def _open(self) -> None:
        if self._smtp.is_connected:
            return
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._connect()
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError, TokenTrouble) as error:
            self._abort()
            raise Trouble(_words(error)) from error

    async def _connect(self) -> None:
        try:
            await self._smtp.connect()
        except aiosmtplib.SMTPAuthenticationError:
            if not (self._tokens and self._token):
                raise
            self._smtp.close()
            self._tokens.forget(self._token)
            await self._smtp.connect()

    async def _given_token(self) -> str:
        if self._tokens is None:
            raise TokenTrouble("no tokens are set up")
        self._token = await self._tokens.get()
        return self._token

    async def _begin_data(self) -> None:
        answer = await self._smtp.execute_command(b"DATA")
        if answer.code != _GO_ON:
            raise aiosmtplib.SMTPDataError(answer.code, answer.message)

    async def _data(self, content: bytes) -> Outcome:
        protocol, transport = self._smtp.protocol, self._smtp.transport
        try:
            if protocol is None:
                raise aiosmtplib.SMTPServerDisconnected("Connection lost")
            protocol.write(_DOT.sub(b"..", content) + b".\r\n")
            answer = await protocol.read_response(TIMEOUT)
        except aiosmtplib.SMTPTimeoutError as error:
            unsent = isinstance(transport, asyncio.WriteTransport) and transport.get_write_buffer_size()
            self._abort()
            # All of it may have been accepted: sending it again could double it, and nobody would know.
            return Outcome(MessageState.QUEUED if unsent else MessageState.UNKNOWN, _words(error), stalled=True)
        except (aiosmtplib.SMTPException, OSError) as error:
            # RFC 5321 (4.5.4.2): without an answer the message is still the sender's to deliver
            self._abort()
            return Outcome(MessageState.QUEUED, _words(error))
        if answer.code != _KEPT:
            await self._reset()
            return _refused(aiosmtplib.SMTPDataError(answer.code, answer.message), MessageState.FAILED)
        return Outcome(MessageState.SENT, answer.message[:500])

    def _abort(self) -> None:
        """Close without sending what is left: a server that reads on must not get the end of a mail after all."""
        transport = self._smtp.transport
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()
        self._smtp.close()

    async def _reset(self) -> None:
        try:
            if self._smtp.is_connected:
                await self._smtp.rset(timeout=RESET_TIMEOUT)
        except (aiosmtplib.SMTPException, OSError):
            self._abort()


def _must_encrypt(server: MailServer) -> bool:
    """Say whether STARTTLS is required: a token goes over no open line but that of this machine."""
    return not server.implicit_tls and server.host not in {"127.0.0.1", "::1", "localhost"}


def _refused(refused: aiosmtplib.SMTPResponseException, final: MessageState) -> Outcome:
    return Outcome(MessageState.QUEUED if refused.code in _TEMPORARY else final, _refusal(refused))


def _refusal(refused: aiosmtplib.SMTPResponseException) -> str:
    return f"{refused.code} {refused.message}"[:500]


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500]
