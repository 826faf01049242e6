"""Reads for the evidence of a report: its events, who attended them, how people were invited."""

from datetime import date
from uuid import UUID

import msgspec
from msgspec import Struct

from events.core import database
from events.core.text import sort_key
from events.reports.funder.counting import COUNTS


class EvidenceEvent(Struct, frozen=True):
    """An event that counts for the report."""

    id: UUID
    slug: str
    held_on: date


class Attendee(Struct, frozen=True, kw_only=True):
    """Someone at an event; the name is empty once they were erased. `counts`: for the project, in the period."""

    given_name: str
    family_name: str
    organisation: str
    role: str
    region: str
    site: UUID
    source: str
    minutes: int
    counts: bool

    @property
    def listed_name(self) -> str:
        """The name as lists have it."""
        return ", ".join(part for part in (self.family_name, self.given_name) if part)


_EVENTS = f"""
SELECT DISTINCT event.id, event.slug, participation.held_on
FROM project JOIN event_project AS funded ON funded.project = project.id
JOIN event ON event.id = funded.event AND event.reconciled_at IS NOT NULL
JOIN participation ON participation.event = event.id AND {COUNTS}
WHERE project.id = $1 AND participation.held_on BETWEEN $2 AND $3
ORDER BY participation.held_on, event.slug
"""

_ATTENDEES = f"""
SELECT coalesce(person.given_name, '') AS given_name, coalesce(person.family_name, '') AS family_name,
    coalesce(organisation.name, '') AS organisation, participation.role, participation.region, registration.site,
    participation.source, participation.minutes, {COUNTS} AND participation.held_on BETWEEN $3 AND $4 AS counts
FROM participation JOIN project ON project.id = $2 JOIN registration ON registration.id = participation.registration
LEFT JOIN person ON person.id = registration.person
LEFT JOIN organisation ON organisation.id = participation.organisation
WHERE participation.event = $1
"""


async def events(project: UUID, starts_on: date, ends_on: date) -> list[EvidenceEvent]:
    """Return the events that count for a project in a period, by day."""
    return [EvidenceEvent(**row) for row in await database.fetch(_EVENTS, project, starts_on, ends_on)]


async def attendees(event_id: UUID, project: UUID, starts_on: date, ends_on: date) -> list[Attendee]:
    """Return who attended an event of a project, in every role, and who of them its report counts; å ä ö stand last."""
    rows = await database.fetch(_ATTENDEES, event_id, project, starts_on, ends_on)
    found = [msgspec.convert(dict(row), Attendee) for row in rows]
    return sorted(found, key=lambda each: (sort_key(each.family_name), sort_key(each.given_name), each.organisation))


async def invited(event_id: UUID) -> int:
    """Return how many people were invited by name, as reports count them: without whose invitation was taken back."""
    number: int = await database.fetchval(
        "SELECT count(*) FROM invitation WHERE event = $1 AND state <> 'withdrawn'", event_id
    )
    return number
