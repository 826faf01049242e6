"""How long each was there, where tickets are read on the way out too."""

from collections.abc import Mapping
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from events.checkin import rules
from events.checkin.readings import COLUMNS, reading_of
from events.core import database

_ALL = f"""
SELECT event.starts_at, event.ends_at, scan.registration, {COLUMNS}
FROM door_settings JOIN event ON event.id = door_settings.event
JOIN registration ON registration.event = event.id
JOIN scan ON scan.registration = registration.id AND scan.result <> 'rejected'
WHERE door_settings.event = $1 AND door_settings.exits ORDER BY scan.registration
"""


async def minutes(event: UUID) -> Mapping[UUID, int]:
    """Return by registration how many minutes of an event each was there; nobody where exits are not read.

    Whom no door has seen come or go is left out: marked by hand, or let in by a reading that was taken back.
    """
    rows = await database.fetch(_ALL, event)
    seen = {
        (registration, *when): rules.outcome(map(reading_of, read)).stays
        for (registration, *when), read in groupby(rows, key=itemgetter("registration", "starts_at", "ends_at"))
    }
    return {registration: rules.minutes_there(stays, *when) for (registration, *when), stays in seen.items() if stays}
