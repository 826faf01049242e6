"""Whether the service gets at its mail: tokens, the address that calendars answer to, a test mail."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr

from events.commands.findings import Finding, Level
from events.core.addresses import normal_address
from events.core.errors import ServiceError
from events.core.settings import Settings
from events.messaging.incoming.imap import parse_imap_url
from events.messaging.smtp import Connection, Trouble, parse_mail_url
from events.messaging.tables import MessageState
from events.messaging.tokens import TokenTrouble, tokens_for

LONGEST = 90.0
"""Seconds in which a test mail must be gone."""


def examine(known: Settings) -> Iterator[Finding]:
    """Look at how the service signs in to its mail servers, and at who hears what calendars answer."""
    try:
        wanting = [name for name, user, password in _signing_in(known) if user and not password]
    except ServiceError:  # the address is wrong, which is told where it is looked at
        wanting = []
    yield from _tokens(known, wanting)
    yield from _calendars(known)


def _signing_in(known: Settings) -> Iterator[tuple[str, str | None, str | None]]:
    if known.mail_url:
        server = parse_mail_url(known.mail_url)
        yield "SIXNET_MAIL_URL", server.user, server.password
    if known.bounce_imap_url:
        place = parse_imap_url(known.bounce_imap_url)
        yield "SIXNET_BOUNCE_IMAP_URL", place.user, place.password


def _tokens(known: Settings, wanting: list[str]) -> Iterator[Finding]:
    if not known.mail_oauth_client_id:
        for name in wanting:
            yield Finding(
                Level.BAD, f"{name} names a user without a password, and no SIXNET_MAIL_OAUTH_CLIENT_ID is set."
            )
        return
    if not wanting:
        text = (
            "SIXNET_MAIL_OAUTH_CLIENT_ID is set for nothing: no mail server’s address names a user without a password."
        )
        yield Finding(Level.NOTE, text)
        return
    try:
        tokens = tokens_for("anybody", None)
        if tokens:
            asyncio.run(tokens.get())
    except TokenTrouble as error:
        yield Finding(Level.BAD, f"No token for the mail servers: {error}.")
    else:
        yield Finding(Level.FINE, f"The token service gives tokens for {' and '.join(wanting)}.")


def _calendars(known: Settings) -> Iterator[Finding]:
    read = bool(known.bounce_imap_url or known.bounce_webhook_secret)
    if known.calendar_address and not normal_address(known.calendar_address):
        yield Finding(Level.BAD, "SIXNET_CALENDAR_ADDRESS is no address.")
    elif known.calendar_address and not read:
        text = "SIXNET_CALENDAR_ADDRESS is set, but nothing reads its mail: set SIXNET_BOUNCE_IMAP_URL."
        yield Finding(Level.BAD, text)
    elif known.calendar_address:
        yield Finding(Level.FINE, f"Calendars answer to {known.calendar_address}.")
    elif read and known.mail_url:
        text = "SIXNET_CALENDAR_ADDRESS is not set: nobody hears of it when an invitation is declined in a calendar."
        yield Finding(Level.NOTE, text)


async def send_test(known: Settings, address: str, *, now: datetime) -> Finding:
    """Send one mail through the mail server, past the ledger, and say what the server answered."""
    recipient = normal_address(address)
    if recipient is None:
        return Finding(Level.BAD, f"{address!r} is no address that mail can be sent to.")
    if not known.mail_url:
        return Finding(Level.BAD, "There is no mail server to send a test mail through: set SIXNET_MAIL_URL.")
    try:
        async with asyncio.timeout(LONGEST), Connection(parse_mail_url(known.mail_url)) as connection:
            envelope = known.mail_bounce_address or known.mail_from
            outcome = await connection.send(envelope, recipient, _mail(known.mail_from, recipient, now).as_bytes())
    except (Trouble, ServiceError, TimeoutError) as error:
        return Finding(Level.BAD, f"The test mail to {recipient} did not leave: {error or 'no answer in time'}.")
    if outcome.state is MessageState.SENT:
        text = f"The mail server took the test mail to {recipient} and said: {outcome.words}"
        return Finding(Level.FINE, f"{text} – see there what Authentication-Results say.")
    return Finding(Level.BAD, f"The mail server did not take the test mail to {recipient}: {outcome.words}")


def _mail(sender: str, recipient: str, now: datetime) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = sender, recipient
    mail["Subject"] = "SIXNET: test mail"
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2] or None)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("This mail was sent by `sixnet doctor --send-to`. Its header Authentication-Results says what"
                     " the receiver thinks of SPF, DKIM and DMARC.\n")  # fmt: skip
    return mail
