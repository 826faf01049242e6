"""The letters about a registration, each written from its present state."""

from collections.abc import Callable, Mapping
from functools import partial
from uuid import UUID

from msgspec import Struct

from events.core import clock, qr
from events.core.i18n import format_date, language
from events.core.i18n import gettext as _
from events.core.links import absolute
from events.core.web import render
from events.messaging.letter import Compose, Letter, Owed, Picture
from events.messaging.tables import Reason
from events.network import queries as network
from events.network.queries import ProjectView
from events.programme import queries as programme
from events.programme.queries import EventView, SiteView
from events.programme.rules import LINK
from events.programme.tables import EventState
from events.registration import calendar, queries
from events.registration.items.chosen import agenda_lines, has_yet_to_choose, spoken_lines
from events.registration.places import place_names
from events.registration.public.colleagues_letter import compose_group
from events.registration.queries import RegistrationView
from events.registration.questions.queries import lacking
from events.registration.tables import RegistrationRole, State


class Matter(Struct, frozen=True):
    """What a letter is about: a registration, its event and site."""

    registration: RegistrationView
    event: EventView
    site: SiteView
    place: str


class Kind(Struct, frozen=True):
    """How a letter is made: its template, its subject, and in which states there is anything to say.

    `method` is that of the calendar entry, `ticket` whether the QR code goes along.
    """

    template: str
    subject: Callable[[Matter], str]
    states: frozenset[State]
    method: str | None = None
    ticket: bool = False


async def _compose(kind: Kind, owed: Owed) -> Letter | None:
    matter = await _matter(owed)
    if matter is None or matter.registration.state not in kind.states:
        return None
    if matter.event.state == EventState.CANCELLED and kind is not _CANCELLED:
        kind = _EVENT_CANCELLED
    return await _write(kind, matter, owed)


async def _compose_reminder(owed: Owed) -> Letter | None:
    """Remind of what is still to come, unless it has moved since: its new start has reminders of its own."""
    matter = await _matter(owed)
    if matter is None or matter.registration.state is not State.CONFIRMED:
        return None
    revision = owed.occurrence.rpartition(":")[2]
    event = matter.event
    if event.state != EventState.PUBLISHED or revision != str(event.start_revision) or clock.now() >= event.starts_at:
        return None
    return await _write(_REMINDER, matter, owed)


async def sample(event: EventView) -> Letter:
    """Write the confirmation in the present language as someone with a place at the first site will get it."""
    site = event.sites[0]
    registration = RegistrationView(
        id=UUID(int=0),
        event=event.id,
        site=site.id,
        state=State.CONFIRMED,
        role=RegistrationRole.PARTICIPANT,
        language=language(),
        given_name="Maija",
        family_name="Meikäläinen",
        email="maija@esimerkki.example",
        organisation="Esimerkki Oy",
        municipality=None,
        country="FI",
        ticket_code="ABC234",
        ticket_generation=0,
        manage_generation=0,
        revision=0,
        registered_at=clock.now(),
        position=None,
        deadline=None,
        parting_words="",
        source="form",
        registered_by="",
        transferred=False,
        cancel_reason="",
    )
    owed = Owed(registration.id, "", "", Reason.CONFIRMATION, "registration", registration.id, "", language(), "")
    place = (await place_names(event))[site.id]
    return await _write(_CONFIRMATION, Matter(registration, event, site, place), owed)


async def _matter(owed: Owed) -> Matter | None:
    """Read what the letter is about; None when it is gone, or when the address was mended since."""
    registration = await queries.by_id(owed.subject_id)
    if registration is None or registration.email != owed.recipient:
        return None
    event = await programme.by_id(registration.event)
    if event is None:
        return None
    site = next(site for site in event.sites if site.id == registration.site)
    return Matter(registration, event, site, (await place_names(event))[site.id])


async def _write(kind: Kind, matter: Matter, owed: Owed) -> Letter:
    registration, event = matter.registration, matter.event
    projects = await network.projects(event.projects)
    emblems = await _emblems(projects)
    ticket = absolute(registration.ticket_path)
    shows_ticket = kind.ticket and matter.site.mode == "venue"
    agenda = await agenda_lines(event, matter.site.id, registration.id)
    entry = None
    if kind.method and _enters_calendar(kind, matter, owed):
        place = calendar.Place(matter.site, matter.place, agenda)
        entry = calendar.entry(kind.method, registration, event, place, now=clock.now())
    context = {
        "name": registration.given_name,
        "registration": registration,
        "event": event,
        "site": matter.site,
        "place": matter.place,
        "agenda": agenda,
        "spoken": [] if registration.gone else await spoken_lines(event, registration.id),
        "chooses_items": await has_yet_to_choose(event, matter.site.id, registration.id),
        "arrival": (await programme.arrivals(event.id))[matter.site.id] if kind.ticket else None,
        "projects": [(project, emblems.get(project.code)) for project in projects],
        "ticket_url": ticket if shows_ticket else "",
        "manage_url": absolute(registration.manage_path),
        "event_url": absolute(f"/events/{event.slug}"),
        "with_calendar": entry is not None,
        "only_link": owed.occurrence.endswith(LINK),
        "asks_more": kind.ticket and await lacking(registration.id, event.id, matter.site.id),
    }
    pictures = [Picture("qr", qr.png(ticket))] if shows_ticket else []
    return Letter(
        subject=kind.subject(matter),
        text=render(f"mail/{kind.template}.txt", **context),
        html=render(f"mail/{kind.template}.html", **context),
        pictures=(*pictures, *emblems.values()),
        calendar=entry,
        reply_to=event.contact_email,
    )


def _enters_calendar(kind: Kind, matter: Matter, owed: Owed) -> bool:
    """Say whether there is an entry to make or to take out; the occurrence names the state there was before."""
    if kind.method == calendar.REQUEST:
        return matter.registration.state is State.CONFIRMED
    if kind in {_CANCELLED, _WAITING}:
        return owed.occurrence.endswith(State.CONFIRMED)
    return matter.registration.state is State.CONFIRMED


async def _emblems(projects: list[ProjectView]) -> dict[str, Picture]:
    emblems = {}
    for number, project in enumerate(projects):
        found = await network.emblem(project.code) if project.emblem_hash else None
        if found:
            emblems[project.code] = Picture(f"emblem{number}", *found, alt=project.emblem_alt)
    return emblems


def _title(text: Callable[[], str]) -> Callable[[Matter], str]:
    """Make a subject of a phrase that is looked up when the letter is written, followed by the event's title."""
    return lambda matter: f"{text()}: {matter.event.title}"


def _waiting(matter: Matter) -> str:
    if matter.registration.state is State.AWAITING_APPROVAL:
        return _("Your registration awaits approval") + f": {matter.event.title}"
    return _("You are on the waiting list") + f": {matter.event.title}"


def _gone(matter: Matter) -> str:
    declined = matter.registration.state is State.DECLINED
    text = _("Your registration was not accepted") if declined else _("Your registration is cancelled")
    return f"{text}: {matter.event.title}"


def _reminded(matter: Matter) -> str:
    day = format_date(matter.event.starts_at, matter.event.zone)
    return _("Reminder") + f": {matter.event.title}, {day}"


_HERE = frozenset(State) - {State.CANCELLED, State.DECLINED}
_PLACED = frozenset({State.CONFIRMED})
_LINED_UP = frozenset({State.WAITLISTED, State.AWAITING_APPROVAL})

_CONFIRMATION = Kind(
    "confirmation", _title(lambda: _("You are registered")), _PLACED, method=calendar.REQUEST, ticket=True
)
_PLACE_FREED = Kind(
    "place_freed", _title(lambda: _("A place has become free for you")), _PLACED, method=calendar.REQUEST, ticket=True
)
_CHANGED = Kind(
    "changed", _title(lambda: _("Your registration has changed")), _PLACED, method=calendar.REQUEST, ticket=True
)
_EVENT_CHANGED = Kind("event_changed", _title(lambda: _("The event has changed")), _HERE, method=calendar.REQUEST)
_EVENT_CANCELLED = Kind("event_cancelled", _title(lambda: _("The event is cancelled")), _HERE, method=calendar.CANCEL)
_CANCELLED = Kind("cancelled", _gone, frozenset({State.CANCELLED, State.DECLINED}), method=calendar.CANCEL)
_WAITING = Kind("waiting", _waiting, _LINED_UP, method=calendar.CANCEL)
_OFFER = Kind("offer", _title(lambda: _("A place is offered to you")), frozenset({State.OFFERED}))
_CONFIRM_ADDRESS = Kind(
    "confirm_address", _title(lambda: _("Please confirm your registration")), frozenset({State.AWAITING_ADDRESS})
)
_LAPSED = Kind("lapsed", _title(lambda: _("The place held for you has lapsed")), frozenset({State.CANCELLED}))
_NOT_TRANSFERRED = Kind(
    "not_transferred", _title(lambda: _("Your place was not handed over")), frozenset({State.CONFIRMED})
)
_ALREADY = Kind("already_registered", _title(lambda: _("You have registered already")), _HERE)
_REMINDER = Kind("reminder", _reminded, _PLACED, ticket=True)

COMPOSERS: Mapping[Reason, Compose] = {
    Reason.CONFIRMATION: partial(_compose, _CONFIRMATION),
    Reason.WAITING: partial(_compose, _WAITING),
    Reason.PLACE_FREED: partial(_compose, _PLACE_FREED),
    Reason.OFFER: partial(_compose, _OFFER),
    Reason.CONFIRM_ADDRESS: partial(_compose, _CONFIRM_ADDRESS),
    Reason.LAPSED: partial(_compose, _LAPSED),
    Reason.NOT_TRANSFERRED: partial(_compose, _NOT_TRANSFERRED),
    Reason.GROUP: compose_group,
    Reason.ALREADY_REGISTERED: partial(_compose, _ALREADY),
    Reason.CHANGED: partial(_compose, _CHANGED),
    Reason.CANCELLED: partial(_compose, _CANCELLED),
    Reason.EVENT_CHANGED: partial(_compose, _EVENT_CHANGED),
    Reason.EVENT_CANCELLED: partial(_compose, _EVENT_CANCELLED),
    Reason.REMINDER: _compose_reminder,
}
