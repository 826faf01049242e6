from datetime import timedelta
from uuid import uuid4

import asyncpg

from events.accounts import audit
from events.core import database
from events.core.actor import SYSTEM
from tests.factories import insert, make_event, make_staff
from workers.expiry import expire


async def test_ended_sessions_links_and_an_old_trail_go_and_what_is_in_use_stays(db: asyncpg.Connection) -> None:
    now = await database.fetchval("SELECT now()")
    staff, event = await make_staff(), await make_event()
    for days in (-1, 400):
        ended = now - timedelta(days=days)
        await insert("session", staff=staff, token_hash=uuid4().bytes, expires_at=ended)
        await insert("sign_in_link", staff=staff, token_hash=uuid4().bytes, expires_at=ended)
        await audit.record(SYSTEM, "event.edited", "event", uuid4(), ended)
        receipt = {"event": event, "state": "confirmed", "position": 0, "created_at": ended - timedelta(days=1)}
        await insert("receipt", token_hash=uuid4().bytes, **receipt)
    await expire(now)
    for table in ("session", "sign_in_link", "audit", "receipt"):
        assert await database.fetchval(f"SELECT count(*) FROM {table}") == 1, table


async def test_the_log_of_webhooks_is_kept_a_month_and_what_is_owed_longer(db: asyncpg.Connection) -> None:
    now = await database.fetchval("SELECT now()")
    endpoint = await insert("webhook_endpoint", url="https://kone.example/", kinds=["event.published"])
    for state, finished in (("delivered", 31), ("failed", 29), ("queued", None)):
        at = now - timedelta(days=finished) if finished else None
        await insert("webhook_delivery", endpoint=endpoint, kind="event.published", state=state, finished_at=at)
    await expire(now)
    rows = await database.fetch("SELECT state FROM webhook_delivery ORDER BY state")
    assert [row["state"] for row in rows] == ["failed", "queued"]
