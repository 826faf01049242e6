"""Taking due messages in hand by lease, and writing down what became of each."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg
import msgspec
from msgspec import Struct

from events.core import database
from events.messaging import pacing, verdicts
from events.messaging.bounces.actions import refused
from events.messaging.letter import Owed
from events.messaging.rules import RANK, TRIED_ALL_THE_SAME, is_suppressed, rank
from events.messaging.tables import MessageState

BATCH = 50
"""Messages that are taken in hand at a time: what a killed worker can leave behind for the length of a lease."""

SHARE = 5
"""One in so many of a batch is what is due longest, whatever its rank: letters to many at once get on, too."""

LEASE = timedelta(minutes=5)
"""How long a message stays with who claimed it; then anyone may take it."""

MARGIN = timedelta(minutes=3)
"""What must be left of the lease to begin with a message: longer than the steps with the mail server may take."""

MAX_TRIES = 16
"""Tries after which a message is given up; with the pauses between them this is about ten hours."""

MAX_DEATHS = 5
"""Workers after which a message is given up that each of them left in hand: its letter ends them. Tries that came to
their end, whatever the mail server said, are none of these."""


class Claimed(Struct, frozen=True):
    """A message in hand until `lease_until`; `tries` counts this one. Its `domain` may have a pace of its own.

    `deaths`: so many workers had it in hand, one after the other, and did not come to its end.
    """

    owed: Owed
    tries: int
    lease_until: datetime
    suppressed: bool
    unreachable: bool
    domain: str
    deaths: int
    paced: bool = False


class Result(Struct, frozen=True):
    """What is written into the ledger after a try."""

    state: MessageState
    words: str = ""
    subject: str = ""
    by_mail: bool = False


_TRIED = ", ".join(f"'{reason}'" for reason in sorted(TRIED_ALL_THE_SAME))

_IS_QUEUED = f"state = 'queued' AND due_at <= $1 AND {pacing.IS_OPEN}"

# Most of a batch goes by rank, which the index message_rank serves; the rest by age alone, so that what has waited
# longest goes on whatever else comes in.
_QUEUED = f"""
WITH first AS (
    SELECT id FROM message WHERE {_IS_QUEUED}
    ORDER BY {RANK}, due_at LIMIT $2::int - $2::int / {SHARE} FOR UPDATE OF message SKIP LOCKED
), oldest AS (
    SELECT id FROM message WHERE {_IS_QUEUED} AND id NOT IN (SELECT id FROM first)
    ORDER BY due_at LIMIT $2::int - (SELECT count(*) FROM first) FOR UPDATE OF message SKIP LOCKED
)
"""
_ARE_QUEUED = "SELECT id FROM first UNION ALL SELECT id FROM oldest"

_LEFT = f"""
WITH due AS (
    SELECT id FROM message
    WHERE state = 'sending' AND due_at <= $1 AND lease_until <= $1 AND {pacing.IS_OPEN}
    ORDER BY tries, due_at LIMIT $2::int FOR UPDATE OF message SKIP LOCKED
)
"""
_ARE_LEFT = "SELECT id FROM due"

# An array, of which the planner expects little, whatever it expects of a LIMIT that it does not know.
_CLAIM = f"""
UPDATE message SET state = 'sending', lease_until = $3, tries = tries + 1, deaths = {{deaths}}
WHERE id = ANY(ARRAY({{which}}))
RETURNING message.id, recipient, recipient_name, reason, subject_kind, subject_id, occurrence, language, message_id,
    due_at, tries, deaths, lease_until, {is_suppressed("recipient", "message.reason")} AS suppressed,
    message.reason NOT IN ({_TRIED}) AND EXISTS (
        SELECT FROM unreachable WHERE address = recipient) AS unreachable, {pacing.DOMAIN} AS domain
"""

_SETTLE = """
UPDATE message SET state = $3, due_at = greatest(due_at, $4), finished_at = $5, server_words = $6,
    delivered_by_mail = $8, subject_line = CASE WHEN $7 = '' THEN subject_line ELSE $7 END, lease_until = NULL,
    deaths = 0
WHERE id = $1 AND state = 'sending' AND lease_until = $2
"""

_GIVE_BACK = """
UPDATE message SET state = 'queued', due_at = greatest(due_at, $3), lease_until = NULL, tries = tries - 1,
    server_words = coalesce($4, server_words)
WHERE id = ANY($1) AND state = 'sending' AND lease_until = $2
"""


async def claim(now: datetime, limit: int = BATCH, *, left: bool = True) -> list[Claimed]:
    """Take due messages in hand, with `left` those of a worker that died; nobody else gets them until the lease ends.

    What somebody waits for comes before what goes to many at once, and a share of each batch is what is due longest.
    Of domains with a pace of their own there are as many as they take now. What a worker has left in hand comes
    last and alone: it may be what ended it, and takes no other along.
    """
    return await _claim(now, limit) or (await _claim(now, 1, left=True) if left else [])


def claim_sql(*, left: bool) -> str:
    """Return the statement that takes at most $2 messages in hand at $1 until $3: queued ones, or those `left`."""
    if left:
        return _LEFT + _CLAIM.format(which=_ARE_LEFT, deaths="deaths + 1")
    return _QUEUED + _CLAIM.format(which=_ARE_QUEUED, deaths="deaths")


async def _claim(now: datetime, limit: int, *, left: bool = False) -> list[Claimed]:
    sql = claim_sql(left=left)
    while True:
        async with database.transaction():
            rows = await database.fetch(sql, now, limit, now + LEASE)
            rows.sort(key=lambda row: (rank(row["reason"]), row["due_at"]))
            found = [_claimed(row) for row in rows]
            counts = await pacing.admit(Counter(message.domain for message in found), now) if found else {}
            kept, held = _parted(found, counts)
            await give_back(held)
        if kept or not found:  # all of it may have been for domains that other workers had closed meanwhile
            return kept


_BESIDE = ("tries", "lease_until", "suppressed", "unreachable", "domain", "deaths")


def _claimed(row: asyncpg.Record) -> Claimed:
    owed = Owed(**{name: row[name] for name in Owed.__struct_fields__})
    return Claimed(owed, **{name: row[name] for name in _BESIDE})


def _parted(found: Sequence[Claimed], counts: dict[str, int]) -> tuple[list[Claimed], list[Claimed]]:
    """Part messages into those that go now and those beyond what their domains take."""
    left, kept, held = dict(counts), [], []
    for message in found:
        paced = message.domain in left
        if paced and not left[message.domain]:
            held.append(message)
            continue
        if paced:
            left[message.domain] -= 1
        kept.append(msgspec.structs.replace(message, paced=paced))
    return kept, held


def given_up(message: Claimed) -> Result | None:
    """Return what becomes of a message that is not to be tried at all."""
    if message.suppressed:
        return Result(MessageState.DROPPED, words=verdicts.NOT_WRITTEN_TO)
    if message.unreachable:
        return Result(MessageState.DROPPED, words=verdicts.NOT_REACHED)
    if message.deaths >= MAX_DEATHS:
        return Result(MessageState.FAILED, words=verdicts.ENDS_WORKERS)
    if message.tries > MAX_TRIES:
        return Result(MessageState.FAILED, words=verdicts.TRIED_ENOUGH)
    return None


async def is_ours(message: Claimed) -> bool:
    """Say whether a message is still in our hand: who slept, or whose clock others do not share, may have lost it."""
    sql = "SELECT EXISTS (SELECT FROM message WHERE id = $1 AND state = 'sending' AND lease_until = $2)"
    return bool(await database.fetchval(sql, message.owed.id, message.lease_until))


async def settle(message: Claimed, result: Result, now: datetime) -> None:
    """Write down what became of a try; another one follows for what is to be tried again."""
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


async def give_back(messages: Sequence[Claimed], due_at: datetime | None = None, words: str | None = None) -> None:
    """Make messages due again that were not tried, at once or at a later time; that is no try of theirs.

    One that was held meanwhile stays held.
    """
    by_lease: dict[datetime, list[Claimed]] = {}
    for message in messages:
        by_lease.setdefault(message.lease_until, []).append(message)
    for lease, those in by_lease.items():
        ids = [message.owed.id for message in those]
        await database.execute(_GIVE_BACK, ids, lease, due_at, None if words is None else words[:500])


def pause(tries: int) -> timedelta:
    """Return how long to wait after a try: a minute, doubled each time up to an hour, and up to half as long again."""
    return timedelta(seconds=jitter(min(60 * 2 ** (tries - 1), 3600)))


def jitter(seconds: float) -> float:
    """Return up to half as much again, so that what failed together is not tried again together."""
    return seconds * random.uniform(1, 1.5)  # noqa: S311 - spreads load, guards nothing
