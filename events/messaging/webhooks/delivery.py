"""Delivering webhooks that are due: claimed by lease, signed, sent; tried again with ever longer pauses.

Nothing is lost; a worker that is killed may repeat what it had in hand, under the same `webhook-id`, by which receivers
know it again.
"""

import asyncio
import json
import random
from collections.abc import Sequence
from contextvars import Context
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

import structlog
from msgspec import Struct

from events.core import clock, database
from events.messaging.webhooks import ledger, rules, sending
from events.messaging.webhooks.sending import Answer, Trouble
from events.messaging.webhooks.tables import DeliveryState

AT_ONCE = 10
"""Deliveries of one endpoint that are claimed together; they go one after the other, those of others beside them."""

LEASE = timedelta(minutes=5)
"""How long a delivery stays with who claimed it: longer than `AT_ONCE` requests may take."""

HELD = timedelta(minutes=1)
"""So long nothing else is tried where there was no answer."""

_GONE = 410
_REDIRECTS = range(300, 400)

_log = structlog.get_logger("events.webhooks")


class Claimed(Struct, frozen=True):
    """A delivery in hand until `lease_until`; `tries` counts this one."""

    id: UUID
    endpoint: UUID
    url: str
    generation: int
    rotated_at: datetime | None
    kind: str
    data: str
    occurred_at: datetime
    tries: int
    lease_until: datetime

    @property
    def body(self) -> bytes:
        """What is sent, the same at each try."""
        moment = self.occurred_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        said = {"type": self.kind, "timestamp": moment, "data": json.loads(self.data)}
        return json.dumps(said, separators=(",", ":")).encode()


_DUE = "state IN ('queued', 'sending') AND due_at <= $1 AND (state = 'queued' OR lease_until <= $1)"

IS_DUE = f"""
SELECT EXISTS (
    SELECT FROM webhook_delivery JOIN webhook_endpoint ON webhook_endpoint.id = endpoint
    WHERE switched_off_at IS NULL AND {_DUE}
)
"""

# What was never tried goes first: one that a receiver chokes on does not stand in the way of the others.
_CLAIM = f"""
WITH due AS (
    SELECT mine.id, wanting.id AS endpoint, url, generation, rotated_at
    FROM webhook_endpoint AS wanting CROSS JOIN LATERAL (
        SELECT delivery.id FROM webhook_delivery AS delivery WHERE delivery.endpoint = wanting.id AND {_DUE}
        ORDER BY tries, due_at, id LIMIT {AT_ONCE} FOR UPDATE SKIP LOCKED) AS mine
    WHERE switched_off_at IS NULL
)
UPDATE webhook_delivery AS delivery SET state = 'sending', lease_until = $2, tries = tries + 1
FROM due WHERE delivery.id = due.id
RETURNING delivery.id, due.endpoint, url, generation, rotated_at, kind, data, occurred_at, tries, lease_until
"""

_SETTLE = """
UPDATE webhook_delivery SET state = $3, due_at = coalesce($4, due_at), finished_at = $5, status = $6, words = $7,
    lease_until = NULL
WHERE id = $1 AND state = 'sending' AND lease_until = $2
"""

_GIVE_BACK = """
UPDATE webhook_delivery SET state = 'queued', due_at = $3, lease_until = NULL, tries = tries - 1
WHERE id = ANY($1) AND state = 'sending' AND lease_until = $2
"""


async def deliver_due(now: datetime) -> int:
    """Claim what is due, up to `AT_ONCE` of each endpoint, and send it; returns how many were claimed."""
    claimed = await claim(now)
    if not claimed:
        return 0
    tasks = [
        asyncio.create_task(_deliver_to(list(theirs)), context=Context())
        for _endpoint, theirs in groupby(claimed, key=lambda each: each.endpoint)
    ]
    try:
        await asyncio.wait(tasks)
    finally:
        for task in tasks:
            task.cancel()
    for task in tasks:
        task.result()
    return len(claimed)


async def claim(now: datetime) -> list[Claimed]:
    """Take due deliveries in hand, those of a worker that died included, in the order of their endpoints."""
    rows = await database.fetch(_CLAIM, now, now + LEASE)
    return sorted((Claimed(*row) for row in rows), key=lambda each: (each.endpoint, each.tries, each.occurred_at))


async def _deliver_to(claimed: Sequence[Claimed]) -> None:
    """Send an endpoint what it is owed, one after the other, until there is no answer."""
    for position, each in enumerate(claimed):
        now = clock.now()
        signing = rules.keys(each.endpoint, each.generation, each.rotated_at, now)
        signed = rules.headers(signing, each.id, each.body, now)
        try:
            answer = await sending.post(each.url, each.body, signed)
        except Trouble as trouble:
            _log.warning("no answer", endpoint=str(each.endpoint), delivery=str(each.id))
            await _try_later(each, None, str(trouble))
            await _hold(each, [other.id for other in claimed[position + 1 :]])
            return
        if answer.status == _GONE:
            await _settle(each, DeliveryState.FAILED, answer.status, answer.words)
            await _close(each.endpoint)
            return
        await _note(each, answer)


async def _note(each: Claimed, answer: Answer) -> None:
    if answer.status // 100 == 2:  # noqa: PLR2004 - Standard Webhooks: any 2xx
        await _settle(each, DeliveryState.DELIVERED, answer.status, answer.words)
    elif answer.status in _REDIRECTS:
        await _try_later(each, answer.status, "redirects are not followed")
    else:
        await _try_later(each, answer.status, answer.words, timedelta(seconds=answer.wait))


async def _try_later(each: Claimed, status: int | None, words: str, wait: timedelta = timedelta()) -> None:
    """Make a delivery due again after its pause, or a longer one that was asked for; the last try ends it."""
    if each.tries >= rules.MAX_TRIES:
        await _settle(each, DeliveryState.FAILED, status, words)
        return
    due_at = clock.now() + max(pause(each.tries), min(wait, rules.LONGEST_WAIT))
    await _settle(each, DeliveryState.QUEUED, status, words, due_at)


async def _settle(
    each: Claimed, state: DeliveryState, status: int | None, words: str, due_at: datetime | None = None
) -> None:
    finished_at = None if state is DeliveryState.QUEUED else clock.now()
    await database.execute(_SETTLE, *(each.id, each.lease_until, state.value, due_at, finished_at, status, words[:300]))


async def _hold(each: Claimed, unsent: Sequence[UUID]) -> None:
    """Let all else that the endpoint is owed wait a while; it was not tried, so that is no try of it."""
    until = clock.now() + HELD
    await database.execute(_GIVE_BACK, unsent, each.lease_until, until)
    await database.execute(
        "UPDATE webhook_delivery SET due_at = $2 WHERE endpoint = $1 AND state = 'queued' AND due_at < $2",
        *(each.endpoint, until),
    )


async def _close(endpoint: UUID) -> None:
    """Switch an endpoint off that says it is gone for good, and owe it nothing any more."""
    async with database.transaction():
        await database.execute(
            "UPDATE webhook_endpoint SET switched_off_at = $2, gone = true WHERE id = $1 AND switched_off_at IS NULL",
            *(endpoint, clock.now()),
        )
        await ledger.drop_all(endpoint, now=clock.now())


def pause(tries: int) -> timedelta:
    """Return how long to wait after so many tries."""
    return rules.PAUSES[tries - 1] * random.uniform(1, 1.5)  # noqa: S311 - spreads load, guards nothing
