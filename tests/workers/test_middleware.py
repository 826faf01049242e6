from datetime import UTC, datetime, timedelta

import asyncpg

from events.core import database
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
        await end("mail.deliver", "healthy")
    assert await database.fetchval("SELECT count(*) FROM service_state WHERE key LIKE 'begun:%'") == 0


async def test_after_a_poisonous_message_its_job_rests_and_others_go_on(db: asyncpg.Connection) -> None:
    for _ in range(STARTS_LIMIT + 1):
        await begin("mail.deliver", "poison", NOW)
    assert not await begin("mail.deliver", "another", NOW + timedelta(minutes=1))
    assert await begin("reminders.queue", "its own", NOW + timedelta(minutes=1))
    assert await begin("mail.deliver", "later", NOW + QUARANTINE + timedelta(minutes=2))
