import asyncio

import asyncpg
import pytest

from events.core import database
from events.core.database import after_commit, fetchval, transaction
from events.core.errors import Unavailable


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


async def test_a_select_is_tried_again_when_its_connection_was_cut(committed_db: str) -> None:
    await fetchval("SELECT 1")
    admin = await asyncpg.connect(committed_db)
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND datname = current_database()"
    )
    await admin.close()
    assert await fetchval("SELECT 2") == 2
