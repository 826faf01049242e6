"""Events as calendars read them: the public feed and the entry of one event (RFC 5545, by the icalendar library)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from events.core.i18n import gettext as _
from events.core.links import absolute
from events.core.markdown import plain_text
from events.programme.presentation import Card

CONTENT_TYPE = "text/calendar"
FEED_LIMIT = 1000


def feed(cards: Iterable[Card], now: datetime, agenda: Sequence[str] = ()) -> bytes:
    """Return a calendar of events; each keeps its UID for ever, so that a calendar that is read again shows it once.

    `agenda` are the lines of a single event's agenda.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//SIXNET//Events//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("SIXNET events"))
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for card in cards:
        calendar.add_component(_entry(card, now, agenda))
    calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content


def _entry(card: Card, now: datetime, agenda: Sequence[str]) -> Event:
    event = card.event
    zone = ZoneInfo(event.zone)
    url = absolute(f"/events/{event.slug}")
    entry = Event()
    entry.add("uid", f"{event.id}@sixnet")
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", now)
    entry.add("dtstart", event.starts_at.astimezone(zone))
    entry.add("dtend", event.ends_at.astimezone(zone))
    entry.add("summary", event.title, parameters={"LANGUAGE": event.title_language})
    entry.add("location", card.where)
    entry.add("url", url)
    description, _code = event.description
    parts = (plain_text(description), "\n".join(agenda), url)
    entry.add("description", "\n\n".join(part for part in parts if part))
    entry.add("status", "CANCELLED" if event.state == "cancelled" else "CONFIRMED")
    entry.add("transp", "TRANSPARENT")
    entry.add("categories", event.themes or [event.kind])
    return entry
