"""A domain with a pace of its own: limited by a setting, slow, or refusing for the time being."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.core import database, settings
from events.core.errors import ServiceError
from events.messaging import delivery, pacing
from events.messaging.claiming import BATCH, claim
from events.messaging.delivery import deliver_due
from events.messaging.pacing import admitted, parse_rates
from tests.factories import NOW
from tests.messaging.test_delivery import COMPOSERS, owe
from tests.smtp import Post, post_office


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    async with post_office() as opened:
        yield opened


@pytest.fixture
def limited() -> Iterator[None]:
    settings.override(mail_domain_rates="slow.example=1/s")
    yield
    settings.forget("mail_domain_rates")


def test_rates_are_read_as_seconds_between_two_mails() -> None:
    assert parse_rates(" Slow.example=1/s, b.example=120/min,c.example=7200/h,") == {
        "slow.example": 1.0,
        "b.example": 0.5,
        "c.example": 0.5,
    }
    assert parse_rates("") == {}


@pytest.mark.parametrize("wrong", ["slow.example", "slow.example=0/s", "slow.example=1", "a@b.example=1/s", "x=1/day"])
def test_a_rate_that_cannot_be_read_is_refused(wrong: str) -> None:
    with pytest.raises(ServiceError, match="SIXNET_MAIL_DOMAIN_RATES"):
        parse_rates(wrong)


@given(
    st.floats(0.01, 30),
    st.lists(st.tuples(st.floats(0, 5), st.integers(1, 50)), min_size=1, max_size=40),
)
def test_no_more_go_than_the_pace_and_a_second_of_it_at_once(pace: float, asks: list[tuple[float, int]]) -> None:
    open_at, now, sent = NOW, NOW, 0
    for wait, wanted in asks:
        now += timedelta(seconds=wait)
        count, open_at = admitted(open_at, pace, wanted, now)
        assert 0 <= count <= wanted
        sent += count
    most = ((now - NOW).total_seconds() + 1) / pace + 1
    assert sent <= most + 0.01


@given(st.floats(0.05, 10), st.floats(0.05, 1))
def test_a_domain_that_always_has_mail_is_used_as_far_as_its_pace(pace: float, every: float) -> None:
    open_at, now, sent = NOW, NOW, 0
    for _ in range(200):
        count, open_at = admitted(open_at, pace, 1000, now)
        sent += count
        now += timedelta(seconds=every)
    assert sent >= (now - NOW).total_seconds() / pace * 0.95 - 1 if every + pace <= 1 else sent >= 1


async def test_a_limited_domain_gets_its_rate_and_the_others_all(
    db: asyncpg.Connection, post: Post, limited: None
) -> None:
    for number in range(60):
        await owe(number, email=f"s{number}@slow.example", due_at=NOW - timedelta(hours=1))
    for number in range(30):
        await owe(number)
    assert await deliver_due(COMPOSERS, now=NOW) >= 31
    assert 1 <= sum(address.endswith("slow.example") for address in post.recipients) <= 3
    assert sum(address.endswith("yritys.example") for address in post.recipients) == 30
    assert await database.fetchval("SELECT count(*) FROM message WHERE state = 'sending'") == 0
    tries = await database.fetchval("SELECT max(tries) FROM message WHERE state = 'queued'")
    assert tries == 0, "to wait is no try"
    opening = await pacing.next_opening(NOW)
    assert opening
    assert opening - NOW <= timedelta(seconds=4)


async def test_of_a_closed_domain_nothing_is_claimed_and_of_an_open_one_what_it_takes(
    db: asyncpg.Connection, limited: None
) -> None:
    for number in range(BATCH * 2):
        await owe(number, email=f"s{number}@slow.example")
    claimed = [len(await claim(NOW + timedelta(seconds=after))) for after in (0, 0.5, 1, 1.2, 5)]
    assert claimed == [1, 0, 1, 0, 1]


async def test_several_workers_together_keep_to_the_rate(committed_db: str, limited: None) -> None:
    for number in range(100):
        await owe(number, email=f"s{number}@slow.example")
    claimed = await asyncio.gather(*(claim(NOW) for _ in range(8)))
    assert sum(map(len, claimed)) == 1


async def test_without_the_lock_on_the_domain_they_would_not(
    committed_db: str, limited: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "_PACED", pacing._PACED.removesuffix(" FOR UPDATE"))
    monkeypatch.setattr(pacing, "_LIMIT", "SELECT $1::text[], $2::float8[], $3::timestamptz")
    await database.execute("INSERT INTO mail_domain (domain, open_at, pace) VALUES ('slow.example', $1, 1)", NOW)
    for number in range(100):
        await owe(number, email=f"s{number}@slow.example")
    both_read, read = asyncio.Event(), 0
    original = database.fetch

    async def fetch(sql: str, *args: object) -> list[asyncpg.Record]:
        nonlocal read
        rows = await original(sql, *args)
        if sql == pacing._PACED:
            read += 1
            if read == 2:
                both_read.set()
            await asyncio.wait_for(both_read.wait(), 20)
        return rows

    monkeypatch.setattr(database, "fetch", fetch)
    claimed = await asyncio.gather(claim(NOW), claim(NOW))
    assert sum(map(len, claimed)) == 2


async def test_a_domain_that_refuses_again_and_again_rests_and_the_others_go_on(committed_db: str, post: Post) -> None:
    post.rcpt = lambda address: "421 4.7.0 too many from you" if address.endswith("busy.example") else None
    for number in range(100):
        await owe(number, email=f"s{number}@busy.example", due_at=NOW - timedelta(hours=1))
        await owe(number)
    await deliver_due(COMPOSERS, now=NOW)
    assert await database.fetchval("SELECT count(*) FROM message WHERE state = 'sent'") == 100
    tried = await database.fetchval("SELECT count(*) FROM message WHERE state = 'queued' AND tries = 1")
    assert delivery.REFUSALS <= tried <= delivery.REFUSALS + delivery.LANES
    post.rcpt = lambda _address: None
    await deliver_due(COMPOSERS, now=NOW + timedelta(minutes=3))
    assert await database.fetchval("SELECT count(*) FROM message WHERE state = 'sent'") == 200
    assert await database.fetchval("SELECT count(*) FROM mail_domain") == 0, "it took one, and is as the others again"


async def test_refusals_between_which_others_are_taken_close_nothing(committed_db: str, post: Post) -> None:
    post.rcpt = lambda address: "450 greylisted" if int(address[1:].partition("@")[0]) % 2 else None
    for number in range(120):
        await owe(number)
    assert await deliver_due(COMPOSERS, now=NOW) == 120
    assert await database.fetchval("SELECT count(*) FROM mail_domain") == 0
