"""Where an event stands between draft and archive, and what its next step will do, in numbers."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from events.core import database
from events.programme import rules
from events.programme.queries import EventView, SiteView
from events.programme.steps import duties
from events.programme.tables import EventState, SiteMode


class Stage(Struct, frozen=True):
    """A stage in the life of an event: its state as badges name it, when it came or is to come, whether it is now."""

    state: str
    at: datetime | None
    now: bool
    done: bool


class Reach(Struct, frozen=True):
    """Whom a cancellation touches.

    `told` get a mail, `calendars` of them one that takes the event out of the calendar, `asked` of them have not
    answered their invitation; `silent` have no address; `dropped` messages that wait to be sent will not be.
    """

    told: int
    calendars: int
    asked: int
    silent: int
    dropped: int


def line(event: EventView, now: datetime) -> list[Stage]:
    """Return the stages of an event in their order, a cancelled one's without those that it will not see."""
    phase = rules.phase(event, now)
    stages: list[tuple[str, datetime | None]] = [("draft", None), ("published", event.published_at)]
    if event.state == EventState.CANCELLED:
        stages += [("cancelled", event.cancelled_at)]
    else:
        stages += [("held", event.ends_at), ("reconciled", event.reconciled_at)]
    stages += [("archived", event.archived_at)]
    here = [state for state, _at in stages].index(phase)
    return [Stage(state, at, number == here, number < here) for number, (state, at) in enumerate(stages)]


def coming_reminders(event: EventView, now: datetime) -> list[datetime]:
    """Return when the reminders to everybody that are still to come go out, the first first."""
    return [moment for moment in event.reminders if moment > now]


_UNSENT = """
SELECT count(*) FROM message JOIN registration ON registration.id = message.subject_id
WHERE registration.event = $1 AND message.subject_kind = 'registration' AND message.reason = ANY($2)
  AND message.state = 'queued'
"""


class Touched(Struct, frozen=True):
    """A site and how many are told when its place changes; of an online one, when its link does."""

    site: SiteView
    told: int


async def changing_sites(event: EventView) -> list[Touched]:
    """Count for each site whom a change of it writes to; leaves out those at which that is nobody."""
    touched = []
    for site in event.sites:
        states = (duties.CONFIRMED,) if site.mode == SiteMode.ONLINE else duties.REGISTERED
        touched.append(Touched(site, await duties.reached(event.id, states=states, sites=[site.id])))
    return [each for each in touched if each.told]


async def cancelling(event_id: UUID) -> Reach:
    """Count whom cancelling an event writes to, and what it keeps from being sent."""
    told = await duties.reached(event_id, states=duties.EVERYONE)
    asked = await duties.reached(event_id, states=(duties.INVITED,))
    everyone = await database.fetchval(
        "SELECT count(*) FROM registration WHERE event = $1 AND state = ANY($2)", event_id, list(duties.REGISTERED)
    )
    return Reach(
        told=told,
        calendars=await duties.reached(event_id, states=("confirmed",)),
        asked=asked,
        silent=everyone - (told - asked),
        dropped=await database.fetchval(_UNSENT, event_id, [reason.value for reason in duties.GIVEN_UP]),
    )
