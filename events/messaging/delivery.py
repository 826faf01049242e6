"""Delivering what is due: claimed by lease, written from the present state of things, handed to the mail server.

SMTP cannot be exactly-once. What holds: nothing is lost; a worker that is killed may repeat what it was handing over,
under the same Message-ID.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Hashable, Mapping
from contextlib import nullcontext
from contextvars import copy_context
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import msgspec
import structlog

from events.core import database
from events.core.i18n import in_language
from events.core.remembering import remembering
from events.core.settings import get_settings
from events.messaging import pacing, verdicts
from events.messaging.claiming import (
    BATCH,
    LEASE,
    MARGIN,
    MAX_TRIES,
    Claimed,
    Result,
    claim,
    give_back,
    given_up,
    is_ours,
    jitter,
    settle,
)
from events.messaging.ledger import AGAIN
from events.messaging.letter import Compose, Held, Letter, Owed
from events.messaging.mime import build
from events.messaging.smtp import Connection, Outcome, Trouble, parse_mail_url
from events.messaging.tables import MessageState, Reason

__all__ = ["BATCH", "LEASE", "MAX_TRIES", "Claimed", "claim", "compose", "deliver_due"]

LANES = 3
"""Connections to the mail server at a time; some take no more from one sender."""

SLOW = 0.5
"""Seconds that a mail may take before its domain counts as slow, if those to other domains take a quarter of that."""

REFUSALS = 20
"""Refusals for the time being, one after the other, after which a domain rests; greylisting refuses each one once."""

STALLS = 3
"""Mails in a row, to whatever domains, that the server may leave without an answer before all the rest waits."""

_log = structlog.get_logger("events.mail")


async def deliver_due(composers: Mapping[Reason, Compose], *, now: datetime, seconds: float = 20) -> int:
    """Deliver what is due over a few connections, until nothing is or `seconds` are over; returns how many were done.

    0 means that nothing is due, or that the mail server cannot be reached; what was in hand is then due again soon.
    Without a mail server every message counts as sent and is shown on the staff's mailbox page.
    """
    run = _Run(composers, now, seconds)
    if database.in_transaction():  # whose one connection cannot serve several lanes
        await run.last_lane()
        await run.put_back()
        return run.done
    lanes = [asyncio.create_task(run.lane(), context=copy_context()) for _ in range(LANES)]
    try:
        await asyncio.wait(lanes)
        for lane in lanes:
            lane.result()
        await run.last_lane()
    finally:
        for lane in lanes:
            lane.cancel()
        await asyncio.wait(lanes)
        await run.put_back()
    return run.done


class _Run:
    """What the lanes of one delivery share: the messages in hand, and what they learned of the mail server."""

    def __init__(self, composers: Mapping[Reason, Compose], now: datetime, seconds: float) -> None:
        self.done = 0
        self._composers = composers
        self._now = now
        self._seconds = seconds
        self._begun = time.monotonic()
        self._hand: deque[tuple[Claimed, dict[Hashable, Any]]] = deque()
        self._claiming = asyncio.Lock()
        self._passed_over: list[Claimed] = []
        self._takes_left = False
        self._trouble = ""
        self._stalls = 0
        self._took: dict[str, float] = {}
        self._refusals: Counter[str] = Counter()
        self._held: set[str] = set()

    def _present(self) -> datetime:
        return self._now + timedelta(seconds=time.monotonic() - self._begun)

    async def last_lane(self) -> None:
        """Deliver what a worker has left in hand, with nothing beside it: its letter may end this one too."""
        if not self._trouble:
            self._takes_left = True
            await self.lane()

    async def lane(self) -> None:
        """Deliver one message after the other over one connection, until none is left or the server is in trouble."""
        url = get_settings().mail_url
        async with Connection(parse_mail_url(url)) if url else nullcontext() as connection:
            while (taken := await self._next()) is not None:
                message, memory = taken
                try:
                    with remembering(memory):
                        result = await self._try(message, connection)
                except Trouble as trouble:
                    _log.warning("mail server in trouble", error=str(trouble)[:80])
                    self._trouble = str(trouble)
                    self._hand.appendleft(taken)  # another lane may have a connection
                    return
                if result is None:
                    await give_back([message], self._present() + timedelta(minutes=1), verdicts.HELD)
                    continue
                await settle(message, result, self._present())
                self.done += 1

    async def _next(self) -> tuple[Claimed, dict[Hashable, Any]] | None:
        """Return the next message with the memory of its batch: what its letter tells is read after it was claimed."""
        while self._stalls < STALLS:
            async with self._claiming:
                if not self._hand:
                    await self._refill()
            if not self._hand:
                return None
            message, memory = self._hand.popleft()
            if self._present() > message.lease_until - MARGIN:
                await give_back([message], self._present(), verdicts.TOOK_TOO_LONG)
            elif message.domain in self._held and not message.paced:
                self._passed_over.append(message)
            else:
                return message, memory
        self._trouble = self._trouble or verdicts.NO_ANSWER
        return None

    async def _refill(self) -> None:
        if self.done and time.monotonic() - self._begun > self._seconds:
            return
        passed_over, self._passed_over = self._passed_over, []
        await give_back(passed_over)
        self._held.clear()
        memory: dict[Hashable, Any] = {}
        self._hand.extend((message, memory) for message in await claim(self._present(), left=self._takes_left))

    async def put_back(self) -> None:
        """Make due again what was not tried: at once what waits for its domain, a little later the rest."""
        await give_back(self._passed_over)
        left = [message for message, _ in self._hand]
        await give_back(left, self._present() + timedelta(seconds=jitter(60)), self._trouble)

    async def _try(self, message: Claimed, connection: Connection | None) -> Result | None:
        """Write and send a message; None for one that is held, or in another's hand by now."""
        if ended := given_up(message):
            return ended
        try:
            letter = await compose(message.owed, self._composers)
        except Held:
            return None
        except Exception as error:  # noqa: BLE001 - one letter that cannot be written must not hold up the others
            _log.error("letter not written", message=str(message.owed.id), reason=message.owed.reason, exc_info=error)
            return Result(MessageState.QUEUED, words=f"{verdicts.NOT_WRITTEN}: {type(error).__name__}")
        if letter is None:
            return Result(MessageState.DROPPED, words=verdicts.NOTHING_TO_SAY)
        if connection is None:
            return Result(MessageState.SENT, subject=letter.subject)
        return await self._send(message, letter, connection)

    async def _send(self, message: Claimed, letter: Letter, connection: Connection) -> Result | None:
        settings = get_settings()
        envelope = settings.mail_bounce_address or settings.mail_from  # what cannot be delivered comes back there
        impossible = Result(MessageState.FAILED, verdicts.NO_ADDRESS, letter.subject)
        try:
            content = build(letter, message.owed, sender=settings.mail_from, now=self._present())
        except Exception as error:  # noqa: BLE001 - an address that no mail can be sent to is no other message's trouble
            _log.warning("no mail made", message=str(message.owed.id), error=type(error).__name__)
            return impossible
        if not await is_ours(message):
            return None
        begun = time.monotonic()
        try:
            outcome = await connection.send(envelope, message.owed.recipient, content)
        except ValueError:
            return impossible
        await self._learn(message, outcome, time.monotonic() - begun)
        return Result(outcome.state, outcome.words, letter.subject, by_mail=outcome.state is MessageState.SENT)

    async def _learn(self, message: Claimed, outcome: Outcome, took: float) -> None:
        """Give a domain that is slow or keeps refusing a pace of its own, and take it from one that is well again."""
        domain = message.domain
        self._took[domain] = took
        self._stalls = self._stalls + 1 if outcome.stalled else 0
        refused = outcome.state is MessageState.QUEUED and not outcome.stalled
        self._refusals[domain] = self._refusals[domain] + 1 if refused else 0
        if outcome.stalled:
            await self._hold(domain, max(took, pacing.REST_PACE), timedelta(seconds=took))
        elif self._is_slow(domain):
            await self._hold(domain, took, timedelta())
        elif self._refusals[domain] >= REFUSALS:
            await self._hold(domain, pacing.REST_PACE, pacing.REST)
        elif message.paced and outcome.state is MessageState.SENT:
            await pacing.release(domain)

    def _is_slow(self, domain: str) -> bool:
        """Say whether a domain is slow beside the others; a mail server that is slow for all is nobody's fault."""
        took = self._took[domain]
        if took <= SLOW:
            return False
        return took > 4 * median([seconds for other, seconds in self._took.items() if other != domain] or [0.0])

    async def _hold(self, domain: str, pace: float, rest: timedelta) -> None:
        _log.warning("a domain gets mail at a pace of its own", seconds=round(pace, 1))
        self._held.add(domain)
        self._refusals[domain] = 0
        await pacing.hold(domain, pace, until=self._present() + rest)


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
