"""What was chosen for the doors of an event."""

from uuid import UUID

from msgspec import Struct

from events.checkin.settings.tables import Poster
from events.core import database


class Chosen(Struct, frozen=True):
    """As in `DoorSettings`."""

    exits: bool = False
    poster: Poster = Poster.NONE
    poster_generation: int = 0


async def chosen(event: UUID) -> Chosen:
    """Return what was chosen for an event, the defaults when nothing was."""
    row = await database.fetchrow("SELECT exits, poster, poster_generation FROM door_settings WHERE event = $1", event)
    return Chosen(row["exits"], Poster(row["poster"]), row["poster_generation"]) if row else Chosen()
