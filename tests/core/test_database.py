import asyncio

import asyncpg
import psycopg
import pytest
from litestar import Litestar

from events.core import database
from events.core.database import after_commit, fetchval, transaction
from events.core.errors import Unavailable
from events.core.tables import ServiceState
from tests.conftest import browser


async def test_a_failed_commit_gives_the_connection_back(committed_db: str) -> None:
    """Piccolo's own helper leaks it: two failures would hang a pool of two."""
    await database.close_pool()
    async with database.pooled(committed_db, size=2):
        await database.execute("CREATE TABLE late (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        for _ in range(3):
            with pytest.raises(asyncpg.UniqueViolationError):
                async with transaction() as connection:
                    await connection.execute("INSERT INTO late VALUES (1), (1)")
        assert await asyncio.wait_for(fetchval("SELECT count(*) FROM late"), timeout=2) == 0
        assert database.DB.current_transaction.get() is None
    await database.open_pool(committed_db)


async def test_a_nested_transaction_is_a_savepoint(db: asyncpg.Connection) -> None:
    async with transaction():
        with pytest.raises(ZeroDivisionError):
            async with transaction():
                await database.execute("INSERT INTO service_state (key, value) VALUES ('inner', '1')")
                raise ZeroDivisionError
        await database.execute("INSERT INTO service_state (key, value) VALUES ('outer', '1')")
    keys = await database.fetch("SELECT key FROM service_state WHERE key IN ('inner', 'outer')")
    assert [row["key"] for row in keys] == ["outer"]


async def test_what_waits_for_the_commit_does_not_run_after_a_rollback(committed_db: str) -> None:
    ran = []
    async with transaction():
        after_commit(lambda: ran.append("committed"))
        assert ran == []
    assert ran == ["committed"]
    with pytest.raises(ZeroDivisionError):
        async with transaction():
            after_commit(lambda: ran.append("rolled back"))
            raise ZeroDivisionError
    assert ran == ["committed"]


async def test_a_query_without_a_pool_is_an_error_not_a_slow_path() -> None:
    with pytest.raises(RuntimeError, match="pool is not open"):
        await fetchval("SELECT 1")


async def test_a_pool_that_is_used_up_answers_unavailable(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "ACQUIRE_TIMEOUT", 0.05)
    await database.close_pool()
    async with database.pooled(committed_db, size=1), database.connection():
        with pytest.raises(Unavailable):
            async with database.pool_connection():
                pass
    await database.open_pool(committed_db)


async def test_every_session_has_its_time_limits(db: asyncpg.Connection) -> None:
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    limits = await database.fetch("SELECT name, setting::int FROM pg_settings WHERE name = ANY($1)", names)
    assert {name for name, _ in limits} == set(names)
    assert all(0 < milliseconds <= 60_000 for _, milliseconds in limits), limits


async def test_a_server_that_does_not_answer_is_not_waited_for_for_ever(db: asyncpg.Connection) -> None:
    """Its own limits do not help when the machine is gone."""
    assert 0 < db._config.command_timeout <= 60


async def test_a_page_for_which_no_connection_is_free_says_when_to_come_again(
    app: Litestar, committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "ACQUIRE_TIMEOUT", 0.05)
    await database.close_pool()
    async with database.pooled(committed_db, size=1), browser(app) as visitor:
        async with database.connection():
            answer = await asyncio.wait_for(visitor.get("/events/some-event"), 10)
        assert answer.status_code == 503
        assert 0 < int(answer.headers["retry-after"]) <= 60
        assert (await visitor.get("/events/some-event")).status_code == 404
    await database.open_pool(committed_db)


async def test_piccolo_does_not_connect_by_itself() -> None:
    with pytest.raises(RuntimeError, match="pool is not open"):
        await ServiceState.select()
    with pytest.raises(RuntimeError, match="pool is not open"):
        await ServiceState.update({"value": "1"}, force=True)


def cut(url: str) -> None:
    """End every session of a database, and the loop has no time to notice it."""
    with psycopg.connect(url, autocommit=True) as admin:
        ended = admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        ).fetchall()
    assert ended == [(True,)]


async def test_a_select_is_tried_again_when_its_connection_was_cut(committed_db: str) -> None:
    await fetchval("SELECT 1")
    cut(committed_db)
    assert await fetchval(" select 2") == 2


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO service_state (key, value) VALUES ('once', '') RETURNING key",
        "WITH new AS (INSERT INTO service_state (key, value) VALUES ('once', '') RETURNING key) SELECT key FROM new",
    ],
)
async def test_what_writes_is_not_tried_again(committed_db: str, sql: str) -> None:
    """It may have been done before the connection was lost."""
    await fetchval("SELECT 1")
    cut(committed_db)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        await fetchval(sql)
    assert await fetchval("SELECT count(*) FROM service_state WHERE key = 'once'") == 0
