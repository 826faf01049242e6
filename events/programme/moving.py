"""What moves along with an event: agenda, materials and the times of registration keep their distance from its start.

Distances are those of the clock on the wall. Of a published event moves only what lies ahead: what people see already
stays to be seen, and what has opened or closed stays so.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from events.core import database
from events.programme import rules
from events.programme.agenda.times import move_along as move_agenda
from events.programme.queries import EventView
from events.programme.tables import EventState


class Move(Struct, frozen=True):
    """An event, as it was, and where it moves to."""

    event: EventView
    starts_at: datetime
    zone: str

    def of(self, moment: datetime) -> datetime:
        """Return a moment as far from the new start as it was from the old; of an hour that clocks skip, the next."""
        before = rules.wall_clock(self.event.starts_at, self.event.zone)
        distance = rules.wall_clock(moment, self.event.zone) - before
        local = rules.wall_clock(self.starts_at, self.zone) + distance
        return local.replace(tzinfo=ZoneInfo(self.zone)).astimezone(ZoneInfo("UTC"))

    def takes(self, moment: datetime, now: datetime) -> bool:
        """Say whether a moment moves along."""
        return self.event.state == EventState.DRAFT or moment > now


def registration_times(move: Move, now: datetime) -> dict[str, datetime | None]:
    """Return when registration opens and closes after the move; one that would be over by then closes at the start."""
    opens, closes = move.event.registration_opens_at, move.event.registration_closes_at
    if opens and move.takes(opens, now):
        opens = move.of(opens)
    if closes and move.takes(closes, now):
        closes = move.of(closes)
        closes = None if closes <= now < move.starts_at else closes
    return {"registration_opens_at": opens, "registration_closes_at": closes}


async def move_along(move: Move, now: datetime) -> None:
    """Move the agenda and the times from which materials are visible."""
    await move_agenda(move.event, move.starts_at, move.zone)
    rows = await database.fetch(
        "SELECT id, visible_from FROM material WHERE event = $1 AND visible_from IS NOT NULL", move.event.id
    )
    for row in rows:
        if move.takes(row["visible_from"], now):
            moved = move.of(row["visible_from"])
            await database.execute("UPDATE material SET visible_from = $2 WHERE id = $1", row["id"], moved)
