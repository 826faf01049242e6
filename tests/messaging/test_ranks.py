"""Mail that somebody waits for overtakes letters to many at once, and those go on all the same."""

import asyncio
import json
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from events.core import database
from events.messaging import claiming, ledger
from events.messaging.claiming import BATCH, SHARE, claim, give_back
from events.messaging.ledger import Recipient
from events.messaging.rules import MASS, RANK, UNASKED, rank
from events.messaging.tables import Reason
from tests.factories import NOW

SHARED = BATCH // SHARE
PILE = """
INSERT INTO message (id, recipient, reason, subject_kind, subject_id, due_at, message_id, created_at)
SELECT gen_random_uuid(), 'a' || n || '@yritys' || n % 400 || '.example', $1, 'registration', gen_random_uuid(),
    $2::timestamptz + n * interval '1 millisecond', '<' || gen_random_uuid() || '@sixnet>', $2
FROM generate_series(1, $3) AS n
"""


async def pile(reason: Reason, count: int, *, minutes: int) -> None:
    await database.execute(PILE, reason.value, NOW - timedelta(minutes=minutes), count)
    await database.execute("ANALYZE message")


async def owe(reason: Reason) -> None:
    await ledger.add(reason, Recipient("aino@yritys.example"), "registration", uuid4(), now=NOW)


async def claimed(count: int = BATCH) -> Counter[str]:
    return Counter(message.owed.reason for message in await claim(NOW, count))


@pytest.mark.parametrize("mass", [Reason.ANNOUNCEMENT, Reason.NEWS, Reason.REMINDER, Reason.EVENT_CHANGED])
@pytest.mark.parametrize("own", [Reason.CONFIRMATION, Reason.SIGN_IN, Reason.OFFER, Reason.CANCELLED])
async def test_what_somebody_waits_for_is_in_the_next_batch_and_the_first_of_it(
    db: asyncpg.Connection, mass: Reason, own: Reason
) -> None:
    await pile(mass, 2000, minutes=10)
    await owe(own)
    batch = await claim(NOW)
    assert [message.owed.reason for message in batch] == [own, *[mass] * (BATCH - 1)]


async def test_by_their_time_alone_it_would_come_last(db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "_QUEUED", claiming._QUEUED.replace(f"{RANK}, due_at", "due_at"))
    await pile(Reason.ANNOUNCEMENT, 2000, minutes=10)
    await owe(Reason.CONFIRMATION)
    assert await claimed() == {Reason.ANNOUNCEMENT: BATCH}


async def test_that_an_event_is_cancelled_comes_before_letters_and_after_ones_own(db: asyncpg.Connection) -> None:
    await pile(Reason.NEWS, 200, minutes=10)
    await owe(Reason.EVENT_CANCELLED)
    await owe(Reason.CONFIRMATION)
    reasons = [message.owed.reason for message in await claim(NOW)]
    assert reasons[:3] == [Reason.CONFIRMATION, Reason.EVENT_CANCELLED, Reason.NEWS]


@pytest.mark.parametrize("news", [Reason.INVITATION_CHANGED, Reason.INVITATION_CANCELLED, Reason.INVITATION_REMINDER])
async def test_what_is_new_of_an_invitation_does_not_overtake_it(db: asyncpg.Connection, news: Reason) -> None:
    await pile(Reason.INVITATION, 10, minutes=10)
    await owe(news)
    assert [message.owed.reason for message in await claim(NOW)] == [*[Reason.INVITATION] * 10, news]


async def test_letters_to_many_have_their_share_of_every_batch(db: asyncpg.Connection) -> None:
    await pile(Reason.ANNOUNCEMENT, 200, minutes=60)
    await pile(Reason.CONFIRMATION, 200, minutes=1)
    for _ in range(3):
        assert await claimed() == {Reason.CONFIRMATION: BATCH - SHARED, Reason.ANNOUNCEMENT: SHARED}


async def test_without_the_share_they_would_starve(db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "_QUEUED", claiming._QUEUED.replace(f" - $2::int / {SHARE}", ""))
    await pile(Reason.ANNOUNCEMENT, 200, minutes=60)
    await pile(Reason.CONFIRMATION, 200, minutes=1)
    assert await claimed() == {Reason.CONFIRMATION: BATCH}


@pytest.mark.parametrize("count", [1, 4, 5, BATCH])
async def test_a_batch_is_full_whatever_waits(db: asyncpg.Connection, count: int) -> None:
    for reason in (Reason.ANNOUNCEMENT, Reason.CONFIRMATION):
        await pile(reason, 60, minutes=5)
        assert sum((await claimed(count)).values()) == count
        await database.execute("DELETE FROM message")


async def test_workers_at_once_claim_each_message_once(committed_db: str) -> None:
    await pile(Reason.ANNOUNCEMENT, 300, minutes=60)
    await pile(Reason.CONFIRMATION, 300, minutes=1)
    batches = await asyncio.gather(*(claim(NOW) for _ in range(8)))
    ids = [message.owed.id for batch in batches for message in batch]
    assert len(ids) == len(set(ids)) == 8 * BATCH
    assert await database.fetchval("SELECT max(tries) FROM message") == 1
    await give_back([message for batch in batches for message in batch])


def test_who_did_not_ask_can_wait_and_who_sits_waiting_cannot() -> None:
    assert UNASKED <= MASS
    assert {reason for reason in Reason if rank(reason) == 0} >= {
        *(Reason.CONFIRMATION, Reason.SIGN_IN, Reason.OFFER, Reason.CANCELLED, Reason.CONFIRM_ADDRESS),
        *(Reason.ANNOUNCEMENT_TEST, Reason.NEWS_TEST, Reason.INVITATION_STAFF),
    }


async def test_the_database_and_the_code_rank_alike(db: asyncpg.Connection) -> None:
    for reason in Reason:
        await owe(reason)
    rows = await database.fetch(f"SELECT reason, {RANK} AS rank FROM message")
    assert {row["reason"]: row["rank"] for row in rows} == {reason: rank(reason) for reason in Reason}


async def test_of_100_000_that_wait_a_claim_reads_a_batch_and_sorts_nothing(db: asyncpg.Connection) -> None:
    await pile(Reason.ANNOUNCEMENT, 60_000, minutes=60)
    await pile(Reason.CONFIRMATION, 40_000, minutes=30)
    explain = "EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) "
    args = NOW, BATCH, NOW + claiming.LEASE
    (plan,) = json.loads(await database.fetchval(explain + claiming.claim_sql(left=False), *args))
    nodes = [*_nodes(plan["Plan"])]
    assert {"message_rank", "message_due"} <= {node.get("Index Name") for node in nodes}
    assert not [node for node in nodes if "Sort" in node["Node Type"]]
    assert max(node["Actual Rows"] * node["Actual Loops"] for node in nodes) <= 2 * BATCH


def _nodes(plan: dict) -> list[dict]:  # type: ignore[type-arg]
    return [plan, *(node for below in plan.get("Plans", ()) for node in _nodes(below))]
