"""The agenda's times, when those of its event move."""

from datetime import datetime

from events.core import database
from events.programme.queries import EventView

_DISTANCE = "($4::timestamptz AT TIME ZONE $3) - ($5::timestamptz AT TIME ZONE $2)"
_MOVED = f"({{0}} AT TIME ZONE $2 + ({_DISTANCE})) AT TIME ZONE $3"


async def move_along(event: EventView, starts_at: datetime, zone: str) -> None:
    """Let the agenda of `event`, as it was, move as far as its start does by the clock on the wall.

    Each item stays as long as it was, also where it begins in an hour that the clocks skip.
    """
    begins = _MOVED.format("starts_at")
    await database.execute(
        f"UPDATE agenda_item SET starts_at = {begins}, ends_at = {begins} + (ends_at - starts_at) WHERE event = $1",
        *(event.id, event.zone, zone, starts_at, event.starts_at),
    )
