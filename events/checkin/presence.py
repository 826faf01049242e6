"""How long each was there, where tickets are read on the way out too."""

from collections.abc import Mapping
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from events.checkin import rules
from events.checkin.tables import ScanType
from events.core import database

_READINGS = """
SELECT nonce, type, CASE WHEN offline THEN happened_at ELSE received_at END AS order, happened_at AS at, door,
    forced OR coalesce(nullif(said, ''), result) = 'ok' AS admitted, forced
FROM scan WHERE registration = $1 AND result <> 'rejected'
"""

_ALL = f"""
SELECT event.starts_at, event.ends_at, registration.id AS registration, read.*
FROM door_settings JOIN event ON event.id = door_settings.event
JOIN registration ON registration.event = event.id
JOIN LATERAL ({_READINGS.replace("$1", "registration.id")}) AS read ON true
WHERE door_settings.event = $1 AND door_settings.exits ORDER BY registration.id
"""


async def readings(registration: UUID) -> list[rules.Reading]:
    """Return what doors have read of a registration's tickets, without what was refused."""
    return [_reading(row) for row in await database.fetch(_READINGS, registration)]


async def minutes(event: UUID) -> Mapping[UUID, int]:
    """Return by registration how many minutes of an event each was there; nobody where exits are not read."""
    rows = await database.fetch(_ALL, event)
    return {
        registration: rules.minutes_there(rules.outcome(map(_reading, read)).stays, *when)
        for (registration, *when), read in groupby(rows, key=itemgetter("registration", "starts_at", "ends_at"))
    }


def _reading(row: Mapping[str, object]) -> rules.Reading:
    kept = ("nonce", "order", "at", "door", "admitted", "forced")
    return rules.Reading(type=ScanType(row["type"]), **{name: row[name] for name in kept})  # type: ignore[arg-type]
