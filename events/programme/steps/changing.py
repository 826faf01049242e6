"""Who hears of a change of an event."""

from datetime import datetime
from functools import partial

from events.core import database
from events.messaging.tables import Reason
from events.programme import rules
from events.programme.queries import EventView
from events.programme.sites import Settled
from events.programme.steps import duties, telling
from events.programme.tables import EventState

TIMES = frozenset({"starts_at", "ends_at", "zone"})


async def tell_change(event: EventView, changed: set[str], settled: Settled, sequence: int, now: datetime) -> int:
    """Owe those who count on it a message about a new time or a new place of their site; returns to how many.

    Who has not answered an invitation decides by time and place, and is told too. A new link of an online meeting is
    told to those alone who may use it. What the organiser says stands in the mail.
    """
    if "starts_at" in changed:
        await duties.give_up(event.id, [Reason.REMINDER], now=now)
    if event.state != EventState.PUBLISHED or now >= event.ends_at or telling.present().silent:
        return 0
    owe = partial(duties.owe, Reason.EVENT_CHANGED, event.id, sequence=sequence, now=now)
    if changed & TIMES:
        told = await owe(states=duties.EVERYONE)
    else:
        told = 0
        if settled.moved:
            told = await owe(states=duties.REGISTERED, sites=settled.moved) + await owe(states=(duties.INVITED,))
        if settled.linked:
            told += await owe(states=(duties.CONFIRMED,), sites=settled.linked, what=rules.LINK)
    if told:
        words = telling.present().words
        await database.execute("UPDATE event SET change_words = $2 WHERE id = $1", event.id, words)
    return told
