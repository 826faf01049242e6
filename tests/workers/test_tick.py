import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg

from events.core import database, jobs
from tests.factories import insert, make_event
from workers import tick as minute_tick
from workers.due import DUE, due_jobs
from workers.expiry import expire

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


async def owe(**columns: object) -> None:
    defaults = {
        "recipient": "aino@yritys.example",
        "reason": "confirmation",
        "subject_kind": "registration",
        "subject_id": uuid4(),
        "message_id": "<x@sixnet>",
        "due_at": NOW,
    }
    await insert("message", **{**defaults, **columns})


async def test_every_job_is_asked_for_by_the_tick(db: asyncpg.Connection) -> None:
    assert set(DUE) == jobs.JOBS


async def test_an_undelivered_message_is_due_and_a_later_or_sent_one_is_not(db: asyncpg.Connection) -> None:
    await owe(due_at=NOW + timedelta(minutes=1))
    await owe(state="sent")
    await owe(state="sending", lease_until=NOW + timedelta(minutes=1))
    assert "mail.deliver" not in await due_jobs(NOW)
    assert "mail.deliver" in await due_jobs(NOW + timedelta(minutes=1))


async def test_a_message_whose_worker_died_is_due_when_its_lease_ends(db: asyncpg.Connection) -> None:
    await owe(state="sending", lease_until=NOW)
    assert "mail.deliver" in await due_jobs(NOW)


async def test_reminders_are_due_between_their_time_and_the_start(db: asyncpg.Connection) -> None:
    await make_event(kind="meeting", starts_at=NOW, ends_at=NOW + timedelta(hours=1))
    await database.execute("UPDATE reminder_rule SET active = false WHERE days < 0")
    due = ["reminders.queue" in await due_jobs(NOW - timedelta(minutes=before)) for before in (61, 60, 1, 0)]
    assert due == [False, True, True, False]


async def test_data_expires_once_a_day(db: asyncpg.Connection) -> None:
    await insert("idempotency_key", scope="s", key="k", body_hash=b"", created_at=NOW - timedelta(days=8))
    await insert("idempotency_key", scope="s", key="new", body_hash=b"", created_at=NOW)
    assert "data.expire" in await due_jobs(NOW)
    assert await expire(NOW) == 1
    assert "data.expire" not in await due_jobs(NOW + timedelta(hours=23))
    assert "data.expire" in await due_jobs(NOW + timedelta(hours=25))


async def test_a_tick_leaves_its_heartbeat(db: asyncpg.Connection) -> None:
    await minute_tick.tick(NOW)
    beat = await database.fetchval("SELECT changed_at FROM service_state WHERE key = $1", minute_tick.HEARTBEAT)
    assert beat == NOW


async def test_of_two_ticks_at_once_one_does_the_work(committed_db: str) -> None:
    await owe()
    async with database.transaction() as other:
        await other.execute("SELECT pg_advisory_xact_lock($1)", minute_tick.LOCK)
        # In a task of its own, a tick has a transaction of its own.
        assert await asyncio.create_task(_outside(minute_tick.tick(NOW))) == []
    assert "mail.deliver" in await minute_tick.tick(NOW)


async def _outside(work: object) -> object:
    database.DB.current_transaction.set(None)
    return await work  # type: ignore[misc]
