"""What the attendance page of an event reads."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from events.accounts.rules import Action, may
from events.checkin import presence
from events.checkin.tables import AttendanceState
from events.core import database
from events.core.actor import Actor
from events.core.errors import NotFound
from events.core.i18n import gettext as _
from events.core.text import fold, sort_key
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration.invitations.queries import ANSWER, ANSWERED
from events.registration.tables import State

SHOWS = ("all", "unknown", "attended", "no_show", "conflict", "without_address")
PAGE_SIZE = 100


class Attendee(Struct, frozen=True):
    """A registration and what is known of its attendance; `after` says that this came to be known after closing.

    `minutes` is how long they were there, as far as anybody measured it.
    `joined_at` is when the link to the online meeting was pressed last: a hint of attendance, not more.
    """

    id: UUID
    name: str
    organisation: str
    site: str
    role: str
    registration: State
    state: AttendanceState
    source: str
    first_entry_at: datetime | None
    door: str
    minutes: int | None
    conflict: bool
    certain: bool
    after: bool
    joined_at: datetime | None


class Unregistered(Struct, frozen=True):
    """Someone who was expected and never registered: invited (`invitation`), or a member of the group (`member`).

    `answer` is what the invitation was answered, "" for a member who got none.
    """

    invitation: UUID | None
    member: UUID | None
    name: str
    organisation: str
    answer: str


class Tally(Struct, frozen=True):
    """How the attendance of an event stands; `after` counts who came to be known as attended after closing."""

    expected: int = 0
    attended: int = 0
    no_show: int = 0
    unknown: int = 0
    conflicts: int = 0
    without_address: int = 0
    after: int = 0


class Refused(Struct, frozen=True):
    """A reading that the door refused."""

    received_at: datetime
    door: str
    reason: str
    name: str


_ATTENDEES = """
SELECT registration.id, registration.state AS registration, registration.role, person.given_name, person.family_name,
    person.folded || ' ' || coalesce(organisation.folded, '') AS folded, person.email IS NOT NULL AS certain,
    coalesce(organisation.name, '') AS organisation, site.name AS site, site.mode,
    coalesce(attendance.state, 'unknown') AS state, coalesce(attendance.source, '') AS source,
    attendance.first_entry_at, coalesce(attendance.door, '') AS door, attendance.minutes,
    coalesce(attendance.conflict, false) AS conflict,
    event.reconciled_at IS NOT NULL AND participation.id IS NULL AND attendance.state = 'attended' AS after,
    registration.join_pressed_at
FROM registration
JOIN event ON event.id = registration.event
JOIN person ON person.id = registration.person
JOIN site ON site.id = registration.site
LEFT JOIN organisation ON organisation.id = registration.organisation
LEFT JOIN attendance ON attendance.registration = registration.id
LEFT JOIN participation ON participation.registration = registration.id
WHERE registration.event = $1 AND (registration.state = 'confirmed' OR attendance.state = 'attended')
"""

_UNREGISTERED = f"""
WITH asked AS (
    SELECT invitation.id AS invitation, invitation.person, invitation.email, invitation.name, {ANSWER} AS answer
    FROM invitation {ANSWERED}
    WHERE invitation.event = $1 AND invitation.state <> 'withdrawn'
      AND (held.id IS NULL OR held.state IN ('cancelled', 'declined'))
      AND NOT EXISTS (SELECT FROM attendance WHERE registration = held.id AND state = 'attended')
),
expected AS (
    SELECT invitation, NULL::uuid AS member, person, email, name, answer FROM asked
    UNION ALL
    SELECT NULL, person.id, person.id, person.email, '', ''
    FROM event JOIN group_member ON group_member.theme_group = event.theme_group
        AND starts_on <= (event.starts_at AT TIME ZONE event.zone)::date
        AND (ends_on IS NULL OR ends_on >= (event.starts_at AT TIME ZONE event.zone)::date)
    JOIN person ON person.id = group_member.person AND person.erased_at IS NULL
    WHERE event.id = $1
      AND NOT EXISTS (SELECT FROM asked WHERE asked.person = person.id OR asked.email = person.email)
      AND NOT EXISTS (SELECT FROM registration LEFT JOIN attendance ON attendance.registration = registration.id
          WHERE registration.event = $1 AND registration.person = person.id
          AND (registration.state NOT IN ('cancelled', 'declined') OR attendance.state = 'attended'))
)
SELECT invitation, member, answer, coalesce(organisation.name, '') AS organisation,
    coalesce(nullif(trim(given_name || ' ' || family_name), ''), nullif(expected.name, ''), expected.email) AS name
FROM expected LEFT JOIN person ON person.id = expected.person
LEFT JOIN organisation ON organisation.id = person.organisation
"""

# Whose ticket belongs to another event is for that event's people to know.
_REFUSED = """
SELECT scan.received_at, scan.door, scan.reason,
    CASE WHEN registration.event = scan.event THEN trim(person.given_name || ' ' || person.family_name) END AS name
FROM scan
LEFT JOIN registration ON registration.id = scan.registration
LEFT JOIN person ON person.id = registration.person
WHERE scan.event = $1 AND scan.result = 'rejected' ORDER BY scan.received_at DESC, scan.id LIMIT 50
"""


async def event_to_reconcile(slug: str, actor: Actor, now: datetime) -> EventView:
    """Return the event of a slug; raises NotFound when there is none that the actor may reconcile."""
    event = await programme.by_slug(slug)
    if event is None or not may(actor, Action.RECONCILE, now=now, event_id=event.id, region=event.host_region):
        raise NotFound
    return event


async def attendees(event: UUID, *, show: str = "all", words: str = "") -> tuple[list[Attendee], Tally]:
    """Return who is expected or came, by name, and how all of them together stand.

    `show` is one of `SHOWS`; `words` must all stand in the name or organisation.
    """
    rows = await database.fetch(_ATTENDEES, event)
    there = await presence.minutes(event)
    everyone = [(row["folded"], _attendee(row, there.get(row["id"]))) for row in rows]
    wanted = fold(words).split()
    shown = [each for folded, each in everyone if _shown(each, show) and all(word in folded for word in wanted)]
    return sorted(shown, key=lambda each: sort_key(each.name)), _tally([each for _folded, each in everyone])


async def unregistered(event: UUID, *, words: str = "") -> list[Unregistered]:
    """Return who was expected and never registered, or cancelled, by name; `words` as for `attendees`."""
    wanted = fold(words).split()
    found = [Unregistered(**row) for row in await database.fetch(_UNREGISTERED, event)]
    shown = [each for each in found if all(word in fold(f"{each.name} {each.organisation}") for word in wanted)]
    return sorted(shown, key=lambda each: sort_key(each.name))


async def refused(event: UUID) -> list[Refused]:
    """Return what the doors of an event have refused, the latest first, at most fifty."""
    rows = await database.fetch(_REFUSED, event)
    return [Refused(row["received_at"], row["door"], row["reason"], row["name"] or "") for row in rows]


def _shown(attendee: Attendee, show: str) -> bool:
    if show == "without_address":
        return not attendee.certain and attendee.state is AttendanceState.ATTENDED
    return attendee.conflict if show == "conflict" else show in {"all", attendee.state}


def _tally(everyone: list[Attendee]) -> Tally:
    states = [each.state for each in everyone]
    return Tally(
        expected=len(everyone),
        attended=states.count(AttendanceState.ATTENDED),
        no_show=states.count(AttendanceState.NO_SHOW),
        unknown=states.count(AttendanceState.UNKNOWN),
        conflicts=sum(each.conflict for each in everyone),
        without_address=sum(not each.certain for each in everyone if each.state is AttendanceState.ATTENDED),
        after=sum(each.after for each in everyone),
    )


def _attendee(row: asyncpg.Record, there: int | None) -> Attendee:
    return Attendee(
        id=row["id"],
        name=f"{row['given_name']} {row['family_name']}".strip(),
        organisation=row["organisation"],
        site=row["site"] or (_("Online") if row["mode"] == "online" else ""),
        role=row["role"],
        registration=State(row["registration"]),
        state=AttendanceState(row["state"]),
        source=row["source"],
        first_entry_at=row["first_entry_at"],
        door=row["door"],
        minutes=max((known for known in (row["minutes"], there) if known is not None), default=None),
        conflict=row["conflict"],
        certain=row["certain"],
        after=bool(row["after"]),
        joined_at=row["join_pressed_at"],
    )
