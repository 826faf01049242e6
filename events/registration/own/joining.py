"""Going to the online meeting from one's own page."""

from datetime import datetime
from uuid import UUID

from events.core import database
from events.programme.queries import EventView
from events.programme.tables import EventState, SiteMode
from events.registration.queries import RegistrationView
from events.registration.tables import State


def meeting(event: EventView, registration: RegistrationView, now: datetime) -> str:
    """Return the link to the online meeting for who has a place in it, until the event is over; else ""."""
    site = next(site for site in event.sites if site.id == registration.site)
    open_to = registration.state is State.CONFIRMED and event.state == EventState.PUBLISHED and now < event.ends_at
    return site.join_url if open_to and site.mode == SiteMode.ONLINE else ""


async def note_joining(registration_id: UUID, *, now: datetime) -> None:
    """Keep when someone went to the meeting: a hint for matching its report, never attendance."""
    await database.execute("UPDATE registration SET join_pressed_at = $2 WHERE id = $1", registration_id, now)
