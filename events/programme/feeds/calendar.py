"""Events as calendars read them: the public feed and the entry of one event (RFC 5545, by the icalendar library)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vText, vUri

from events.core.i18n import gettext as _
from events.core.links import absolute
from events.core.markdown import plain_text
from events.programme.presentation import Card
from events.programme.steps.registered import Counts, registered_words

CONTENT_TYPE = "text/calendar"
FEED_LIMIT = 1000


def feed(cards: Iterable[Card], now: datetime, agenda: Sequence[str] = ()) -> bytes:
    """Return a calendar of events; each keeps its UID for ever, so that a calendar that is read again shows it once.

    `agenda` are the lines of a single event's agenda.
    """
    return _calendar(_("SIXNET events"), [_entry(card, now, agenda) for card in cards])


def staff_feed(cards: Iterable[Card], counts: Mapping[UUID, Counts], now: datetime) -> bytes:
    """Return the events of who sets them up, drafts too, with how many have registered; under UIDs of its own."""
    entries = []
    for card in cards:
        event, entry = card.event, _entry(card, now)
        entry["uid"] = vText(f"{event.id}-staff@sixnet")
        said = [_("Not published yet")] if event.state == "draft" else []
        said.append(registered_words(counts[event.id]))
        entry["summary"] = vText(f"{event.title} ({', '.join(said)})")
        url = absolute(f"/staff/events/{event.slug}")
        entry["url"], entry["description"] = vUri(url), vText("\n".join([*said, url]))
        if event.state == "draft":
            entry["status"] = vText("TENTATIVE")
        entries.append(entry)
    return _calendar(_("SIXNET: events that I set up"), entries)


def _calendar(name: str, entries: Iterable[Event]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//SIXNET//Events//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for entry in entries:
        calendar.add_component(entry)
    calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content


def _entry(card: Card, now: datetime, agenda: Sequence[str] = ()) -> Event:
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
