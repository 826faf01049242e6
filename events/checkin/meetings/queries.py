"""What reports of meetings are matched to, and what was imported before."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from events.checkin.meetings.matching import Known
from events.checkin.meetings.names import name_key
from events.checkin.meetings.rules import Stay, stay
from events.checkin.meetings.tables import Fate, MeetingRole
from events.core import database
from events.network.matching import telling_domain


class Imported(Struct, frozen=True):
    """A report that was imported."""

    title: str
    filename: str
    kind: str
    starts_at: datetime | None
    imported_at: datetime
    digest: bytes


class Stored(Struct, frozen=True):
    """Someone whom reports imported before name, with their times there and what was decided of them."""

    identity: str
    name: str
    email: str
    role: MeetingRole
    fate: Fate
    registrations: tuple[UUID, ...]
    by_hand: bool
    joins: tuple[tuple[datetime | None, datetime | None, int], ...]

    @property
    def stays(self) -> list[Stay]:
        """The times as rules take them."""
        return [stay(*each) for each in self.joins]


# A merged person is who they were merged into: that one's address is in use.
_KNOWN = """
SELECT registration.id, trim(person.given_name || ' ' || person.family_name) AS name,
    coalesce(person.email, '') AS email, coalesce(organisation.name, '') AS organisation, registration.state,
    registration.role, registration.join_pressed_at AS pressed_at,
    coalesce(attendance.state, 'unknown') AS attendance, attendance.source, attendance.minutes,
    registration.source = 'walk_in' AS walked_in
FROM registration
JOIN person AS met ON met.id = registration.person
JOIN person ON person.id = coalesce(met.merged_into, met.id)
LEFT JOIN organisation ON organisation.id = registration.organisation
LEFT JOIN attendance ON attendance.registration = registration.id
WHERE registration.event = $1 AND person.erased_at IS NULL
ORDER BY person.folded, registration.id
"""

_STORED = """
SELECT attendee.identity, attendee.name, attendee.email, attendee.role, attendee.fate, attendee.registrations,
    attendee.by_hand, array_agg(ROW(joined_at, left_at, seconds) ORDER BY joined_at, left_at, seconds) AS joins
FROM meeting_attendee AS attendee JOIN meeting_join ON meeting_join.attendee = attendee.id
WHERE attendee.event = $1 GROUP BY attendee.id
"""

_AT_DOMAINS = """
SELECT DISTINCT ON (domain) domain, found.name
FROM unnest($1::varchar[]) AS domain
JOIN organisation AS direct ON direct.domains @> ARRAY[domain]
JOIN organisation AS found ON found.id = coalesce(direct.merged_into, direct.id) AND NOT found.sole_trader
ORDER BY domain, direct.created_at, direct.id
"""


async def known(event: UUID) -> list[Known]:
    """Return everyone who is or was registered for an event, by name."""
    rows = await database.fetch(_KNOWN, event)
    return [msgspec.convert({**row, "key": name_key(row["name"])}, Known, strict=False) for row in rows]


async def stored(event: UUID) -> Mapping[str, Stored]:
    """Return whom the reports imported for an event name, by identity."""
    rows = await database.fetch(_STORED, event)
    found = [
        msgspec.convert({**row, "joins": [tuple(join) for join in row["joins"]]}, Stored, strict=False) for row in rows
    ]
    return {each.identity: each for each in found}


async def imported(event: UUID) -> list[Imported]:
    """Return the reports imported for an event, the first first."""
    rows = await database.fetch("SELECT * FROM meeting_report WHERE event = $1 ORDER BY imported_at, id", event)
    return [
        Imported(row["title"], row["filename"], row["kind"], row["starts_at"], row["imported_at"], row["digest"])
        for row in rows
    ]


async def minimum(event: UUID) -> int | None:
    """Return from how many minutes someone counts at an event, None before the first import."""
    found: int | None = await database.fetchval("SELECT minimum_minutes FROM meeting_import WHERE event = $1", event)
    return found


async def organisations_at(emails: Collection[str]) -> Mapping[str, str]:
    """Return the organisation that is known for the domain of each address, where there is one."""
    domains = {email: telling_domain(email) for email in emails}
    rows = await database.fetch(_AT_DOMAINS, sorted({domain for domain in domains.values() if domain}))
    names = {row["domain"]: row["name"] for row in rows}
    return {email: names[domain] for email, domain in domains.items() if domain in names}
