"""What doors without network have left open: tickets that two of them admitted, and people heard of too late."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from events.checkin.readings import COLUMNS, reading_of
from events.checkin.rules import Reading, outcome
from events.core import database


class Conflict(Struct, frozen=True):
    """One ticket that two doors admitted, neither knowing of the other."""

    registration: UUID
    name: str
    organisation: str
    first_door: str
    first_at: datetime
    second_door: str
    second_at: datetime


class Late(Struct, frozen=True):
    """Someone let in without a registration, of whom we heard when the attendance was closed or the event cancelled."""

    nonce: UUID
    name: str
    organisation: str
    door: str
    happened_at: datetime


_CONFLICTING = f"""
SELECT scan.registration, {COLUMNS},
    trim(person.given_name || ' ' || person.family_name) AS name, coalesce(organisation.name, '') AS organisation
FROM scan JOIN attendance USING (registration) JOIN registration ON registration.id = scan.registration
JOIN person ON person.id = registration.person
LEFT JOIN organisation ON organisation.id = registration.organisation
WHERE registration.event = $1 AND attendance.conflict AND result <> 'rejected'
"""

_LATE = "SELECT nonce, name, organisation, door, happened_at FROM leftover WHERE event = $1 ORDER BY happened_at, nonce"


async def conflicts(event: UUID) -> list[Conflict]:
    """Return which tickets two doors admitted, with both doors and times, the earliest first."""
    people: dict[UUID, tuple[str, str]] = {}
    readings: dict[UUID, list[Reading]] = defaultdict(list)
    for row in await database.fetch(_CONFLICTING, event):
        people[row["registration"]] = (row["name"], row["organisation"])
        readings[row["registration"]].append(reading_of(row))
    found = [
        Conflict(identity, *people[identity], first.door, first.at, second.door, second.at)
        for identity, scans in readings.items()
        for first, second in outcome(scans).conflicts
    ]
    return sorted(found, key=lambda conflict: (conflict.second_at, conflict.name))


async def late(event: UUID) -> list[Late]:
    """Return who waits to be settled by a person."""
    return [Late(**row) for row in await database.fetch(_LATE, event)]
