"""Who is coming: those who agreed to be seen, for others with a place at the same event."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from events.core import database
from events.core.i18n import language
from events.core.text import sort_key
from events.programme.queries import EventView
from events.programme.tables import EventState
from events.registration.staff.filters import LISTED
from events.registration.tables import State

SHOWN_AFTER = timedelta(days=30)
"""How long after its end the participants of an event see each other."""


class Participant(Struct, frozen=True):
    """Someone who agreed to be seen, and where they work; organisation and region may be ""."""

    name: str
    organisation: str
    region: str


_AGREED = f"""
SELECT person.given_name, person.family_name, coalesce(organisation.name, '') AS organisation,
    region.name_fi, region.name_sv, region.name_en
FROM registration JOIN person ON person.id = registration.person
LEFT JOIN organisation ON organisation.id = registration.organisation
LEFT JOIN municipality ON municipality.code = registration.municipality
LEFT JOIN region ON region.code = municipality.region
WHERE registration.event = $1 AND registration.state = 'confirmed' AND {LISTED}
"""


def may_see(state: State, event: EventView, now: datetime) -> bool:
    """Say whether who has a registration in `state` sees the list: with a place, until a month after the event."""
    return state is State.CONFIRMED and event.state == EventState.PUBLISHED and now < event.ends_at + SHOWN_AFTER


async def agreed(event_id: UUID) -> list[Participant]:
    """Return who has a place at an event and agrees now to be seen, by name; regions in the present language."""
    rows = await database.fetch(_AGREED, event_id)
    rows.sort(key=lambda row: (sort_key(row["family_name"]), sort_key(row["given_name"])))
    return [
        Participant(
            f"{row['given_name']} {row['family_name']}".strip(),
            row["organisation"],
            row[f"name_{language()}"] or "",
        )
        for row in rows
    ]
