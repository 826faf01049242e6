"""What came of a group's meetings: who answered what, and who came."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from events.core import database
from events.network.queries import MemberView

SHOWN = 6
"""Meetings held that a group's page shows: a year of them, beside all that are to come."""


class Meeting(Struct, frozen=True):
    """A meeting as a column of the group's page."""

    id: UUID
    slug: str
    state: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    reconciled: bool


class Row(Struct, frozen=True):
    """Someone, and by meeting what they answered or whether they came."""

    name: str
    cells: dict[UUID, str]
    member: bool


_MEETINGS = """
SELECT id, slug, state, starts_at, ends_at, zone, reconciled_at IS NOT NULL AS reconciled
FROM event WHERE theme_group = $1
"""

_HELD = f"{_MEETINGS} AND state = 'published' AND starts_at <= $2 ORDER BY starts_at DESC LIMIT {SHOWN}"

_COMING = f"{_MEETINGS} AND state IN ('published', 'draft') AND starts_at > $2 ORDER BY starts_at, id"

_CELLS = """
SELECT registration.event, registration.person, trim(person.given_name || ' ' || person.family_name) AS name,
    CASE WHEN attendance.state IN ('attended', 'no_show') THEN attendance.state
         WHEN registration.state IN ('cancelled', 'declined') THEN 'no' ELSE 'yes' END AS word
FROM registration JOIN person ON person.id = registration.person
LEFT JOIN attendance ON attendance.registration = registration.id WHERE registration.event = ANY($1)
UNION ALL
SELECT invitation.event, person.id, trim(person.given_name || ' ' || person.family_name), invitation.state
FROM invitation JOIN person ON person.id = invitation.person
WHERE invitation.event = ANY($1) AND invitation.state <> 'withdrawn' AND NOT EXISTS (
    SELECT FROM registration WHERE registration.event = invitation.event AND registration.person = person.id)
"""


async def coming(group_id: UUID, now: datetime) -> list[Meeting]:
    """Return the meetings that are to come, drafts among them, by their start."""
    return [Meeting(**row) for row in await database.fetch(_COMING, group_id, now)]


async def seen(group_id: UUID, members: list[MemberView], now: datetime) -> tuple[list[Meeting], list[Row]]:
    """Return the last meetings held and all published ones to come, and what came of each.

    That is told for each member, and for who else took part.
    """
    held = [Meeting(**row) for row in await database.fetch(_HELD, group_id, now)][::-1]
    meetings = [*held, *(meeting for meeting in await coming(group_id, now) if meeting.state == "published")]
    names = {member.person: member.name for member in members}
    cells: dict[UUID, dict[UUID, str]] = {person: {} for person in names}
    for row in await database.fetch(_CELLS, [meeting.id for meeting in meetings]):
        names.setdefault(row["person"], row["name"])
        cells.setdefault(row["person"], {})[row["event"]] = row["word"]
    present = {member.person for member in members}
    return meetings, [Row(names[person], found, person in present) for person, found in cells.items()]
