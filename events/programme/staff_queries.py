"""What the staff pages of events read: lists within the actor's reach, and what an event waits for."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from events.accounts.rules import Action, reach
from events.core import database
from events.core.actor import Actor
from events.programme.queries import SELECT_EVENT, EventView, event_view

PAGE_SIZE = 30
SHOWS = ("open", "past", "cancelled", "all")
"""Which events a list shows; open: drafts, what is coming, and what was held but not reconciled."""


class StaffEvents(Struct, frozen=True):
    """One page of the list and how many there are on all."""

    items: list[EventView]
    total: int


class Counts(Struct, frozen=True):
    """Registrations of an event by what they wait for."""

    registered: int = 0
    awaiting_approval: int = 0
    waitlisted: int = 0
    confirmed: int = 0
    unmarked: int = 0
    attended: int = 0


_LIST = """
WHERE ($1 OR host_region = ANY($2) OR event.id = ANY($3))
  AND CASE $4 WHEN 'open' THEN state = 'draft' OR (state = 'published' AND reconciled_at IS NULL)
              WHEN 'past' THEN state = 'published' AND ends_at <= $5
              WHEN 'cancelled' THEN state = 'cancelled' ELSE true END
  AND ($6 = '' OR position(lower($6) in lower(title_fi || ' ' || title_sv || ' ' || title_en)) > 0)
"""


async def staff_events(actor: Actor, *, show: str, words: str, page: int, now: datetime) -> StaffEvents:
    """Return the events that `actor` may edit: open ones by start, others the latest first."""
    everywhere, regions, events = reach(actor, Action.EDIT_EVENTS, now=now)
    values = (everywhere, list(regions), list(events), show, now, words)
    order = "ASC" if show == "open" else "DESC"
    rows = await database.fetch(
        f"{SELECT_EVENT} {_LIST} ORDER BY starts_at {order}, slug LIMIT {PAGE_SIZE} OFFSET $7",
        *values,
        (page - 1) * PAGE_SIZE,
    )
    total = await database.fetchval(f"SELECT count(*) FROM event {_LIST}", *values)
    return StaffEvents([event_view(row) for row in rows], total)


_COUNTS = """
SELECT registration.event,
    count(*) FILTER (WHERE registration.state NOT IN ('cancelled', 'declined')) AS registered,
    count(*) FILTER (WHERE registration.state = 'awaiting_approval') AS awaiting_approval,
    count(*) FILTER (WHERE registration.state = 'waitlisted') AS waitlisted,
    count(*) FILTER (WHERE registration.state = 'confirmed') AS confirmed,
    count(*) FILTER (WHERE registration.state = 'confirmed' AND coalesce(attendance.state, 'unknown') = 'unknown')
        AS unmarked,
    count(*) FILTER (WHERE attendance.state = 'attended') AS attended
FROM registration LEFT JOIN attendance ON attendance.registration = registration.id
WHERE registration.event = ANY($1) GROUP BY registration.event
"""


async def counts(events: list[UUID]) -> dict[UUID, Counts]:
    """Count the registrations of some events, in one statement over the tables of the features above."""
    rows = await database.fetch(_COUNTS, events)
    found = {row["event"]: msgspec.convert(dict(row), Counts) for row in rows}
    return {event: found.get(event, Counts()) for event in events}
