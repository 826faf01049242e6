from datetime import UTC, datetime, timedelta

import asyncpg

from events.core import database
from events.core.failing import LATELY, failing
from events.core.parked import QUARANTINE, STARTS_LIMIT
from workers.middleware import begin, end

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


async def test_a_message_that_never_ends_is_begun_only_so_often(db: asyncpg.Connection) -> None:
    for _ in range(STARTS_LIMIT):
        assert await begin("mail.deliver", "poison", NOW)
    assert not await begin("mail.deliver", "poison", NOW)


async def test_one_that_ends_each_time_may_come_again_without_limit(db: asyncpg.Connection) -> None:
    for _ in range(STARTS_LIMIT * 2):
        assert await begin("mail.deliver", "healthy", NOW)
        await end("mail.deliver", "healthy", NOW, well=True)
    assert await database.fetchval("SELECT count(*) FROM service_state WHERE key LIKE 'begun:%'") == 0


async def test_after_a_poisonous_message_its_job_rests_and_others_go_on(db: asyncpg.Connection) -> None:
    for _ in range(STARTS_LIMIT + 1):
        await begin("mail.deliver", "poison", NOW)
    assert not await begin("mail.deliver", "another", NOW + timedelta(minutes=1))
    assert await begin("reminders.queue", "its own", NOW + timedelta(minutes=1))
    assert await begin("mail.deliver", "later", NOW + QUARANTINE + timedelta(minutes=2))


async def failures(now: datetime) -> dict[str, int]:
    return {each.job: each.times for each in await failing(now)}


async def test_how_often_in_a_row_a_job_ended_badly_is_counted_until_it_ends_well(db: asyncpg.Connection) -> None:
    for minute in range(3):
        await end("surveys.seal", f"message {minute}", NOW + timedelta(minutes=minute), well=False)
    await end("mail.deliver", "another", NOW, well=True)
    assert await failures(NOW + timedelta(minutes=3)) == {"surveys.seal": 3}
    await end("surveys.seal", "at last", NOW + timedelta(minutes=3), well=True)
    assert await failures(NOW + timedelta(minutes=3)) == {}


async def test_a_job_that_failed_and_has_nothing_to_do_any_more_fails_no_more(db: asyncpg.Connection) -> None:
    await end("surveys.seal", "once", NOW, well=False)
    assert await failures(NOW + LATELY - timedelta(seconds=1)) == {"surveys.seal": 1}
    assert await failures(NOW + LATELY) == {}
