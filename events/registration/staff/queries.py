"""The registrations of an event as staff list them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct

from events.core import database
from events.core.text import sort_key
from events.registration.queries import REGISTERED_BY
from events.registration.staff.columns import NAME, Line, order_by
from events.registration.staff.filters import LISTED, Filters, View, conditions

PAGE_SIZE = 50

SUGGESTED = 200
"""Organisations that are proposed while one types; any other can be typed as well."""


class Found(Struct, frozen=True):
    """A page of registrations, its number and how many there are, how many registrations the filters let through."""

    items: list[Line]
    total: int
    number: int
    pages: int


_JOINS = """
FROM registration JOIN person ON person.id = registration.person
LEFT JOIN organisation ON organisation.id = registration.organisation
LEFT JOIN municipality ON municipality.code = registration.municipality
LEFT JOIN attendance ON attendance.registration = registration.id
"""
_LINES = f"""
SELECT registration.id, person.given_name, person.family_name, coalesce(person.email, '') AS email,
    EXISTS (SELECT FROM unreachable WHERE address = person.email) AS unreachable,
    coalesce(organisation.name, '') AS organisation, coalesce(organisation.type, 'unknown') AS organisation_type,
    coalesce(registration.municipality, '') AS municipality, coalesce(municipality.region, '') AS region,
    registration.country, registration.site, registration.state, registration.role, registration.number,
    registration.ticket_code, registration.language, registration.source, registration.registered_at,
    coalesce(attendance.state, '') AS attendance, attendance.first_entry_at, {LISTED} AS listed,
    {REGISTERED_BY} AS registered_by, registration.cancel_reason,
    ARRAY(SELECT tag FROM registration_tag WHERE registration_tag.registration = registration.id ORDER BY folded)
        AS tags,
    ARRAY(SELECT text FROM registration_note WHERE registration_note.registration = registration.id
          ORDER BY written_at) AS notes
{_JOINS}
"""


async def found(event_id: UUID, view: View, *, page: int) -> Found:
    """Return a page of an event's registrations; a page beyond the last is the last."""
    where, values = conditions(event_id, view.filters)
    total = await database.fetchval(f"SELECT count(*) {_JOINS} {where}", *values)
    pages = max(1, -(-total // PAGE_SIZE))
    number = min(page, pages)
    rows = await database.fetch(
        f"SELECT registration.id {_JOINS} {where} {order_by(view.sort)} LIMIT {PAGE_SIZE} OFFSET"
        f" {(number - 1) * PAGE_SIZE}",
        *values,
    )
    return Found(await lines([row["id"] for row in rows]), total, number, pages)


async def every(event_id: UUID, view: View) -> list[UUID]:
    """Return all registrations that are meant, by name unless the list is sorted."""
    where, values = conditions(event_id, view.filters)
    rows = await database.fetch(f"SELECT registration.id {_JOINS} {where} {order_by(view.sort or NAME)}", *values)
    return [row["id"] for row in rows]


async def lines(registrations: Sequence[UUID]) -> list[Line]:
    """Read registrations in the given order; whoever is gone meanwhile is left out."""
    rows = await database.fetch(f"{_LINES} WHERE registration.id = ANY($1)", registrations)
    known = {row["id"]: Line(**row) for row in rows}
    return [known[registration] for registration in registrations if registration in known]


async def one(event_id: UUID, registration_id: UUID) -> Line | None:
    """Return a registration of this event."""
    row = await database.fetchrow(
        f"{_LINES} WHERE registration.event = $1 AND registration.id = $2", event_id, registration_id
    )
    return Line(**row) if row else None


async def states(event_id: UUID) -> dict[str, int]:
    """Return how many registrations an event has in each state."""
    rows = await database.fetch(
        "SELECT state, count(*) AS n FROM registration WHERE event = $1 GROUP BY state", event_id
    )
    return {row["state"]: row["n"] for row in rows}


async def tags(event_id: UUID) -> list[tuple[str, str]]:
    """Return the tags of an event's registrations by name, as (folded, as it was first written)."""
    rows = await database.fetch(
        "SELECT folded, min(tag) AS tag FROM registration_tag JOIN registration"
        " ON registration.id = registration_tag.registration WHERE event = $1 GROUP BY folded ORDER BY folded",
        event_id,
    )
    return [(row["folded"], row["tag"]) for row in rows]


async def organisations(event_id: UUID) -> list[str]:
    """Return the names of the organisations from which most have registered for an event, by name."""
    rows = await database.fetch(_ORGANISATIONS, event_id)
    return sorted((row["name"] for row in rows), key=sort_key)


_ORGANISATIONS = f"""
SELECT organisation.name FROM registration JOIN organisation ON organisation.id = registration.organisation
WHERE registration.event = $1 GROUP BY organisation.id ORDER BY count(*) DESC, organisation.id LIMIT {SUGGESTED}
"""


async def meant(
    event_id: UUID, filters: Filters, chosen: Sequence[UUID] | None = None, *, by_line: bool = False
) -> list[UUID]:
    """Return the registrations that are meant, the chosen ones or all: as they arrived, or as they stand in line."""
    order = "registration.number" if by_line else "registration.registered_at, registration.number"
    where, values = conditions(event_id, filters)
    if chosen is not None:
        where, values = "WHERE registration.event = $1 AND registration.id = ANY($2)", [event_id, list(chosen)]
    rows: list[Any] = await database.fetch(
        f"SELECT registration.id {_JOINS} {where} ORDER BY {order}, registration.id", *values
    )
    return [row["id"] for row in rows]
