"""Marks in one value: what Python sets, SQL finds, and the other way round."""

from functools import reduce

import asyncpg

from events.core import database
from events.core.marks import has_mark, marked, with_mark

PLACES = (0, 3, 7, 8, 21)


async def test_sql_finds_the_marks_that_were_set_and_no_others(db: asyncpg.Connection) -> None:
    marks = reduce(with_mark, PLACES, b"")
    told = await database.fetch(
        f"SELECT place, {marked('marks', 'place')} AS said FROM (SELECT $1::bytea AS marks) AS those,"
        " generate_series(0, 40) AS place",
        marks,
    )
    assert {row["place"] for row in told if row["said"]} == {*PLACES}
    assert all(row["said"] == has_mark(marks, row["place"]) for row in told)


async def test_nobody_is_marked_where_there_are_no_marks(db: asyncpg.Connection) -> None:
    assert await database.fetchval(f"SELECT {marked('marks', '0')} FROM (SELECT ''::bytea AS marks) AS none") is False
    assert not has_mark(b"", 0)
