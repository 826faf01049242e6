"""Reading the mailbox in which mail arrives: every five minutes, a few mails at a time."""

import asyncio
from datetime import datetime

import asyncpg
import structlog

from events.core import database
from events.core.errors import Unavailable
from events.core.settings import get_settings
from events.messaging.incoming.actions import Answer, take
from events.messaging.incoming.imap import TROUBLE, Inbox, NotSignedIn, Place, parse_imap_url
from events.messaging.incoming.queries import READ
from events.messaging.tokens import TokenTrouble, tokens_for

BATCH = 50
"""Mails that are fetched at a time: what a killed worker reads once more."""

LONGEST_SESSION = 120.0
"""Seconds after which a connection is cut, however busy the server looks."""

_PASSING = (OSError, Unavailable, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What is no mail's fault: it stays unread, and is read the next time."""

_NOTE = """
INSERT INTO service_state (key, value, changed_at) VALUES ($1, $2, $3)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at
"""

_log = structlog.get_logger("events.mail")


async def read_mailbox(answer: Answer, now: datetime) -> int:
    """Take in what arrived since the last time; returns how many mails were read, 0 also when there is trouble.

    A mail is marked as read once what it says is in the database: a worker that dies in between reads it again,
    which changes nothing.
    """
    url = get_settings().bounce_imap_url
    if not url:
        return 0
    read, words = 0, ""
    try:
        read = await _read(parse_imap_url(url), answer, now)
    except (*TROUBLE, TokenTrouble) as error:
        words = f"{type(error).__name__}: {error}"[:300]
        _log.warning("mailbox not read", error=type(error).__name__)
    await database.execute(_NOTE, READ, words, now)
    return read


async def _read(place: Place, answer: Answer, now: datetime) -> int:
    tokens = tokens_for(place.user, place.password)
    if tokens is None:
        return await _session(Inbox(place), answer, now)
    try:
        return await _session(Inbox(place, token := await tokens.get()), answer, now)
    except NotSignedIn:
        tokens.forget(token)
        return await _session(Inbox(place, await tokens.get()), answer, now)


async def _session(inbox: Inbox, answer: Answer, now: datetime) -> int:
    timer = asyncio.get_running_loop().call_later(LONGEST_SESSION, inbox.cut)
    try:
        mails = await asyncio.to_thread(inbox.unread, BATCH)
        for _uid, raw in mails:
            await _take(raw, answer, now)
        await asyncio.to_thread(inbox.mark_read, [uid for uid, _raw in mails])
        await asyncio.to_thread(inbox.leave)
    finally:
        await asyncio.to_thread(inbox.close)
        timer.cancel()
    return len(mails)


async def _take(raw: bytes, answer: Answer, now: datetime) -> None:
    try:
        await take(raw, answer, now=now)
    except Exception as error:
        if isinstance(error, _PASSING) and not isinstance(error, asyncpg.DataError):
            raise
        # Strangers write these mails: one that trips us, as it would each time, must not hold up those behind it.
        _log.error("mail not taken", error=type(error).__name__)
