"""Ten thousand mails, half of them to a domain whose server takes one a second: the others do not wait for it."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from benchmarks.post import Post
from events.core import database, settings
from events.messaging import delivery
from events.messaging.delivery import LANES, deliver_due
from tests.factories import NOW
from tests.messaging.test_delivery import COMPOSERS

EACH = 5000
SLOW = "slow.example"


class SlowPost(Post):
    """Takes `seconds` over each mail to the slow domain; counts by domain."""

    counts: Counter[str] = Counter()
    seconds = 1.0

    def data_received(self, data: bytes) -> None:
        if self.content is None and data.startswith(b"RCPT"):
            self.domain = data.partition(b"@")[2].partition(b">")[0].decode()
        super().data_received(data)

    def kept(self) -> None:
        self.counts[self.domain] += 1
        wait = self.seconds if self.domain == SLOW else 0.0
        asyncio.get_running_loop().call_later(wait, super().kept)


@pytest.fixture
async def counts() -> AsyncIterator[Counter[str]]:
    SlowPost.counts = Counter()
    server = await asyncio.get_running_loop().create_server(SlowPost, "127.0.0.1", 0)
    settings.override(mail_url=f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    yield SlowPost.counts
    settings.forget("mail_url")
    server.close()
    await server.wait_closed()


async def owe(count: int) -> None:
    """Owe as many to the slow domain as to forty others; the slow ones were due first."""
    for domain, age in ((f"'{SLOW}'", 60), ("'yritys' || n % 40 || '.example'", 0)):
        await database.execute(
            "INSERT INTO message (id, recipient, reason, subject_kind, subject_id, due_at, message_id, created_at)"
            f" SELECT gen_random_uuid(), 'a' || n || '@' || {domain}, 'confirmation', 'registration',"
            " gen_random_uuid(), $1::timestamptz - $2 * interval '1 second', '<' || gen_random_uuid() || '@sixnet>', $1"
            " FROM generate_series(1, $3) AS n",
            *(NOW, age, count),
        )
    await database.execute("ANALYZE message")


async def send_to_the_others(counts: Counter[str], each: int) -> float:
    """Deliver until all others have their mail; returns how many seconds that took."""
    await owe(each)
    begun = time.monotonic()
    while sum(counts.values()) - counts[SLOW] < each and time.monotonic() - begun < 120:
        await deliver_due(COMPOSERS, now=NOW + timedelta(seconds=time.monotonic() - begun), seconds=1)
    took = time.monotonic() - begun
    assert sum(counts.values()) - counts[SLOW] == each
    assert await database.fetchval("SELECT count(*) FROM message WHERE state = 'sending'") == 0
    assert await database.fetchval("SELECT max(tries) FROM message WHERE state = 'queued'") == 0
    return took


async def test_the_others_do_not_wait_for_a_slow_domain(committed_db: str, counts: Counter[str]) -> None:
    took = await send_to_the_others(counts, EACH)
    assert 1 <= counts[SLOW] <= took + LANES + 2, "no more than it takes"


async def test_the_others_do_not_wait_for_a_domain_that_is_limited_to_one_a_second(
    committed_db: str, counts: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SlowPost, "seconds", 0.0)
    settings.override(mail_domain_rates=f"{SLOW}=1/s")
    try:
        took = await send_to_the_others(counts, EACH // 5)
    finally:
        settings.forget("mail_domain_rates")
    assert took / 3 <= counts[SLOW] <= took + 2, "its limit is kept, and used"


async def test_without_a_pace_of_its_own_it_would_hold_up_all(
    committed_db: str, counts: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "SLOW", 3600.0)
    await owe(200)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(3):
            await deliver_due(COMPOSERS, now=NOW)
    assert sum(counts.values()) - counts[SLOW] == 0
    assert counts[SLOW] >= LANES
