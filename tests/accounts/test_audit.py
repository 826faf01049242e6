import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest

from events.accounts import actions, audit, trail
from events.accounts.trail_words import action_words
from events.core import database, jobs
from events.core.actor import SYSTEM, Actor, ActorKind
from events.core.database import transaction
from events.core.privacy import DECLARED
from events.documents import KINDS
from events.messaging.webhooks.tables import Happening
from tests import factories
from tests.factories import NOW, make_staff


async def test_the_trail_is_read_in_pages_and_by_filter(client: httpx.AsyncClient) -> None:
    staff = await make_staff("admin", name="Aila Tarkka")
    await factories.sign_in(client, staff)
    actor = Actor(ActorKind.STAFF, staff)
    for number in range(60):
        await audit.record(actor, "event.edited", "event", f"event-{number:02}", NOW, fields=["title_fi"])
    await audit.record(SYSTEM, "registration.imported", "event", "event-60", NOW - timedelta(days=3))
    first = await client.get("/staff/audit")
    assert "event-60" in first.text
    assert "event-05" not in first.text
    older = first.text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = await client.get(older)
    assert "event-05" in second.text
    assert 'rel="next"' not in second.text
    for query, seen, unseen in (
        ("action=registration.imported", "event-60", "event-59"),
        (f"who={staff}", "event-59", "event-60"),
        ("subject=event-07", "event-07", "event-59"),
        ("end=2026-08-31", "event-60", "event-59"),
        ("start=2026-09-01", "event-59", "event-60"),
    ):
        text = (await client.get(f"/staff/audit?{query}")).text.split("<table")[1]
        assert seen in text, query
        assert unseen not in text, query


@pytest.mark.parametrize(
    "query", ["before=x", "before=99999999999999999999", "who=x", "start=x", "action=%00", "subject=%ED"]
)
async def test_a_bad_filter_is_no_error(client: httpx.AsyncClient, query: str) -> None:
    await factories.sign_in(client, await make_staff("admin"))
    assert (await client.get(f"/staff/audit?{query}")).status_code in {200, 400}


async def test_a_change_that_is_undone_leaves_no_row(committed_db: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with transaction():
            await audit.record(SYSTEM, "event.edited", "event", uuid4(), NOW)
            raise ZeroDivisionError
    assert await database.fetchval("SELECT count(*) FROM audit") == 0


async def test_the_trail_cannot_be_rewritten(db: asyncpg.Connection) -> None:
    await audit.record(SYSTEM, "event.edited", "event", uuid4(), NOW)
    for statement in ("UPDATE audit SET action = 'x'", "DELETE FROM audit"):
        with pytest.raises(asyncpg.RaiseError):
            async with transaction():
                await database.execute(statement)


async def test_what_is_past_its_keeping_is_deleted(db: asyncpg.Connection) -> None:
    now = await database.fetchval("SELECT now()")
    staff = await make_staff()
    for days in (10, 40):
        ended = now - timedelta(days=days)
        await factories.insert("session", staff=staff, token_hash=uuid4().bytes, expires_at=ended)
        await factories.insert("sign_in_link", staff=staff, token_hash=uuid4().bytes, expires_at=ended)
    for days in (360, 370):
        await audit.record(SYSTEM, "event.edited", "event", uuid4(), now - timedelta(days=days))
    assert await actions.expire(now) == 3
    assert (await trail.rows(trail.Filter()))[0][0].at == now - timedelta(days=360)


def test_every_action_that_the_code_writes_has_words() -> None:
    code = "".join(
        path.read_text()
        for path in Path("events").rglob("*.py")
        if path.name not in {"trail_words.py", "piccolo_app.py"}
    )
    written = set(
        re.findall(
            r'"((?:attendance|device|event|feedback|kitchen|organisation|person|plan|project|question|registrations?|series|session|staff|survey|token)\.[a-z_]+)"',
            code,
        )
    )
    written |= {f"registration.{name}" for name in re.findall(r'note\(held, "([a-z_]+)"', code)}
    # columns, as SQL names them
    written -= {f"{table}.{column}" for table, columns in DECLARED.items() for column in columns}
    written -= {"event.id", "registration.site", "registration.number", "registration.registered_at"}
    written -= {"attendance.first_entry_at", "survey.asked_at"}
    written -= jobs.JOBS | set(KINDS) | set(Happening)  # jobs, documents that they make, and what webhooks tell of
    assert len(written) > 30
    assert [action for action in sorted(written) if action_words(action) == action] == []
