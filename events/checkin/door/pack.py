"""What a door takes along to work without network: who has which ticket, kept fresh by what has changed since.

No health data, no addresses. Of a ticket's hash only the first twelve bytes go along: enough to know it again, useless
for anything else.
"""

from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from msgspec import Struct

from events.accounts.devices.rules import AFTER_THE_END
from events.checkin.queries import DoorEvent, site_name
from events.checkin.rules import REASONS
from events.core import database
from events.registration.tables import State

KEY_BYTES = 12
"""Of the 32 of a ticket's hash: among ten thousand tickets a wrong one is found once in 10²⁴ readings."""

OVERLAP = timedelta(minutes=2)
"""A change may become visible this much later than the moment it carries; what is sent twice does no harm."""


class Ticket(Struct, frozen=True, array_like=True):
    """One ticket; `reason` says why it does not open, "" that it does; the numbers point into the pack's lists.

    `in_at` and `door` say when and where someone who is inside first came in.
    """

    key: bytes
    code: str
    name: str
    organisation: int
    site: int
    reason: str
    in_at: datetime | None
    door: str


class Pack(Struct, frozen=True, kw_only=True):
    """The tickets of an event that are new since what the door has; `whole` when they are all of them.

    `at` is to be sent as `since` the next time, `revoked` are keys of tickets that a newer one has replaced, `total` is
    how many tickets there are in all: who has another number takes the whole again. Of each site it says
    how many places are left, None without a limit. After `expires_at` it must be
    forgotten.
    """

    at: datetime
    expires_at: datetime
    title: str
    whole: bool
    total: int
    organisations: list[str]
    sites: list[tuple[UUID, str, int | None]]
    tickets: list[Ticket]
    revoked: list[bytes]


_TICKETS = """
SELECT substr(registration.ticket_hash, 1, $3) AS key, registration.ticket_code AS code,
    trim(person.given_name || ' ' || person.family_name) AS name, coalesce(organisation.name, '') AS organisation,
    registration.site, registration.state, attendance.inside, attendance.first_entry_at, attendance.door
FROM registration
JOIN person ON person.id = registration.person
LEFT JOIN organisation ON organisation.id = registration.organisation
LEFT JOIN attendance ON attendance.registration = registration.id
WHERE registration.event = $1 AND ($2::timestamptz IS NULL
    OR registration.changed_at >= $2 OR attendance.changed_at >= $2 OR person.erased_at >= $2)
"""

_SITES = "SELECT id, name, mode, capacity - taken AS left FROM site WHERE event = $1 ORDER BY position, id"

_REVOKED = """
SELECT substr(revoked_ticket.ticket_hash, 1, $3) AS key
FROM revoked_ticket JOIN registration ON registration.id = revoked_ticket.registration
WHERE registration.event = $1 AND ($2::timestamptz IS NULL OR revoked_at >= $2)
"""


async def pack(event: DoorEvent, since: datetime | None, *, now: datetime) -> Pack:
    """Return what a door without network must know of an event, or only what has changed `since`."""
    after = since - OVERLAP if since else None
    rows = await database.fetch(_TICKETS, event.id, after, KEY_BYTES)
    sites = await database.fetch(_SITES, event.id)
    places = {row["id"]: number for number, row in enumerate(sites)}
    numbers = count()
    organisations: dict[str, int] = {}
    tickets = []
    for row in rows:
        organisation = row["organisation"]
        if organisation not in organisations:
            organisations[organisation] = next(numbers)
        inside = row["inside"] or False
        tickets.append(
            Ticket(
                row["key"],
                row["code"],
                row["name"],
                organisations[organisation],
                places[row["site"]],
                REASONS[State(row["state"])],
                row["first_entry_at"] if inside else None,
                row["door"] if inside else "",
            )
        )
    return Pack(
        at=now,
        expires_at=max(event.ends_at, now) + AFTER_THE_END,
        title=event.title,
        whole=since is None,
        total=len(tickets) if since is None else await _total(event.id),
        organisations=list(organisations),
        sites=[(row["id"], site_name(row["name"], row["mode"]), row["left"]) for row in sites],
        tickets=tickets,
        revoked=[row["key"] for row in await database.fetch(_REVOKED, event.id, after, KEY_BYTES)],
    )


async def _total(event: UUID) -> int:
    total: int = await database.fetchval("SELECT count(*) FROM registration WHERE event = $1", event)
    return total
