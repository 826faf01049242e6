"""Reports read from the replica where there is one; here it is another database of the same cluster."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from events.core import database
from events.core.errors import Unavailable
from events.core.replica import reading_from, snapshot
from tests.conftest import clone, drop


@pytest.fixture
async def other_db(cluster: str, template_db: str) -> AsyncIterator[str]:
    url = await clone(cluster, template_db)
    yield url
    await drop(cluster, url)


async def name() -> str:
    found: str = await database.fetchval("SELECT current_database()")
    return found


async def test_a_snapshot_reads_from_the_replica_and_everything_else_from_the_primary(
    committed_db: str, other_db: str
) -> None:
    primary = await name()
    async with reading_from(other_db):
        async with snapshot():
            assert await name() != primary
            with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
                await database.execute("INSERT INTO service_state (key, value) VALUES ('x', '')")
        assert await name() == primary
        async with database.transaction(), snapshot():
            assert await name() == primary
    async with snapshot():
        assert await name() == primary


async def test_a_snapshot_does_not_see_what_is_committed_meanwhile(committed_db: str) -> None:
    async with snapshot() as taken:
        count = "SELECT count(*) FROM service_state"
        before = await taken.fetchval(count)
        other = await asyncpg.connect(committed_db)
        await other.execute("INSERT INTO service_state (key, value) VALUES ('new', '')")
        assert await other.fetchval(count) == before + 1
        await other.close()
        assert await taken.fetchval(count) == before


async def test_a_replica_that_is_away_is_unavailable_when_asked(committed_db: str) -> None:
    async with reading_from("postgresql://127.0.0.1:1/x"):
        with pytest.raises(Unavailable):
            async with snapshot():
                pass
