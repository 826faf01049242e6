"""What follows from mail that came back: the message is marked, and an address that is of no use is left in peace."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from events.core import database
from events.core.database import transaction
from events.messaging.bounces.reports import Report, read
from events.messaging.bounces.rules import (
    LATEST,
    OUR_TROUBLE,
    SOFT_LIMIT,
    SOFT_WITHIN,
    is_hard,
    is_our_trouble,
    status_of,
)
from events.messaging.rules import ERASED

_BY_ID = """
SELECT id, recipient FROM message
WHERE id = $1 AND state IN ('sending', 'sent', 'unknown', 'bounced') AND recipient <> $2 FOR UPDATE
"""

_BY_ADDRESS = """
SELECT id, recipient FROM message
WHERE recipient = ANY($1) AND (state = 'sent' AND delivered_by_mail OR state IN ('unknown', 'bounced'))
    AND finished_at > $2 ORDER BY state = 'bounced', finished_at DESC LIMIT 1 FOR UPDATE
"""

GUESSED = UUID(int=0)
"""Stands for the message where a report does not name it: such reports count for nothing."""

_NOTE = """
INSERT INTO bounce (id, report, address, message, status, at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (report, address) DO NOTHING
"""

_MARK = """
UPDATE message SET state = 'bounced', server_words = $2, finished_at = $3, lease_until = NULL
WHERE id = $1 AND state <> 'bounced'
"""

_LIST = """
INSERT INTO unreachable (address, status, words, since) VALUES ($1, $2, $3, $4) ON CONFLICT (address) DO NOTHING
"""


async def take_report(raw: bytes, *, now: datetime) -> int:
    """Take in a mail that may report others as not delivered; returns how many messages it was of.

    The same mail again changes nothing. A mail that is no report, or of no message of ours, is 0.
    """
    reports = read(raw)
    return await _take(reports, hashlib.sha256(raw).hexdigest(), now) if reports else 0


async def _take(reports: Sequence[Report], digest: str, now: datetime) -> int:
    taken = 0
    for report in reports:
        async with transaction():
            message, ours, sure = await _message_of(report, now)
            if message is None:
                continue
            told_by = message["id"] if ours else GUESSED
            taken += await _note(told_by, message["recipient"], report.status, digest, now)
            await database.execute(_MARK, message["id"], report.words, now)
            if ours:
                await _judge(message["recipient"], report.status, report.words, now, sure=sure)
    return taken


async def refused(message_id: UUID, address: str, words: str, *, now: datetime) -> None:
    """Take in that the mail server refused an address for good when a message was handed over."""
    status = status_of(words)
    async with transaction():
        await _note(message_id, address, status, message_id.hex, now)
        await _judge(address, status, words, now, sure=True)


async def reaches_again(address: str) -> bool:
    """Take an address off the list of those that mail does not reach; what came back before counts no more."""
    async with transaction():
        await database.execute("DELETE FROM bounce WHERE address = $1", address)
        return await database.execute("DELETE FROM unreachable WHERE address = $1", address) == 1


async def _message_of(report: Report, now: datetime) -> tuple[asyncpg.Record | None, bool, bool]:
    """Find the message that came back; whether the report names our Message-ID; and whether no other recipient either.

    Without our Message-ID anybody could have written the report, of any address: the message is marked, so that staff
    see it, and the address is never listed. A mail that was passed on may fail behind its recipient.
    """
    if report.message_id:
        row = await database.fetchrow(_BY_ID, UUID(report.message_id[1:33]), ERASED)
        if row is not None:
            return row, True, not report.addresses or row["recipient"] in report.addresses
    if not report.addresses:
        return None, False, False
    return await database.fetchrow(_BY_ADDRESS, list(report.addresses), now - LATEST), False, False


async def _note(message_id: UUID, address: str, status: str, digest: str, now: datetime) -> int:
    return await database.execute(_NOTE, uuid4(), digest, address, message_id, status, now)


async def _judge(address: str, status: str, words: str, now: datetime, *, sure: bool) -> None:
    """List an address as not reached: at once when it surely is of no use, else when enough messages came back.

    What a server says of us, not of the address, counts for nothing: a relay that refuses us refuses everybody.
    """
    if is_our_trouble(status):
        return
    if not (sure and is_hard(status)):
        came_back = await database.fetchval(
            "SELECT count(DISTINCT message) FROM bounce WHERE address = $1 AND at > $2 AND message <> $3"
            " AND split_part(status, '.', 2) <> ALL ($4)",
            *(address, now - SOFT_WITHIN, GUESSED, list(OUR_TROUBLE)),
        )
        if came_back < SOFT_LIMIT:
            return
    await database.execute(_LIST, address, status, words, now)
