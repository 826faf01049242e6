"""One connection to the mail server, and what its answers mean for a message."""

import contextlib
import socket
import ssl
from email.message import EmailMessage
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

import aiosmtplib
from msgspec import Struct

from events.core.errors import ServiceError
from events.messaging.tables import MessageState
from events.messaging.tokens import TokenTrouble, tokens_for

TIMEOUT = 30.0
"""Seconds to wait for any answer of the mail server."""

_PORTS = {"smtp": 25, "smtps": 465, "submission": 587}
_TEMPORARY = range(400, 500)


class Trouble(Exception):
    """The server cannot be talked to at present; it is nobody's message that is at fault."""


class Outcome(Struct, frozen=True):
    """What became of a message: a final state, or QUEUED for another try; with the server's words."""

    state: MessageState
    words: str = ""


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

    async def send(self, sender: str, recipient: str, mail: EmailMessage) -> Outcome:
        """Hand a mail over. Raises Trouble when the server cannot be reached or stops answering before DATA."""
        content = mail.as_bytes()
        try:
            await self._envelope(sender, recipient)
        except aiosmtplib.SMTPRecipientRefused as refused:
            await self._reset()
            return _refused(refused, MessageState.BOUNCED)
        except aiosmtplib.SMTPSenderRefused as refused:
            await self._reset()
            return _refused(refused, MessageState.FAILED)
        return await self._data(content)

    async def _envelope(self, sender: str, recipient: str) -> None:
        for again in (True, False):
            try:
                if not self._smtp.is_connected:
                    await self._connect()
                await self._smtp.mail(sender)
                await self._smtp.rcpt(recipient)
            except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPSenderRefused):
                raise
            except aiosmtplib.SMTPServerDisconnected as error:
                self._smtp.close()
                if not again:
                    raise Trouble(_words(error)) from error
            except (aiosmtplib.SMTPException, OSError, ssl.SSLError, TokenTrouble) as error:
                self._smtp.close()
                raise Trouble(_words(error)) from error
            else:
                return

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

    async def _data(self, content: bytes) -> Outcome:
        try:
            answer = await self._smtp.data(content)
        except aiosmtplib.SMTPResponseException as refused:
            await self._reset()
            return _refused(refused, MessageState.FAILED)
        except aiosmtplib.SMTPTimeoutError as error:
            # It may have been accepted: sending it again could double it, and nobody would know.
            self._smtp.close()
            return Outcome(MessageState.UNKNOWN, _words(error))
        except (aiosmtplib.SMTPException, OSError) as error:
            # RFC 5321 (4.5.4.2): without an answer the message is still the sender's to deliver
            self._smtp.close()
            return Outcome(MessageState.QUEUED, _words(error))
        return Outcome(MessageState.SENT, answer.message[:500])

    async def _reset(self) -> None:
        try:
            if self._smtp.is_connected:
                await self._smtp.rset()
        except (aiosmtplib.SMTPException, OSError):
            self._smtp.close()


def _must_encrypt(server: MailServer) -> bool:
    """Say whether STARTTLS is required: a token goes over no open line but that of this machine."""
    return not server.implicit_tls and server.host not in {"127.0.0.1", "::1", "localhost"}


def _refused(refused: aiosmtplib.SMTPResponseException, final: MessageState) -> Outcome:
    words = f"{refused.code} {refused.message}"[:500]
    return Outcome(MessageState.QUEUED if refused.code in _TEMPORARY else final, words)


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500]
