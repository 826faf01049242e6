"""The calendar entry of one's own place, as mails carry it (RFC 5545, RFC 5546; facts of Exchange and Google).

One UID per event and recipient for ever; SEQUENCE rises with every change by us; METHOD stands in the body and in the
MIME type. The private link stays out: calendars are shared with colleagues.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from email.utils import parseaddr
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vText
from msgspec import structs

from events.core.clock import FINLAND
from events.core.i18n import gettext as _
from events.core.links import absolute
from events.core.settings import get_settings
from events.programme.queries import EventView, SiteView
from events.programme.tables import EventState
from events.registration.queries import RegistrationView
from events.registration.rules import GONE
from events.registration.tables import State

PUBLISH, REQUEST, CANCEL = "PUBLISH", "REQUEST", "CANCEL"
CONTENT_TYPE = "text/calendar"


class Held(NamedTuple):
    """What an entry stands for: a registration, or the receipt of a form."""

    id: UUID
    revision: int
    state: State


class Place(NamedTuple):
    """Where someone attends: the site, what it is called, and the lines of the agenda there."""

    site: SiteView
    name: str
    agenda: Sequence[str] = ()


def entry(
    method: str, registration: RegistrationView, event: EventView, place: Place, *, now: datetime
) -> tuple[str, str]:
    """Return (METHOD, iCalendar text) that puts a place into its person's calendar, changes it or takes it out."""
    held = Held(registration.id, registration.revision, registration.state)
    item = _item(held, event, place, now, invites=get_settings().reads_calendars)
    item.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
    item.add("organizer", _organiser(event))
    item.add("attendee", _attendee(registration), encode=False)
    return method, _calendar(method, [event], [item])


def published(held: Held, event: EventView, place: Place, *, now: datetime) -> str:
    """Return the same entry for who adds it by hand: under its one UID a calendar holds it once, whichever came first.

    RFC 5546, 3.2.1: what is published names no attendee.
    """
    gone = held.state in GONE or event.state == EventState.CANCELLED
    item = _item(held, event, place, now)
    item.add("status", "CANCELLED" if gone else "CONFIRMED" if held.state is State.CONFIRMED else "TENTATIVE")
    return _calendar(PUBLISH, [event], [item])


def feed(places: Iterable[tuple[RegistrationView, EventView, Place]], *, now: datetime) -> str:
    """Return all places of a person for a calendar that subscribes, under the UIDs that their entries in mails have."""
    items, events = [], []
    for registration, event, place in places:
        item = _item(Held(registration.id, registration.revision, registration.state), event, place, now)
        item.add("status", "CANCELLED" if event.state == EventState.CANCELLED else "CONFIRMED")
        items.append(item)
        events.append(event)
    return _calendar(PUBLISH, events, items, name=_("My SIXNET events"))


def sequence(event: EventView, revision: int) -> int:
    """Return the SEQUENCE of an entry: it rises with every change of the event or of the registration."""
    return event.sequence + revision


def _item(held: Held, event: EventView, place: Place, now: datetime, *, invites: bool = False) -> Event:
    """Return what all entries say; `invites`: it can be declined, and the answer is read here."""
    # The link of the meeting is for those with a place there, and of a cancelled one for nobody.
    if held.state is not State.CONFIRMED or event.state == EventState.CANCELLED:
        place = place._replace(site=structs.replace(place.site, join_url=""))
    site = place.site
    zone = ZoneInfo(event.zone)
    item = Event()
    item.add("uid", f"{held.id}@sixnet")
    item.add("sequence", sequence(event, held.revision))
    item.add("dtstamp", now)
    item.add("dtstart", event.starts_at.astimezone(zone))
    item.add("dtend", event.ends_at.astimezone(zone))
    item.add("summary", event.title, parameters={"LANGUAGE": event.title_language})
    item.add("transp", "OPAQUE")
    item.add("location", site.join_url or place.name if site.mode == "online" else _address(site, place.name))
    item.add("url", absolute(f"/events/{event.slug}"))
    item.add("description", _description(event, place, invites=invites))
    return item


def _calendar(method: str, events: Sequence[EventView], items: Iterable[Event], *, name: str = "") -> str:
    calendar = Calendar()
    calendar.add("prodid", "-//SIXNET//Registration//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for zone in dict.fromkeys(event.zone for event in events):
        years = [moment.year for event in events if event.zone == zone for moment in (event.starts_at, event.ends_at)]
        calendar.add_component(_timezone(zone, min(years), max(years)))
    for item in items:
        calendar.add_component(item)
    text: str = calendar.to_ical().decode()
    return text


@lru_cache(maxsize=64)
def _timezone(zone: str, first_year: int, last_year: int) -> Timezone:
    """Return a VTIMEZONE: of Finland by the rule of Directive 2000/84/EC, which Outlook reads best; others by years."""
    if zone != FINLAND:
        return Timezone.from_tzid(zone, first_date=date(first_year - 1, 12, 1), last_date=date(last_year + 1, 12, 31))
    timezone = Timezone()
    timezone.add("tzid", zone)
    for part, name, begun, before, after in (
        (TimezoneDaylight(), "EEST", "1996-03-31T03:00", 2, 3),
        (TimezoneStandard(), "EET", "1996-10-27T04:00", 3, 2),
    ):
        first = datetime.fromisoformat(begun)
        part.add("tzname", name)
        part.add("dtstart", first)
        part.add("rrule", {"freq": "yearly", "bymonth": first.month, "byday": "-1su"})
        part.add("tzoffsetfrom", timedelta(hours=before))
        part.add("tzoffsetto", timedelta(hours=after))
        timezone.add_component(part)
    return timezone


def _organiser(event: EventView) -> vCalAddress:
    """Return who hears what the calendar answers: the mailbox that is read here, else the event's contact."""
    known = get_settings()
    contact = event.contact_email or parseaddr(known.mail_from)[1]
    address = vCalAddress(f"mailto:{known.calendar_address if known.reads_calendars else contact}")
    address.params["CN"] = vText(event.contact_name or "SIXNET")
    return address


def _attendee(registration: RegistrationView) -> vCalAddress:
    address = vCalAddress(f"mailto:{registration.email}")
    address.params["CN"] = vText(registration.name)
    address.params["ROLE"] = vText("REQ-PARTICIPANT")
    address.params["PARTSTAT"] = vText("ACCEPTED")
    address.params["RSVP"] = vText("TRUE" if get_settings().reads_calendars else "FALSE")
    return address


def _address(site: SiteView, place: str) -> str:
    return ", ".join(part for part in (place, site.address) if part)


def _description(event: EventView, place: Place, *, invites: bool) -> str:
    lines = [absolute(f"/events/{event.slug}")]
    if place.site.join_url:
        lines.insert(0, _("Join online: %(url)s", url=place.site.join_url))
    if place.agenda:
        lines.append("\n".join(place.agenda))
    if invites and event.contact_email:  # who looks for the organiser finds the mailbox that is read here
        lines.append(f"{_('Questions')}: {event.contact_name} {event.contact_email}".replace(":  ", ": "))
    if invites:
        how = _(
            "To cancel, use the link in the confirmation mail, or decline this invitation: we then ask you by mail."
        )
    else:
        how = _("To cancel, use the link in the confirmation mail: declining this invitation alone does not cancel.")
    return "\n\n".join([*lines, how])
