"""The counters of a site: places taken, people waiting; always changed under the lock of the site's row."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from events.accounts import audit
from events.core import database, jobs
from events.core.actor import SYSTEM
from events.core.database import transaction
from events.messaging import ledger
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason
from events.registration.deadlines import address_until, offered_until
from events.registration.rules import holds_place
from events.registration.tables import State


class Room(Struct, frozen=True):
    """A site's row, locked for the rest of the transaction."""

    id: UUID
    capacity: int | None
    taken: int
    waiting: int
    line: int
    closed: bool

    @property
    def free(self) -> bool:
        """Whether someone who comes now gets a place: there is room, nobody waits for it, and it is not closed."""
        return not self.closed and self.waiting == 0 and (self.capacity is None or self.taken < self.capacity)


async def lock_sites(sites: Iterable[UUID]) -> dict[UUID, Room]:
    """Lock rows of sites in the order of their ids, so that no two transactions wait for each other."""
    rows = await database.fetch(
        "SELECT id, capacity, taken, waiting, line, closed_at IS NOT NULL AS closed FROM site WHERE id = ANY($1)"
        " ORDER BY id FOR UPDATE",
        list(set(sites)),
    )
    return {row["id"]: Room(**row) for row in rows}


async def lock_sites_of(event_id: UUID) -> dict[UUID, Room]:
    """Lock all sites of an event: for who is to touch several of them, and cannot say which until then."""
    rows = await database.fetch("SELECT id FROM site WHERE event = $1", event_id)
    return await lock_sites(row["id"] for row in rows)


async def leave(site_id: UUID, state: str) -> None:
    """Take someone in `state` out of the counters of a site whose row is locked."""
    await database.execute(
        "UPDATE site SET taken = taken - $2, waiting = waiting - $3 WHERE id = $1",
        site_id,
        int(holds_place(state)),
        int(state == State.WAITLISTED),
    )


async def enter(site_id: UUID, state: str) -> int:
    """Count someone in `state` in at a site whose row is locked; returns the number in line."""
    number: int = await database.fetchval(
        "UPDATE site SET taken = taken + $2, waiting = waiting + $3, line = line + 1 WHERE id = $1 RETURNING line",
        site_id,
        int(holds_place(state)),
        int(state == State.WAITLISTED),
    )
    return number


_FREE_FOR = """
    site.closed_at IS NULL AND event.state = 'published' AND event.ends_at > {now} AND event.waiting_list <> 'by_hand'
    AND (event.waiting_list <> 'offer' OR event.starts_at > {now})
"""
"""Where places go to the line by themselves: not at a closed site; an offer after the start would come too late."""

_NEXT = f"""
WITH room AS (
    SELECT site.id, event.waiting_list, event.address_hours,
        {offered_until("event", "$2::timestamptz")} AS offered_until,
        {address_until("event", "$2::timestamptz")} AS address_until,
        least(site.waiting, coalesce(site.capacity - site.taken, site.waiting)) AS places
    FROM site JOIN event ON event.id = site.event
    WHERE site.id = $1 AND {_FREE_FOR.format(now="$2::timestamptz")}
),
first AS (
    SELECT registration.id, person.email, trim(person.given_name || ' ' || person.family_name) AS name,
        CASE WHEN person.email IS NULL THEN 'confirmed' WHEN room.waiting_list = 'offer' THEN 'offered'
             WHEN room.address_hours IS NULL OR address_confirmed THEN 'confirmed'
             ELSE 'awaiting_address' END AS becomes,
        offered_until, address_until
    FROM registration JOIN room ON registration.site = room.id JOIN person ON person.id = registration.person
    WHERE registration.state = 'waitlisted' ORDER BY number LIMIT (SELECT places FROM room)
),
moved AS (
    UPDATE registration SET state = becomes, changed_at = $2, revision = revision + 1,
        offers = offers + (becomes = 'offered')::int,
        deadline = CASE becomes WHEN 'offered' THEN offered_until WHEN 'awaiting_address' THEN address_until END
    FROM first WHERE registration.id = first.id
    RETURNING registration.id, event, person, language, ticket_generation, number, offers, state, email, name
),
counted AS (
    UPDATE site SET taken = taken + (SELECT count(*) FROM moved), waiting = waiting - (SELECT count(*) FROM moved)
    WHERE id = $1 AND EXISTS (SELECT FROM moved)
)
SELECT * FROM moved ORDER BY number
"""

_NEWS: Mapping[str, tuple[Reason, str]] = {
    State.CONFIRMED: (Reason.PLACE_FREED, "place_freed"),
    State.OFFERED: (Reason.OFFER, "place_offered"),
    State.AWAITING_ADDRESS: (Reason.CONFIRM_ADDRESS, "address_asked"),
}
"""What someone in line is told of a place, and how the audit trail calls it, by the state it leads to."""

PLACES_BESIDE_WAITING = f"""
SELECT site.id FROM site JOIN event ON event.id = site.event
WHERE site.waiting > 0 AND (site.capacity IS NULL OR site.taken < site.capacity)
  AND {_FREE_FOR.format(now="$1::timestamptz")}
"""
"""Sites where a place is free that someone waits for."""


async def fill_freed_places(site_id: UUID, *, now: datetime) -> list[UUID]:
    """Give places to whoever is first in line while there is room, and owe them the news; returns to whom.

    By the event's waiting list a place is theirs at once or offered to them; by its wish for confirmed addresses they
    may have to confirm theirs. The site's row must be locked. Nothing happens where staff choose by hand, or when the
    event is over or cancelled.
    """
    rows = await database.fetch(_NEXT, site_id, now)
    for row in rows:
        reason, action = _NEWS[row["state"]]
        if row["email"]:
            recipient = Recipient(row["email"], row["name"], row["language"], row["person"])
            turn = f"{row['ticket_generation']}.{row['number']}" + (f":{row['offers']}" if row["offers"] else "")
            await ledger.drop(Reason.WAITING, "registration", row["id"], now=now)
            await ledger.add(reason, recipient, "registration", row["id"], now=now, occurrence=turn)
        await audit.record(SYSTEM, f"registration.{action}", "registration", row["id"], now, event=row["event"])
    return [row["id"] for row in rows]


async def fill_all(now: datetime) -> int:
    """Give every place that is free beside a waiting person to the first in line; returns how many were given."""
    filled = 0
    for row in await database.fetch(f"{PLACES_BESIDE_WAITING} ORDER BY site.id", now):
        async with transaction():
            await lock_sites([row["id"]])
            filled += len(await fill_freed_places(row["id"], now=now))
        jobs.nudge("mail.deliver")
    return filled
