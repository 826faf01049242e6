"""The letters about a registration, each written from its present state."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from events.core import clock, qr
from events.core.i18n import language
from events.core.links import absolute
from events.core.remembering import remembered
from events.core.retention import kept_until
from events.core.settings import get_settings
from events.core.web import render
from events.messaging import ledger
from events.messaging.ledger import Other
from events.messaging.letter import Compose, Letter, Owed, Picture
from events.messaging.tables import Reason
from events.network import queries as network
from events.network.queries import ProjectView
from events.programme import queries as programme
from events.programme.queries import EventView
from events.programme.reminders.queries import RuleView
from events.programme.rules import AGENDA, ITEM, LINK
from events.registration import calendar, queries
from events.registration.agenda_news import about, agenda_news
from events.registration.announcements.letters import Parts
from events.registration.items.chosen import agenda_lines, has_yet_to_choose, spoken_lines
from events.registration.letter_kinds import (
    CANCELLED,
    CONFIRMATION,
    ENTRY_DECLINED,
    EVENT_CHANGED,
    KINDS,
    MATERIALS,
    REMINDER,
    WAITING,
    Kind,
    Matter,
    kind_now,
)
from events.registration.material_news import material_news
from events.registration.places import place_names
from events.registration.public.colleagues_letter import compose_group
from events.registration.queries import RegistrationView
from events.registration.questions.queries import lacking
from events.registration.reminding import looking_back, of_rule, reminding
from events.registration.tables import RegistrationRole, State

SAMPLE_NAME = "Maija"


async def _compose(owed: Owed) -> Letter | None:
    matter = await _matter(owed)
    if matter is None:
        return None
    reason, event = Reason(owed.reason), matter.event
    how = await reminding(owed, event, matter.registration) if reason is Reason.REMINDER else None
    if how and not how.looks_ahead:
        return looking_back(how, event, owed.recipient_name)
    kind = kind_now(reason, matter.registration.state, event.state)
    too_late = kind is ENTRY_DECLINED and clock.now() >= event.starts_at
    if kind is None or too_late or (kind is REMINDER and how is None):
        return None
    own = how.words if how else None
    others = await ledger.others(owed.id)
    if own is None and any(_says_it_instead(other, kind, matter, owed) for other in others):
        return None
    left_out = any(other.reason == reason and not other.left and _took_place(other.occurrence) for other in others)
    if kind is MATERIALS:
        news = await material_news(matter.registration, owed)
    else:
        news = await agenda_news(event, owed, reminder=kind is REMINDER)
    needs_news = kind is MATERIALS or (kind is EVENT_CHANGED and about(owed.occurrence) in {AGENDA, ITEM})
    if needs_news and not news:
        return None
    return await _write(kind, matter, owed, takes_out=left_out, news=news, own=own)


def _says_it_instead(other: Other, kind: Kind, matter: Matter, owed: Owed) -> bool:
    """Say whether a later message is the same letter: two that waited for the mail server would read alike.

    That of the link to an online meeting alone says less than one of a changed event; each of those about the agenda
    tells something of its own, as does each of those about materials.
    """
    says = kind_now(other.reason, matter.registration.state, matter.event.state)
    if not other.later or says is not kind or kind is MATERIALS:
        return False
    part = about(owed.occurrence)
    return kind is not EVENT_CHANGED or (part in {"", LINK} and about(other.occurrence) in {"", part})


async def sample(event: EventView) -> Letter:
    """Write the confirmation in the present language as someone who left nothing open gets it, at the first site."""
    return await _sample(CONFIRMATION, event)


async def sample_reminder(rule: RuleView, event: EventView, *, before: bool) -> Letter:
    """Write the reminder of a rule in the present language as someone gets it who left nothing open."""
    how = await of_rule(rule, event, None, language(), before=before)
    return await _sample(REMINDER, event, own=how.words) if how.looks_ahead else looking_back(how, event, SAMPLE_NAME)


async def _sample(kind: Kind, event: EventView, *, own: Parts | None = None) -> Letter:
    site = (event.open_sites or event.sites)[0]
    registration = RegistrationView(
        id=UUID(int=0),
        event=event.id,
        site=site.id,
        state=State.CONFIRMED,
        role=RegistrationRole.PARTICIPANT,
        language=language(),
        given_name=SAMPLE_NAME,
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
        welcome_words="",
        source="form",
        registered_by="",
        transferred=False,
        cancel_reason="",
        data_until=kept_until(event.ends_at, event.zone),
    )
    owed = Owed(registration.id, "", "", Reason.CONFIRMATION, "registration", registration.id, "", language(), "")
    place = (await place_names(event))[site.id]
    return await _write(kind, Matter(registration, event, site, place), owed, complete=True, own=own)


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


async def _write(
    kind: Kind,
    matter: Matter,
    owed: Owed,
    *,
    takes_out: bool = False,
    complete: bool = False,
    news: Sequence[str] = (),
    own: Parts | None = None,
) -> Letter:
    """Write a letter; `complete`: whoever gets it has answered all questions and chosen all there is to choose.

    `news` is what has changed in the agenda, or what there is to read, `own` what an organiser says in place of us.
    """
    asks = kind.ticket and not complete
    registration, event = matter.registration, matter.event
    projects = await _projects(tuple(event.projects))
    emblems = await _emblems(projects)
    ticket = absolute(registration.ticket_path)
    shows_ticket = kind.ticket and matter.site.mode == "venue"
    agenda = await agenda_lines(event, matter.site.id, registration.id)
    entry, method = None, kind.method or (calendar.REQUEST if news and kind is REMINDER else None)
    if method and _enters_calendar(kind, matter, takes_out or _took_place(owed.occurrence)):
        place = calendar.Place(matter.site, matter.place, agenda)
        entry = calendar.entry(method, registration, event, place, now=clock.now())
    context = {
        "name": registration.given_name,
        "registration": registration,
        "event": event,
        "site": matter.site,
        "place": matter.place,
        "agenda": agenda,
        "spoken": [] if registration.gone else await spoken_lines(event, registration.id),
        "chooses_items": not complete and await has_yet_to_choose(event, matter.site.id, registration.id),
        "arrival": (await programme.arrivals(event.id))[matter.site.id] if kind.ticket else None,
        "projects": [(project, emblems.get(project.code)) for project in projects],
        "ticket_url": ticket if shows_ticket else "",
        "manage_url": absolute(registration.manage_path),
        "event_url": absolute(f"/events/{event.slug}"),
        "with_calendar": entry is not None,
        "warns": bool(entry) and method == calendar.REQUEST and not get_settings().reads_calendars,
        "words": "" if news else kind.words(event),
        "part": about(owed.occurrence).removeprefix(":"),
        "news": news,
        "own": own,
        "asks_more": asks and await lacking(registration.id, event.id, matter.site.id),
    }
    pictures = [Picture("qr", qr.png(ticket))] if shows_ticket else []
    return Letter(
        subject=own.subject if own else kind.subject(matter),
        text=render(f"mail/{kind.template}.txt", **context),
        html=render(f"mail/{kind.template}.html", **context),
        pictures=(*pictures, *emblems.values()),
        calendar=entry,
        reply_to=event.contact_email,
    )


def _enters_calendar(kind: Kind, matter: Matter, takes_out: bool) -> bool:
    """Say whether there is an entry to make or to take out (`takes_out`: a place was lost)."""
    if kind in {CANCELLED, WAITING}:
        return takes_out
    return matter.registration.state is State.CONFIRMED


def _took_place(occurrence: str) -> bool:
    """Say whether a message tells of a place that was lost: its occurrence names the state there was before."""
    return occurrence.endswith(State.CONFIRMED)


@remembered(lambda codes: codes)
async def _projects(codes: tuple[str, ...]) -> list[ProjectView]:
    return await network.projects(codes)


async def _emblems(projects: list[ProjectView]) -> dict[str, Picture]:
    emblems = {}
    for number, project in enumerate(projects):
        found = await network.emblem(project.code) if project.emblem_hash else None
        if found:
            emblems[project.code] = Picture(f"emblem{number}", *found, alt=project.emblem_alt)
    return emblems


COMPOSERS: Mapping[Reason, Compose] = {**dict.fromkeys(KINDS, _compose), Reason.GROUP: compose_group}
