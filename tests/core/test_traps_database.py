"""What Piccolo and asyncpg do unasked, over all our tables (the cures stand in events/core/database.py)."""

import ast
import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import asyncpg
import pytest
from piccolo.columns import Column, ForeignKey, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.columns.column_types import Timestamp
from piccolo.table import Table

from events import migrate
from events.app import create_app
from events.core import database
from events.piccolo_conf import APP_REGISTRY
from tests.conftest import drop, named
from tests.factories import insert, make_event

ROOT = Path(__file__).parents[2]
EVIDENCE = {"audit", "scan", "participation", "message", "registration"}
"""Rows that prove something: nothing else's deletion takes them along."""


def tables() -> list[type[Table]]:
    found = [table for app in APP_REGISTRY.app_configs.values() for table in app.table_classes]
    assert len(found) > 30
    return found


def columns() -> Iterator[Column]:
    for table in tables():
        yield from table._meta.columns


async def test_a_foreign_key_cascades_only_where_the_row_is_a_part_of_the_other(db: asyncpg.Connection) -> None:
    cascading = await db.fetch(
        "SELECT conrelid::regclass::text AS child FROM pg_constraint WHERE contype = 'f' AND confdeltype = 'c'"
    )
    assert cascading
    assert not EVIDENCE & {row["child"] for row in cascading}


def test_a_foreign_key_that_may_be_empty_never_cascades() -> None:
    """Both are Piccolo's defaults: together they say that nobody has thought about it."""
    keys = [column for column in columns() if isinstance(column, ForeignKey)]
    assert len(keys) > 20
    thoughtless = [
        f"{key._meta.table._meta.tablename}.{key._meta.name}"
        for key in keys
        if key._meta.null and key._foreign_key_meta.on_delete is OnDelete.cascade
    ]
    thought_of = ["receipt.registration", "receipt.head", "announcement.event"]
    thought_of += ["reminder_rule.event", "reminder_rule.site", "reminder_rule.agenda_item"]
    assert sorted(thoughtless) == sorted(thought_of), "receipts, mails and reminders go with what they are about"


def said_of_foreign_keys(source: str) -> Iterator[tuple[int, set[str | None]]]:
    """The line of each foreign key in a piece of code and the names of what it says."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("ForeignKey"):
            yield node.lineno, {keyword.arg for keyword in node.keywords}


def test_every_foreign_key_says_whether_it_may_be_empty_and_what_a_deletion_does() -> None:
    said = {
        f"{path}:{line}": names
        for path in sorted(ROOT.glob("events/**/*tables.py"))
        for line, names in said_of_foreign_keys(path.read_text())
    }
    assert len(said) == sum(isinstance(column, ForeignKey) for column in columns())
    assert {place for place, names in said.items() if not {"null", "on_delete"} <= names} == set()
    assert list(said_of_foreign_keys("x = ForeignKey(references=Y, null=True)")) == [(1, {"references", "null"})]


def test_every_app_waits_for_the_migrations_of_those_it_refers_to() -> None:
    apps = APP_REGISTRY.app_configs
    home = {table: name for name, config in apps.items() for table in config.table_classes}

    def awaited(name: str) -> set[str]:
        direct = {config.app_name for config in apps[name].migration_dependency_app_configs}
        return direct.union(*map(awaited, direct))

    for name, config in apps.items():
        keys = [key for table in config.table_classes for key in table._meta.foreign_key_columns]
        referred = {home[key._foreign_key_meta.resolved_references] for key in keys}
        assert referred - {name} <= awaited(name), name


async def test_the_indexes_that_piccolo_cannot_say_are_there(db: asyncpg.Connection) -> None:
    partial = await db.fetch("SELECT indexrelid::regclass::text FROM pg_index WHERE indpred IS NOT NULL")
    assert {name for (name,) in partial} >= {"scan_rejected", "message_due", "registration_line"}


async def test_an_event_cannot_end_before_it_starts(db: asyncpg.Connection) -> None:
    """Piccolo's `Check` takes its condition as text: whether it says what was meant shows only in the database."""
    start = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
    event = await make_event(starts_at=start, ends_at=start + timedelta(minutes=1))
    for earlier in (timedelta(), timedelta(minutes=-1)):
        with pytest.raises(asyncpg.CheckViolationError, match="event_ends_after_start"):
            await database.attempt("UPDATE event SET ends_at = $2 WHERE id = $1", event, start + earlier)


def test_every_moment_has_its_zone() -> None:
    assert [column._meta.name for column in columns() if isinstance(column, Timestamp)] == []
    assert any(isinstance(column, Timestamptz) for column in columns())


async def test_a_moment_comes_back_aware_and_the_same_whatever_its_zone(db: asyncpg.Connection) -> None:
    there = datetime(2026, 3, 29, 3, 30, tzinfo=timezone(timedelta(hours=3)))
    event = await make_event(starts_at=there, ends_at=there + timedelta(hours=1))
    back = await database.fetchval("SELECT starts_at FROM event WHERE id = $1", event)
    assert back == there
    assert back.tzinfo is UTC or back.utcoffset() == timedelta()


async def test_the_pool_is_opened_by_the_lifespan_and_by_nothing_else(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.close_pool()
    monkeypatch.setenv("SIXNET_DATABASE_URL", committed_db)
    from events.app import get_settings, lifespan

    get_settings.cache_clear()
    try:
        app = create_app()
        assert database.DB.pool is None
        async with lifespan(app):
            assert await database.fetchval("SELECT 1") == 1
        assert database.DB.pool is None
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
        await database.open_pool(committed_db)


@pytest.fixture
async def empty_db(cluster: str) -> Iterator[str]:  # type: ignore[misc]
    url = named(cluster, "sixnet_empty")
    admin = await asyncpg.connect(cluster)
    await admin.execute("DROP DATABASE IF EXISTS sixnet_empty WITH (FORCE)")
    await admin.execute("CREATE DATABASE sixnet_empty")
    await admin.close()
    async with database.pooled(url, size=6):
        yield url
    await drop(cluster, url)


async def test_two_migrations_at_once_run_one_after_the_other(empty_db: str) -> None:
    await asyncio.gather(migrate.migrate(empty_db), migrate.migrate(empty_db))
    ran = await database.fetch("SELECT app_name, name FROM migration")
    assert len(ran) == len({tuple(row) for row in ran}) > 8


async def test_without_the_lock_two_migrations_at_once_collide(empty_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above: each takes a lock of its own."""
    monkeypatch.setattr(migrate, "LOCK", 1)
    first = asyncio.create_task(migrate.migrate(empty_db))
    while not await database.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 1"):  # noqa: ASYNC110 - another session's
        await asyncio.sleep(0)
    monkeypatch.setattr(migrate, "LOCK", 2)
    ended = await asyncio.gather(first, migrate.migrate(empty_db), return_exceptions=True)
    assert any(isinstance(result, BaseException) for result in ended)


async def test_an_audit_row_outlives_the_event_that_it_is_about(db: asyncpg.Connection) -> None:
    event = await make_event()
    await insert(
        "audit",
        id=1,
        actor_kind="system",
        action="event.edited",
        subject_kind="event",
        subject_id=str(event),
        at=datetime.now(UTC),
    )
    await database.execute("DELETE FROM event WHERE id = $1", event)
    assert await database.fetchval("SELECT count(*) FROM audit") == 1
