import asyncio
from datetime import timedelta

import asyncpg
import pytest

from events.core import database
from events.core.errors import TooMany
from events.core.limits import forget_old, forgive, limit, network_of
from tests.factories import NOW

HOUR = timedelta(hours=1)


async def counted(purpose: str, who: str, uses: int = 3, **at: float) -> bool:
    try:
        await limit(purpose, who, uses=uses, window=HOUR, now=NOW + timedelta(**at))
    except TooMany:
        return False
    return True


async def test_the_fourth_use_of_three_is_refused_until_the_window_is_over(db: asyncpg.Connection) -> None:
    assert [await counted("try", "a", minutes=minutes) for minutes in (0, 10, 20, 30)] == [True, True, True, False]
    assert not await counted("try", "a", minutes=59)
    assert await counted("try", "a", minutes=60)


async def test_others_and_other_purposes_are_counted_apart(db: asyncpg.Connection) -> None:
    for who, purpose in (("a", "try"), ("b", "try"), ("a", "mail")):
        assert await counted(purpose, who, uses=1)
    assert not await counted("try", "a", uses=1)


async def test_retry_after_is_rounded_up_so_that_waiting_it_is_enough(db: asyncpg.Connection) -> None:
    await counted("try", "a", uses=1)
    later = NOW + timedelta(minutes=59, seconds=58, milliseconds=500)
    with pytest.raises(TooMany) as refused:
        await limit("try", "a", uses=1, window=HOUR, now=later)
    assert refused.value.retry_after == 2
    await limit("try", "a", uses=1, window=HOUR, now=later + timedelta(seconds=2))


async def test_what_is_forgiven_counts_no_more(db: asyncpg.Connection) -> None:
    assert await counted("try", "a", uses=1)
    await forgive("try", "a")
    assert await counted("try", "a", uses=1)


async def test_the_key_holds_neither_the_address_nor_a_hash_that_can_be_guessed(db: asyncpg.Connection) -> None:
    await counted("try", "192.0.2.1")
    (row,) = await database.fetch("SELECT key FROM rate_limit")
    assert "192.0.2.1" not in row["key"]
    guess = await database.fetchval("SELECT left(encode(sha256('192.0.2.1'), 'hex'), 40)")
    assert guess not in row["key"]


async def test_old_counters_are_deleted(db: asyncpg.Connection) -> None:
    await counted("try", "old")
    await counted("try", "new", days=2)
    assert await forget_old(NOW + timedelta(days=2, seconds=1)) == 1
    assert len(await database.fetch("SELECT key FROM rate_limit")) == 1


async def test_of_forty_at_once_ten_pass(committed_db: str) -> None:
    passed = await asyncio.gather(*(counted("try", "a", uses=10) for _ in range(40)))
    assert sum(passed) == 10


async def test_counting_by_reading_and_writing_would_let_more_pass(committed_db: str) -> None:
    """The control of the test above: two statements lose uses, as Litestar's own limits do."""
    await database.execute("INSERT INTO rate_limit VALUES ('naive', $1, 0)", NOW)

    all_have_looked = asyncio.Barrier(40)

    async def naive() -> bool:
        uses = await database.fetchval("SELECT uses FROM rate_limit WHERE key = 'naive'")
        await all_have_looked.wait()
        await database.execute("UPDATE rate_limit SET uses = $1 WHERE key = 'naive'", uses + 1)
        return bool(uses < 10)

    passed = await asyncio.gather(*(naive() for _ in range(40)))
    assert sum(passed) == 40


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_a_subscriber_of_ipv6_is_one_however_many_addresses_they_have(host: str, network: str) -> None:
    assert network_of(host) == network
