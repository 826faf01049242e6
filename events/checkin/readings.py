"""What doors have read of tickets, in the form in which the rules look at it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from events.checkin.rules import Reading
from events.checkin.tables import ScanType
from events.core import database

COLUMNS = """
    scan.nonce, scan.type, CASE WHEN scan.offline THEN scan.happened_at ELSE scan.received_at END AS order,
    scan.happened_at AS at, scan.door,
    scan.forced OR coalesce(nullif(scan.said, ''), scan.result) = 'ok' AS admitted, scan.forced
"""
"""Of a `scan` that was not rejected, what `reading_of` needs."""


async def readings(registration: UUID) -> list[Reading]:
    """Return what doors have read of a registration's tickets, without what was refused."""
    sql = f"SELECT {COLUMNS} FROM scan WHERE registration = $1 AND result <> 'rejected'"
    return [reading_of(row) for row in await database.fetch(sql, registration)]


def reading_of(row: Mapping[str, Any]) -> Reading:
    """Turn a row with `COLUMNS` into a reading."""
    kept = ("nonce", "order", "at", "door", "admitted", "forced")
    return Reading(type=ScanType(row["type"]), **{name: row[name] for name in kept})
