"""Delivering what is due: claimed by lease, written from the present state of things, handed to the mail server.

SMTP cannot be exactly-once. What holds: nothing is lost; a worker that is killed may repeat what it had in hand, under
the same Message-ID.
"""

import random
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from events.core import database
from events.core.i18n import in_language
from events.core.settings import get_settings
from events.messaging.bounces.actions import refused
from events.messaging.ledger import AGAIN
from events.messaging.letter import Compose, Letter, Owed
from events.messaging.mime import build
from events.messaging.rules import STAFF_ACCESS, UNASKED, UNSUBSCRIBED
from events.messaging.smtp import Connection, Outcome, Trouble, parse_mail_url
from events.messaging.tables import MessageState, Reason

BATCH = 50
"""Messages that one connection takes in hand at a time: what a killed worker can leave behind, or repeat."""

LEASE = timedelta(minutes=5)
"""How long a message stays with who claimed it; then anyone may take it."""

MARGIN = timedelta(minutes=3)
"""What must be left of the lease to begin with a message: longer than the mail server's four answers may take."""

MAX_TRIES = 16
"""Tries after which a message is given up; with the pauses between them this is about ten hours."""

_log = structlog.get_logger("events.mail")


class Claimed(Struct, frozen=True):
    """A message in hand until `lease_until`; `tries` counts this one."""

    owed: Owed
    tries: int
    lease_until: datetime
    suppressed: bool
    unreachable: bool


class Result(Struct, frozen=True):
    """What is written into the ledger after a try."""

    state: MessageState
    words: str = ""
    subject: str = ""
    by_mail: bool = False


_UNASKED = ", ".join(f"'{reason}'" for reason in sorted(UNASKED))
_STAFF_ACCESS = ", ".join(f"'{reason}'" for reason in sorted(STAFF_ACCESS))

_CLAIM = f"""
WITH due AS (
    SELECT id FROM message
    WHERE state IN ('queued', 'sending') AND due_at <= $1 AND (state = 'queued' OR lease_until <= $1)
    ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE message SET state = 'sending', lease_until = $3, tries = tries + 1 FROM due WHERE message.id = due.id
RETURNING message.id, recipient, recipient_name, reason, subject_kind, subject_id, occurrence, language, message_id,
    tries, lease_until, EXISTS (SELECT FROM suppression WHERE address = recipient
        AND (suppression.reason <> '{UNSUBSCRIBED}' OR message.reason IN ({_UNASKED}))) AS suppressed,
    message.reason NOT IN ({_STAFF_ACCESS}) AND EXISTS (
        SELECT FROM unreachable WHERE address = recipient) AS unreachable
"""

_SETTLE = """
UPDATE message SET state = $3, due_at = coalesce($4, due_at), finished_at = $5, server_words = $6,
    delivered_by_mail = $8, subject_line = CASE WHEN $7 = '' THEN subject_line ELSE $7 END, lease_until = NULL
WHERE id = $1 AND state = 'sending' AND lease_until = $2
"""

_GIVE_BACK = """
UPDATE message SET state = 'queued', due_at = $3, lease_until = NULL, tries = tries - 1, server_words = $4
WHERE id = ANY($1) AND state = 'sending' AND lease_until = $2
"""


async def deliver_due(composers: Mapping[Reason, Compose], *, now: datetime) -> int:
    """Take up to `BATCH` due messages and deliver them over one connection; returns how many were dealt with.

    0 means that nothing is due, or that the mail server cannot be reached; what was in hand is then due again soon.
    Without a mail server every message counts as sent and is shown on the staff's mailbox page.
    """
    batch = await claim(now)
    if not batch:
        return 0
    begun = time.monotonic()
    url = get_settings().mail_url
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(Connection(parse_mail_url(url))) if url else None
        for position, message in enumerate(batch):
            present = now + timedelta(seconds=time.monotonic() - begun)
            if present > message.lease_until - MARGIN:
                await _give_back(batch[position:], present, "the batch took too long")
                return position
            try:
                result = await _try(message, composers, connection, present)
            except Trouble as trouble:
                _log.warning("mail server in trouble", error=str(trouble)[:80])
                await _give_back(batch[position:], present + timedelta(seconds=_jitter(60)), str(trouble))
                return position
            await _settle(message, result, present)
    return len(batch)


async def claim(now: datetime, limit: int = BATCH) -> list[Claimed]:
    """Take due messages in hand, those of a worker that died included; nobody else gets them until the lease ends."""
    rows = await database.fetch(_CLAIM, now, limit, now + LEASE)
    fields = Owed.__struct_fields__
    return [
        Claimed(
            Owed(**{name: row[name] for name in fields}),
            *(row[name] for name in ("tries", "lease_until", "suppressed", "unreachable")),
        )
        for row in rows
    ]


async def _try(
    message: Claimed, composers: Mapping[Reason, Compose], connection: Connection | None, now: datetime
) -> Result:
    if given_up := _given_up(message):
        return given_up
    try:
        letter = await compose(message.owed, composers)
    except Exception as error:  # noqa: BLE001 - one letter that cannot be written must not hold up the others
        _log.error("letter not written", message=str(message.owed.id), reason=message.owed.reason, exc_info=error)
        return Result(MessageState.QUEUED, words=f"not written: {type(error).__name__}")
    if letter is None:
        return Result(MessageState.DROPPED, words="nothing left to say")
    if connection is None:
        return Result(MessageState.SENT, subject=letter.subject)
    settings = get_settings()
    try:
        mail = build(letter, message.owed, sender=settings.mail_from, now=now)
        envelope = settings.mail_bounce_address or settings.mail_from  # what cannot be delivered comes back there
        outcome = await connection.send(envelope, message.owed.recipient, mail)
    except ValueError:
        outcome = Outcome(MessageState.FAILED, "no mail can be sent to this address")
    return Result(outcome.state, outcome.words, letter.subject, by_mail=outcome.state is MessageState.SENT)


def _given_up(message: Claimed) -> Result | None:
    """Return what becomes of a message that is not to be tried at all."""
    if message.suppressed:
        return Result(MessageState.DROPPED, words="the address is not written to any more")
    if message.unreachable:
        return Result(MessageState.DROPPED, words="mail does not reach this address")
    if message.tries > MAX_TRIES:
        return Result(MessageState.FAILED, words=f"given up after {MAX_TRIES} tries")
    return None


async def compose(owed: Owed, composers: Mapping[Reason, Compose]) -> Letter | None:
    """Write the letter of a message in its language; None when nobody writes such letters or nothing is left to say.

    One that was sent again by hand is the letter of the occurrence that it repeats.
    """
    write = composers.get(Reason(owed.reason))
    if write is None:
        return None
    first = msgspec.structs.replace(owed, occurrence=owed.occurrence.partition(AGAIN)[0])
    with in_language(owed.language):
        return await write(first)


async def _settle(message: Claimed, result: Result, now: datetime) -> None:
    retry = result.state is MessageState.QUEUED
    if retry and message.tries >= MAX_TRIES:
        result, retry = Result(MessageState.FAILED, result.words, result.subject), False
    settled = await database.execute(
        _SETTLE,
        message.owed.id,
        message.lease_until,
        result.state.value,
        now + pause(message.tries) if retry else None,
        None if retry else now,
        result.words,
        result.subject[:300],
        result.by_mail,
    )
    if settled and result.state is MessageState.BOUNCED:
        await refused(message.owed.id, message.owed.recipient, result.words, now=now)


async def _give_back(messages: list[Claimed], due_at: datetime, words: str) -> None:
    """Make messages due again that were not tried; that is no try of theirs."""
    ids: list[UUID] = [message.owed.id for message in messages]
    await database.execute(_GIVE_BACK, ids, messages[0].lease_until, due_at, words[:500])


def pause(tries: int) -> timedelta:
    """Return how long to wait after a try: a minute, doubled each time up to an hour, and up to half as long again."""
    return timedelta(seconds=_jitter(min(60 * 2 ** (tries - 1), 3600)))


def _jitter(seconds: float) -> float:
    return seconds * random.uniform(1, 1.5)  # noqa: S311 - spreads load, guards nothing
