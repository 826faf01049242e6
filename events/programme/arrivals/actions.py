"""Writing the arrival card of a site."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from events.accounts import audit
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import NotFound
from events.core.i18n import LANGUAGES
from events.programme.actions import editable
from events.programme.arrivals.tables import Arrival
from events.programme.counterparts.actions import Part
from events.programme.words import ARRIVAL

COLUMNS = ("host", "map_url", "phone", "door", *(f"{name}_{code}" for name in ARRIVAL for code in LANGUAGES))


async def write_arrival(
    event_id: UUID, site_id: UUID, texts: Mapping[str, str], *, actor: Actor, now: datetime
) -> None:
    """Write the card of a site: `texts` by column, empty where there is none. Raises NotFound.

    Nobody is written to: reminder and ticket carry what stands here when they are looked at.
    """
    values = [texts.get(name, "") for name in COLUMNS]
    async with transaction():
        event = await editable(event_id, actor, now)
        if site_id not in {site.id for site in event.sites}:
            raise NotFound
        places = ", ".join(f"${number}" for number in range(2, len(values) + 2))
        changes = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS)
        await database.execute(
            f"INSERT INTO arrival (id, site, {', '.join(COLUMNS)}) VALUES (gen_random_uuid(), $1, {places})"
            f" ON CONFLICT (site) DO UPDATE SET {changes}",
            *(site_id, *values),
        )
        await audit.record(actor, "event.arrival_written", "event", event_id, now, site=str(site_id))


ARRIVALS = Part((Arrival,))
"""The cards of an event's sites; they hang on those, not on people."""
