"""The letters about a registration, each written from its present state."""

from collections.abc import Mapping, Sequence
from typing import Any

from events.core import clock, qr
from events.core.i18n import format_date, format_span, format_until, in_language, language
from events.core.links import absolute
from events.core.remembering import remembered
from events.core.settings import get_settings
from events.core.web import render
from events.messaging import ledger
from events.messaging.ledger import Other
from events.messaging.letter import Compose, Letter, Owed, Picture
from events.messaging.tables import Reason
from events.messaging.templates.queries import in_force
from events.messaging.templates.shapes import Template, Words
from events.messaging.templates.writing import greeting, put_together
from events.network import letters as network_letters
from events.network import queries as network
from events.network.queries import ProjectView
from events.programme import queries as programme
from events.programme.rules import AGENDA, ITEM, LINK
from events.registration import calendar, queries
from events.registration.agenda_news import about, agenda_news
from events.registration.announcements.letters import Parts
from events.registration.items.chosen import agenda_lines, has_yet_to_choose, spoken_lines
from events.registration.letter_kinds import (
    CANCELLED,
    ENTRY_DECLINED,
    EVENT_CHANGED,
    KINDS,
    MATERIALS,
    REMINDER,
    REMINDER_IN_LINE,
    WAITING,
    Kind,
    Matter,
    kind_now,
)
from events.registration.letter_words import BUTTONS, REMINDER_IN_OWN_WORDS
from events.registration.material_news import material_news
from events.registration.own.hearing_letter import compose_hear_again
from events.registration.places import place_names
from events.registration.public.colleagues_letter import compose_group
from events.registration.questions.queries import lacking
from events.registration.reminding import looking_back, reminding
from events.registration.tables import State


async def _compose(owed: Owed) -> Letter | None:
    matter = await _matter(owed)
    return await _about(matter, owed) if matter else None


async def _compose_reminder(owed: Owed) -> Letter | None:
    matter = await _matter(owed)
    how = await reminding(owed, matter.event, matter.registration) if matter else None
    if matter is None or how is None:
        return None
    if how.words and how.words.language != language():
        with in_language(how.words.language):  # all of the letter is in the language of what the organiser wrote
            return await _compose_reminder(owed)
    if how.looks_ahead:
        return await _about(matter, owed, how.words)
    return await looking_back(how, matter.event, matter.registration.given_name, matter.registration.name)


async def _about(matter: Matter, owed: Owed, own: Parts | None = None) -> Letter | None:
    reason, event = Reason(owed.reason), matter.event
    kind = REMINDER_IN_LINE if own and not matter.placed else kind_now(reason, matter.registration.state, event.state)
    if kind is None or (kind is ENTRY_DECLINED and clock.now() >= event.starts_at):
        return None
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
    return await write(kind, matter, owed, takes_out=left_out, news=news, own=own)


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


async def write(
    kind: Kind,
    matter: Matter,
    owed: Owed,
    *,
    takes_out: bool = False,
    complete: bool = False,
    news: Sequence[str] = (),
    words: Words | None = None,
    own: Parts | None = None,
) -> Letter:
    """Write a letter; `complete`: whoever gets it has answered all questions and chosen all there is to choose.

    `news` is what has changed in the agenda, or what there is to read; `words` are tried instead of those in force;
    `own` is what an organiser says in place of us.
    """
    registration, event = matter.registration, matter.event
    projects = await _projects(tuple(event.projects))
    emblems = await network_letters.emblems(projects)
    agenda = await agenda_lines(event, matter.site.id, registration.id)
    entry = _entry(kind, matter, owed, agenda, takes_out=takes_out, news=news)
    context = {
        **_basics(kind, matter),
        **await _left_to_do(kind, matter, complete=complete),
        "agenda": agenda,
        "spoken": [] if registration.gone else await spoken_lines(event, registration.id),
        "arrival": (await programme.arrivals(event.id)).get(matter.site.id) if kind.ticket else None,
        "projects": [(project, emblems.get(project.code)) for project in projects],
        "with_calendar": entry is not None,
        "warns": entry is not None and entry[0] == calendar.REQUEST and not get_settings().reads_calendars,
        "words": "" if news else kind.words(matter),
        "part": _NEWS.get(kind) or about(owed.occurrence).removeprefix(":"),
        "news": news,
        "own": own,
        "greeting": greeting(registration.given_name),
    }
    template = REMINDER_IN_OWN_WORDS if own else kind.template(matter)
    made = put_together(
        template, words or await in_force(template, event.id), _values(matter), context | _button(matter, template)
    )
    frame = {name: context[name] for name in ("event", "projects", "warns", "manage_url")}
    code = [Picture("qr", qr.png(absolute(registration.ticket_path)))] if "cid:qr" in made.html else []
    return Letter(
        subject=own.subject if own else made.subject,
        text=render("mail/registration.txt", body=made.text, **frame),
        html=render("mail/registration.html", body=made.html, **frame),
        pictures=(*code, *emblems.values()),
        calendar=entry,
        reply_to=event.contact_email,
    )


def _basics(kind: Kind, matter: Matter) -> dict[str, Any]:
    """Return what a letter is about, and where its links lead; the ticket is for the door of a venue."""
    registration = matter.registration
    shows_ticket = kind.ticket and matter.site.mode == "venue"
    return {
        "registration": registration,
        "event": matter.event,
        "site": matter.site,
        "place": matter.place,
        "ticket_url": absolute(registration.ticket_path) if shows_ticket else "",
        "manage_url": absolute(registration.manage_path),
        "event_url": absolute(f"/events/{matter.event.slug}"),
    }


async def _left_to_do(kind: Kind, matter: Matter, *, complete: bool) -> dict[str, Any]:
    """Return what there is yet to choose and to answer; nothing of a registration that is `complete`."""
    registration, event, site = matter.registration.id, matter.event, matter.site.id
    return {
        "chooses_items": not complete and await has_yet_to_choose(event, site, registration),
        "asks_more": kind.ticket and not complete and await lacking(registration, event.id, site),
    }


def _entry(
    kind: Kind, matter: Matter, owed: Owed, agenda: Sequence[str], *, takes_out: bool, news: Sequence[str]
) -> tuple[str, str] | None:
    """Return the calendar's entry, as (METHOD, text); a reminder carries one when the agenda has changed."""
    method = kind.method or (calendar.REQUEST if news and kind is REMINDER else None)
    if not method or not _enters_calendar(kind, matter, takes_out or _took_place(owed.occurrence)):
        return None
    place = calendar.Place(matter.site, matter.place, agenda)
    return calendar.entry(method, matter.registration, matter.event, place, now=clock.now())


def _values(matter: Matter) -> dict[str, str]:
    """Return what is filled in within the lines of a letter."""
    registration, event = matter.registration, matter.event
    return {
        "given_name": registration.given_name,
        "name": registration.name,
        "event": event.title,
        "when": format_span(event.starts_at, event.ends_at, event.zone),
        "day": format_date(event.starts_at, event.zone),
        "place": matter.place,
        "link": absolute(registration.manage_path),
        "event_link": absolute(f"/events/{event.slug}"),
        "position": str(registration.position),
        "deadline": format_until(registration.deadline, event.zone) if registration.deadline else "",
    }


def _button(matter: Matter, template: Template) -> dict[str, str]:
    words, anchor = BUTTONS.get(template.name, ("", ""))
    return {"button": str(words), "button_url": absolute(matter.registration.manage_path) + anchor}


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


_NEWS: Mapping[Kind, str] = {
    **dict.fromkeys((REMINDER, REMINDER_IN_LINE), AGENDA.removeprefix(":")),
    MATERIALS: "materials",
}
"""What is new in letters that tell of one thing alone; the others say it in their occurrence."""

COMPOSERS: Mapping[Reason, Compose] = {
    **dict.fromkeys(KINDS, _compose),
    Reason.REMINDER: _compose_reminder,
    Reason.GROUP: compose_group,
    Reason.HEAR_AGAIN: compose_hear_again,
}
