"""The registrations of an event as staff list them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from events.core import database
from events.core.text import clean_line, fold
from events.registration.tables import RegistrationRole, State

PAGE_SIZE = 50


class Filters(Struct, frozen=True):
    """Which registrations are meant; empty means all."""

    state: str = ""
    role: str = ""
    site: str = ""
    words: str = ""

    def query(self) -> dict[str, str]:
        """Return the parameters of an address that shows the same."""
        pairs = {"state": self.state, "role": self.role, "site": self.site, "q": self.words}
        return {name: value for name, value in pairs.items() if value}


class Line(Struct, frozen=True):
    """A registration in the list."""

    id: UUID
    given_name: str
    family_name: str
    email: str
    organisation: str
    municipality: str
    country: str
    site: UUID
    state: str
    role: str
    number: int
    ticket_code: str
    language: str
    source: str
    registered_at: datetime


class Found(Struct, frozen=True):
    """A page of registrations, how many there are in all, and how many in each state whatever the filter."""

    items: list[Line]
    total: int
    states: dict[str, int]


_LINES = """
SELECT registration.id, person.given_name, person.family_name, coalesce(person.email, '') AS email,
    coalesce(organisation.name, '') AS organisation, coalesce(registration.municipality, '') AS municipality,
    registration.country, registration.site, registration.state, registration.role, registration.number,
    registration.ticket_code, registration.language, registration.source, registration.registered_at
FROM registration JOIN person ON person.id = registration.person
LEFT JOIN organisation ON organisation.id = registration.organisation
"""
_WANTED = """
WHERE registration.event = $1 AND ($2 = '' OR registration.state = $2) AND ($3 = '' OR registration.role = $3)
  AND ($4 = '' OR registration.site::text = $4)
  AND ($5 = '' OR person.folded LIKE '%' || $5 || '%' OR organisation.folded LIKE '%' || $5 || '%'
       OR person.email LIKE lower($6) || '%' OR registration.ticket_code = upper($6))
"""
_ORDER = "ORDER BY registration.state = 'waitlisted', registration.number, registration.id"


def read_filters(asked: Mapping[str, Any]) -> Filters:
    """Read filters from an address; what is unknown is left out."""
    state, role = str(asked.get("state", "")), str(asked.get("role", ""))
    return Filters(
        state if state in set(State) else "",
        role if role in set(RegistrationRole) else "",
        clean_line(str(asked.get("site", "")))[:36],
        clean_line(str(asked.get("q", "")))[:100],
    )


async def found(event_id: UUID, filters: Filters, *, page: int) -> Found:
    """Return a page of an event's registrations: those with a place first, then the line in its order."""
    values = _values(event_id, filters)
    rows = await database.fetch(
        f"{_LINES} {_WANTED} {_ORDER} LIMIT {PAGE_SIZE} OFFSET $7", *values, (page - 1) * PAGE_SIZE
    )
    counted = await database.fetch(
        "SELECT state, count(*) AS n FROM registration WHERE event = $1 GROUP BY state", event_id
    )
    total = await database.fetchval(
        "SELECT count(*) FROM registration JOIN person ON person.id = registration.person"
        f" LEFT JOIN organisation ON organisation.id = registration.organisation {_WANTED}",
        *values,
    )
    return Found([_line(row) for row in rows], total, {row["state"]: row["n"] for row in counted})


async def every(event_id: UUID, filters: Filters) -> list[Line]:
    """Return all registrations that are meant, by name."""
    rows = await database.fetch(
        f"{_LINES} {_WANTED} ORDER BY person.folded, registration.id", *_values(event_id, filters)
    )
    return [_line(row) for row in rows]


async def one(event_id: UUID, registration_id: UUID) -> Line | None:
    """Return a registration of this event."""
    row = await database.fetchrow(
        f"{_LINES} WHERE registration.event = $1 AND registration.id = $2", event_id, registration_id
    )
    return _line(row) if row else None


def _values(event_id: UUID, filters: Filters) -> tuple[Any, ...]:
    return event_id, filters.state, filters.role, filters.site, fold(filters.words), filters.words


def _line(row: asyncpg.Record) -> Line:
    return Line(**row)
