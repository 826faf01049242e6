"""The counters of a site: places taken, people waiting; always changed under the lock of the site's row."""

from collections.abc import Iterable
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
from events.registration.rules import holds_place
from events.registration.tables import State


class Room(Struct, frozen=True):
    """A site's row, locked for the rest of the transaction."""

    id: UUID
    capacity: int | None
    taken: int
    waiting: int
    line: int

    @property
    def free(self) -> bool:
        """Whether someone who comes now gets a place: there is room and nobody waits for it."""
        return self.waiting == 0 and (self.capacity is None or self.taken < self.capacity)


async def lock_sites(sites: Iterable[UUID]) -> dict[UUID, Room]:
    """Lock rows of sites in the order of their ids, so that no two transactions wait for each other."""
    rows = await database.fetch(
        "SELECT id, capacity, taken, waiting, line FROM site WHERE id = ANY($1) ORDER BY id FOR UPDATE",
        list(set(sites)),
    )
    return {row["id"]: Room(**row) for row in rows}


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


_NEXT = """
WITH room AS (
    SELECT site.id, least(site.waiting, coalesce(site.capacity - site.taken, site.waiting)) AS places
    FROM site JOIN event ON event.id = site.event
    WHERE site.id = $1 AND event.state = 'published' AND event.waiting_list <> 'by_hand' AND event.ends_at > $2
),
first AS (
    SELECT registration.id FROM registration JOIN room ON registration.site = room.id
    WHERE registration.state = 'waitlisted' ORDER BY number LIMIT (SELECT places FROM room)
),
moved AS (
    UPDATE registration SET state = 'confirmed', changed_at = $2 FROM first WHERE registration.id = first.id
    RETURNING registration.id, event, person, language, ticket_generation, number
),
counted AS (
    UPDATE site SET taken = taken + (SELECT count(*) FROM moved), waiting = waiting - (SELECT count(*) FROM moved)
    WHERE id = $1 AND EXISTS (SELECT FROM moved)
)
SELECT moved.id, moved.event, moved.person, moved.language, moved.ticket_generation, moved.number, person.email,
    trim(person.given_name || ' ' || person.family_name) AS name
FROM moved JOIN person ON person.id = moved.person ORDER BY moved.number
"""


_BESIDE_WAITING = """
SELECT site.id FROM site JOIN event ON event.id = site.event
WHERE site.waiting > 0 AND (site.capacity IS NULL OR site.taken < site.capacity)
  AND event.state = 'published' AND event.waiting_list <> 'by_hand' AND event.ends_at > $1
ORDER BY site.id
"""


async def fill_freed_places(site_id: UUID, *, now: datetime) -> list[UUID]:
    """Confirm whoever is first in line while there is room, and owe them the news; returns whom.

    The site's row must be locked. Nothing happens where staff choose by hand, or when the event is over or cancelled.
    """
    rows = await database.fetch(_NEXT, site_id, now)
    for row in rows:
        if row["email"]:
            recipient = Recipient(row["email"], row["name"], row["language"], row["person"])
            turn = f"{row['ticket_generation']}.{row['number']}"
            await ledger.drop(Reason.WAITING, "registration", row["id"], now=now)
            await ledger.add(Reason.PLACE_FREED, recipient, "registration", row["id"], now=now, occurrence=turn)
        await audit.record(SYSTEM, "registration.place_freed", "registration", row["id"], now, event=row["event"])
    return [row["id"] for row in rows]


async def fill_all(now: datetime) -> int:
    """Give every place that is free beside a waiting person to the first in line; returns how many were given."""
    filled = 0
    for row in await database.fetch(_BESIDE_WAITING, now):
        async with transaction():
            await lock_sites([row["id"]])
            filled += len(await fill_freed_places(row["id"], now=now))
        jobs.nudge("mail.deliver")
    return filled
