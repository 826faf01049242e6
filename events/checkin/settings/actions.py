"""Choosing how people check in at an event."""

from datetime import datetime
from uuid import UUID

from events.accounts import audit
from events.accounts.rules import Action, may
from events.checkin.settings.tables import DoorSettings, Poster
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import NotFound
from events.programme.counterparts.actions import Part

_CHOOSE = """
INSERT INTO door_settings AS known (id, event, exits, poster) VALUES (gen_random_uuid(), $1, $2, $3)
ON CONFLICT (event) DO UPDATE SET exits = excluded.exits, poster = excluded.poster
WHERE (known.exits, known.poster) IS DISTINCT FROM (excluded.exits, excluded.poster)
"""


async def choose(event: UUID, *, exits: bool, poster: Poster, actor: Actor, now: datetime) -> None:
    """Choose for an event's doors. Raises NotFound for one at whose doors the actor may not let people work."""
    async with transaction():
        await _require(event, actor, now)
        if await database.execute(_CHOOSE, event, exits, poster.value):
            await audit.record(actor, "event.doors_chosen", "event", event, now, exits=exits, poster=poster.value)


async def renew_poster(event: UUID, *, actor: Actor, now: datetime) -> None:
    """Let the code of the poster that hangs open nothing any more. Raises NotFound as `choose`."""
    async with transaction():
        await _require(event, actor, now)
        if await database.execute(
            "UPDATE door_settings SET poster_generation = poster_generation + 1 WHERE event = $1", event
        ):
            await audit.record(actor, "event.poster_renewed", "event", event, now)


async def _require(event: UUID, actor: Actor, now: datetime) -> None:
    row = await database.fetchrow("SELECT host_region FROM event WHERE id = $1", event)
    if row is None or not may(actor, Action.ADD_CO_ORGANISERS, now=now, event_id=event, region=row["host_region"]):
        raise NotFound


DOORS = Part((DoorSettings,))
"""What was chosen for an event's doors."""
