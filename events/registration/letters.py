"""The letters about a registration, each written from its present state."""

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from events.core import clock, qr
from events.core.i18n import language
from events.core.links import absolute
from events.core.web import render
from events.messaging.letter import Compose, Letter, Owed, Picture
from events.messaging.tables import Reason
from events.network import queries as network
from events.network.queries import ProjectView
from events.programme import queries as programme
from events.programme.queries import EventView
from events.programme.rules import LINK
from events.programme.tables import EventState
from events.registration import calendar, queries
from events.registration import letter_kinds as kinds
from events.registration.items.chosen import agenda_lines, has_yet_to_choose, spoken_lines
from events.registration.letter_kinds import Kind, Matter
from events.registration.places import place_names
from events.registration.public.colleagues_letter import compose_group
from events.registration.queries import RegistrationView
from events.registration.questions.queries import lacking
from events.registration.tables import RegistrationRole, State


async def _compose(kind: Kind, owed: Owed) -> Letter | None:
    matter = await _matter(owed)
    if matter is None or matter.registration.state not in kind.states:
        return None
    if matter.event.state == EventState.CANCELLED and kind is not kinds.CANCELLED:
        kind = kinds.EVENT_CANCELLED
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
    return await _write(kinds.REMINDER, matter, owed)


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
    return await _write(kinds.CONFIRMATION, Matter(registration, event, site, place), owed)


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
        "words": kind.words(event),
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
    if kind in {kinds.CANCELLED, kinds.WAITING}:
        return owed.occurrence.endswith(State.CONFIRMED)
    return matter.registration.state is State.CONFIRMED


async def _emblems(projects: list[ProjectView]) -> dict[str, Picture]:
    emblems = {}
    for number, project in enumerate(projects):
        found = await network.emblem(project.code) if project.emblem_hash else None
        if found:
            emblems[project.code] = Picture(f"emblem{number}", *found, alt=project.emblem_alt)
    return emblems


COMPOSERS: Mapping[Reason, Compose] = {
    Reason.CONFIRMATION: partial(_compose, kinds.CONFIRMATION),
    Reason.WAITING: partial(_compose, kinds.WAITING),
    Reason.PLACE_FREED: partial(_compose, kinds.PLACE_FREED),
    Reason.OFFER: partial(_compose, kinds.OFFER),
    Reason.CONFIRM_ADDRESS: partial(_compose, kinds.CONFIRM_ADDRESS),
    Reason.LAPSED: partial(_compose, kinds.LAPSED),
    Reason.NOT_TRANSFERRED: partial(_compose, kinds.NOT_TRANSFERRED),
    Reason.GROUP: compose_group,
    Reason.ALREADY_REGISTERED: partial(_compose, kinds.ALREADY),
    Reason.CHANGED: partial(_compose, kinds.CHANGED),
    Reason.CANCELLED: partial(_compose, kinds.CANCELLED),
    Reason.EVENT_CHANGED: partial(_compose, kinds.EVENT_CHANGED),
    Reason.EVENT_CANCELLED: partial(_compose, kinds.EVENT_CANCELLED),
    Reason.REMINDER: _compose_reminder,
}
