"""Workers that are killed again and again in the middle of their work: nothing is lost, and little comes twice."""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from events.core import database
from events.messaging.claiming import MAX_DEATHS
from events.messaging.delivery import LANES, LEASE
from tests.factories import NOW
from tests.messaging.test_delivery import owe
from tests.smtp import Post, post_office
from tests.workers.spare import POISON

MAILS, KILLS = 2000, 30
AT_ONCE = 2
"""Workers that run beside each other, so that one could take what another has in hand."""


class Spare:
    """Starts a worker at once, as often as asked."""

    def __init__(self, process: asyncio.subprocess.Process, lease: str) -> None:
        self.process = process
        self.lease = lease

    async def start(self, now: datetime) -> int:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{self.lease} {now.isoformat()}\n".encode())
        return int(await self.process.stdout.readline())


@asynccontextmanager
async def spare(url: str, lease: str) -> AsyncIterator[Spare]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.workers.spare", url),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield Spare(process, lease)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def ended(pids: list[int]) -> None:
    async with asyncio.timeout(60):
        while any(map(runs, pids)):  # noqa: ASYNC110 - they are no children of ours that would tell
            await asyncio.sleep(0.005)


async def send_while_killing(post: Post, workers: Spare, chance: random.Random, *, mails: int, kills: int) -> None:
    """Let workers send all mails, and kill each pair of them at moments of chance, until as many were killed."""
    now, killed = NOW, 0
    while killed < kills:
        pids = [await workers.start(now) for _ in range(AT_ONCE)]
        for pid in pids:
            room = (mails - len(set(post.recipients))) // (kills - killed + AT_ONCE)
            assert room, f"all were sent before the last of {kills} kills"
            target = len(post) + chance.randrange(1, 2 * room)
            async with asyncio.timeout(60):
                while len(post) < target and any(map(runs, pids)):  # noqa: ASYNC110
                    await asyncio.sleep(0.001)
            if runs(pid) and killed < kills:  # else it found nothing left for it and has ended, which is no kill
                os.kill(pid, signal.SIGKILL)
                killed += 1
        await ended(pids)
        now += LEASE + timedelta(minutes=1)
    while await database.fetchval("SELECT EXISTS (SELECT FROM message WHERE finished_at IS NULL)"):
        await ended([await workers.start(now)])
        now += LEASE + timedelta(minutes=1)


async def owe_many(count: int) -> None:
    """Owe as many messages, each to an address of its own; one statement is enough for all but the first."""
    await owe(0)
    await database.execute(
        "INSERT INTO message (id, recipient, recipient_name, reason, subject_kind, subject_id, occurrence, language,"
        " due_at, message_id, created_at) SELECT made.id, 'a' || n || '@yritys' || n % 40 || '.example', recipient_name, reason,"
        " subject_kind, made.id, occurrence, language, due_at, '<' || replace(made.id::text, '-', '') || '@sixnet>',"
        " created_at FROM message, LATERAL (SELECT n, gen_random_uuid() AS id FROM generate_series(1, $1::int - 1) AS n)"
        " AS made",
        count,
    )


async def test_workers_killed_thirty_times_lose_none_of_two_thousand_mails(
    committed_db: str, chance: random.Random, record_property: Callable[[str, object], None]
) -> None:
    await owe_many(MAILS)
    async with post_office() as post, spare(committed_db, "on") as workers:
        await send_while_killing(post, workers, chance, mails=MAILS, kills=KILLS)
        counts = Counter(post.recipients)
        identities = {(recipient, mail["Message-ID"]) for recipient, mail in post.received}
    repeats = sum(counts.values()) - len(counts)
    record_property("counts", f"lost {MAILS - len(counts)}, unique {len(counts)}, repeats {repeats} at {KILLS} kills")
    assert len(counts) == MAILS
    assert repeats <= KILLS * LANES, "at most what was being handed over"
    assert len(identities) == MAILS, "under the same Message-ID"
    assert await database.fetchval("SELECT count(*) FROM message WHERE state = 'sent'") == MAILS


@pytest.mark.parametrize(("lease", "kept"), [("on", True), ("off", False)])
async def test_it_is_the_lease_that_keeps_workers_from_repeating_each_other(
    committed_db: str,
    chance: random.Random,
    record_property: Callable[[str, object], None],
    *,
    lease: str,
    kept: bool,
) -> None:
    mails, kills = 400, 4
    for _ in range(1 if kept else 5):  # without it two workers may by chance keep out of each other's way
        await database.execute("DELETE FROM message")
        await owe_many(mails)
        async with post_office() as post, spare(committed_db, lease) as workers:
            await send_while_killing(post, workers, chance, mails=mails, kills=kills)
            counts = Counter(post.recipients)
        lost, repeats = mails - len(counts), sum(counts.values()) - len(counts)
        record_property("counts", f"lost {lost}, {repeats} repeats at {kills} kills")
        if (not lost and repeats <= kills * LANES) is kept:
            return
    pytest.fail(f"{lost} lost, {repeats} repeats with the lease {lease}")


async def test_a_letter_that_ends_its_worker_is_given_up_and_the_rest_goes_on(committed_db: str) -> None:
    await owe_many(120)
    await database.execute("UPDATE message SET recipient = $1 WHERE recipient = 'a7@yritys7.example'", POISON)
    now, deaths = NOW, 0
    async with post_office() as post, spare(committed_db, "on") as workers:
        for _ in range(MAX_DEATHS + 2):
            await ended([await workers.start(now)])
            deaths += await database.fetchval("SELECT EXISTS (SELECT FROM message WHERE state = 'sending')")
            now += LEASE + timedelta(minutes=1)
            if deaths == 3:
                assert len(set(post.recipients)) == 119, (
                    "one ends with a batch in hand, one more among those, then none but itself"
                )
    poison = await database.fetchrow("SELECT state, server_words FROM message WHERE recipient = $1", POISON)
    assert poison
    assert (poison["state"], deaths) == ("failed", MAX_DEATHS)
    assert "workers ended" in poison["server_words"]
    assert len(set(post.recipients)) == 119
