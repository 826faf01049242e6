"""The mailbox in which mail for the service arrives, read by IMAP.

The standard library's client waits, so whoever calls does so in a thread; nothing that a server does holds it for long.
"""

import imaplib
import socket
import ssl
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from events.core.errors import ServiceError
from events.messaging.bounces.reports import LONGEST

TIMEOUT = 20.0
"""Seconds to wait for any answer."""

TROUBLE = (imaplib.IMAP4.error, OSError, ssl.SSLError)
"""What the methods of a mailbox raise when it cannot be read at present."""

_PORTS = {"imap": 143, "imaps": 993}
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})


class NotSignedIn(imaplib.IMAP4.error):
    """The server does not take the token."""


class Place(Struct, frozen=True):
    """A mailbox, read from `SIXNET_BOUNCE_IMAP_URL`."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    implicit_tls: bool


def parse_imap_url(url: str) -> Place:
    """Read `imaps://user:password@host/folder` (or `imap://`, with STARTTLS); raises ServiceError for anything else."""
    wrong = "SIXNET_BOUNCE_IMAP_URL must be like imaps://user:password@mail.example/INBOX"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ServiceError(wrong) from error
    if parts.scheme not in _PORTS or not parts.hostname or not parts.username:
        raise ServiceError(wrong)
    return Place(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        implicit_tls=parts.scheme == "imaps",
    )


class Inbox:
    """A mailbox that is opened at first need. Its methods wait: call them in a thread, but `cut` from the loop.

    They raise what is in TROUBLE; NotSignedIn when the server does not take the `token`, with which one signs in
    instead of the password (XOAUTH2).
    """

    def __init__(self, place: Place, token: str = "") -> None:
        self._place = place
        self._token = token
        self._client: imaplib.IMAP4 | None = None

    def unread(self, most: int) -> list[tuple[str, bytes]]:
        """Return up to `most` unread mails, the oldest first: UID and first `LONGEST` bytes; they stay unread."""
        client = self._open()
        [found, *_rest] = _answer(client.uid("SEARCH", "UNSEEN"))
        mails = []
        for uid in (found or b"").decode("ascii", "ignore").split()[:most]:
            parts = _answer(client.uid("FETCH", uid, f"(BODY.PEEK[]<0.{LONGEST}>)"))
            raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
            if raw is not None:  # else it was deleted meanwhile
                mails.append((uid, raw))
        return mails

    def mark_read(self, uids: list[str]) -> None:
        """Mark mails as read, so that they are not returned again."""
        if uids:
            _answer(self._open().uid("STORE", ",".join(uids), "+FLAGS.SILENT", r"(\Seen)"))

    def leave(self) -> None:
        """Take leave of the server."""
        self._open().logout()

    def close(self) -> None:
        """End the connection without a word, if there is one; never raises."""
        if self._client is not None and "sock" in vars(self._client):
            with suppress(*TROUBLE):
                self._client.shutdown()

    def cut(self) -> None:
        """End the connection under a thread that waits for it."""
        connected = vars(self._client).get("sock") if self._client else None
        if connected is not None:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)

    def _open(self) -> imaplib.IMAP4:
        if self._client is None:
            place = self._place
            client = (_Secure if place.implicit_tls else _Plain)(self, place)
            if not place.implicit_tls and place.host not in _HERE:
                client.starttls(ssl.create_default_context())
            self._sign_in(client)
            _answer(client.select(f'"{place.folder}"'))
        if self._client is None:
            raise imaplib.IMAP4.abort("not connected")
        return self._client

    def _sign_in(self, client: imaplib.IMAP4) -> None:
        if not self._token:
            client.login(self._place.user, self._place.password)
            return
        words = [f"user={self._place.user}\1auth=Bearer {self._token}\1\1".encode()]
        try:
            # A server that refuses says why first, and is answered with nothing.
            client.authenticate("XOAUTH2", lambda _challenge: words.pop() if words else b"")
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise NotSignedIn(str(error)) from None


class _Plain(imaplib.IMAP4):
    def __init__(self, inbox: Inbox, place: Place) -> None:
        inbox._client = self  # noqa: SLF001 - known before the server has said a word, so that it can be cut
        super().__init__(place.host, place.port, timeout=TIMEOUT)


class _Secure(imaplib.IMAP4_SSL):
    def __init__(self, inbox: Inbox, place: Place) -> None:
        inbox._client = self  # noqa: SLF001 - as above
        super().__init__(place.host, place.port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT)


def _answer(answered: tuple[str, list[Any]]) -> list[Any]:
    """Return what a command brought; raises when the server refused it."""
    kind, data = answered
    if kind != "OK":
        raise imaplib.IMAP4.error(f"{kind} {data!r}")
    return data
