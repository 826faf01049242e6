"""Putting many rows into a table at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from events.core import database

Row = Mapping[str, Any]


async def copy_rows(table: str, rows: Sequence[Row]) -> None:
    """Insert rows that all name the same columns; what they leave out gets the table's defaults."""
    if not rows:
        return
    columns = list(rows[0])
    async with database.connection() as connection:
        await connection.copy_records_to_table(
            table, columns=columns, records=[[row[column] for column in columns] for row in rows]
        )
