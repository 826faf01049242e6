import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx

from events.core import clock, database
from tests.factories import insert
from workers.middleware import begin
from workers.tick import tick

ROOT = Path(__file__).parents[1]
IN_POSTGRESQL = {"sixnet_nudges_waiting", "sixnet_nudges_oldest_seconds"}
"""Gauges of a queue that the tests do not have in the database."""


async def scraped(client: httpx.AsyncClient) -> dict[str, float]:
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {name: float(value) for name, value in re.findall(r"^(sixnet_[^ ]+) (\S+)$", answer.text, re.MULTILINE)}


async def owe(**columns: object) -> None:
    defaults = {
        "recipient": f"{uuid4().hex}@yritys.example",
        "reason": "confirmation",
        "subject_kind": "registration",
        "subject_id": uuid4(),
        "message_id": "<x@sixnet>",
    }
    await insert("message", **{**defaults, **columns})


async def test_what_waits_and_what_went_wrong_can_be_watched(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    now = clock.now()
    await owe(due_at=now - timedelta(minutes=30), reason="announcement")
    await owe(due_at=now - timedelta(minutes=2))
    await owe(due_at=now - timedelta(minutes=5), tries=3, recipient="a@slow.example")
    await owe(due_at=now + timedelta(hours=1))
    await insert_domain("slow.example")
    for state, hours in (("failed", 1), ("unknown", 2), ("bounced", 3), ("failed", 25)):
        await owe(state=state, finished_at=now - timedelta(hours=hours))
    endpoint = await insert("webhook_endpoint", url="https://kone.example/", kinds=["event.published"])
    for state, at in (("queued", None), ("failed", now), ("failed", now - timedelta(days=2))):
        columns = {"state": state, "finished_at": at, "due_at": now - timedelta(minutes=20)}
        await insert("webhook_delivery", endpoint=endpoint, kind="event.published", **columns)
    for _ in range(5):
        await begin("surveys.seal", "poison", now)
    await tick(now)
    found = await scraped(client)
    assert 1800 <= found.pop("sixnet_mail_oldest_due_seconds") < 1860
    assert 120 <= found.pop("sixnet_mail_awaited_oldest_seconds") < 180, "of what somebody waits for"
    assert 1200 <= found.pop("sixnet_webhooks_oldest_due_seconds") < 1260
    assert 0 <= found.pop("sixnet_tick_age_seconds") < 60
    wanted = {
        "sixnet_mail_due": 3,
        "sixnet_mail_paced": 1,
        "sixnet_mail_tried": 1,
        'sixnet_mail_ended_badly{state="failed"}': 1,
        'sixnet_mail_ended_badly{state="unknown"}': 1,
        'sixnet_mail_ended_badly{state="bounced"}': 1,
        "sixnet_webhooks_due": 1,
        "sixnet_webhooks_failed": 1,
        "sixnet_jobs_parked": 1,
        "sixnet_database_up": 1,
    }
    assert {name: found.get(name) for name in wanted} == wanted


async def test_the_guide_names_every_gauge_and_no_other(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    await tick(clock.now())
    await database.execute("INSERT INTO service_state (key, value, changed_at) VALUES ('worker', '', now())")
    there = {name.partition("{")[0] for name in await scraped(client)}
    gauges = {name for name in there if not re.search(r"_(total|created|bucket|sum|count)$", name)}
    guide = (ROOT / "docs" / "operations.md").read_text()
    named = set(re.findall(r"sixnet_(?:database|tick|worker|mail|webhooks|jobs|nudges)_[a-z_]+", guide))
    assert named >= IN_POSTGRESQL
    assert named - IN_POSTGRESQL - gauges == set(), "named and not there"
    assert gauges - named == set(), "there and not named"


async def insert_domain(domain: str) -> None:
    await database.execute("INSERT INTO mail_domain (domain, pace) VALUES ($1, 1)", domain)


async def test_without_a_database_the_rest_is_told(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    await db.execute("ALTER TABLE mail_domain RENAME TO elsewhere")
    assert (await scraped(client))["sixnet_database_up"] == 0
