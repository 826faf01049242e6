"""What is contradictory or missing in an event that is still to be held, and the card that mends it."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from events.core.i18n import LANGUAGE_NAMES, LANGUAGES, format_datetime, format_time, ngettext
from events.core.i18n import gettext as _
from events.core.text import fold
from events.network.queries import ProjectView
from events.programme import rules
from events.programme.queries import EventView, SiteView
from events.programme.tables import EventState, SiteMode, WaitingList

ALWAYS = ("fi", "sv")
"""The languages in which every event is announced; English is asked for where it is spoken."""

MORNING = 6
"""The hour before which nothing is expected to begin or to end."""

LONG = timedelta(days=3)
"""Longer than this an event's end is likelier a slip than meant."""


class Severity(StrEnum):
    """How bad it is, the worst first."""

    WRONG = "wrong"  # two settings contradict each other, or nobody could register
    MISSING = "missing"  # participants would look for it in vain
    HINT = "hint"  # maybe meant so


class Finding(Struct, frozen=True):
    """Something to mend: what is said of it, and the page where it is done; maybe a name of what it is about."""

    code: str
    severity: Severity
    words: str
    path: str
    name: str = ""
    name_language: str = ""


Found = Iterator[tuple[str, Severity, str]]
_WORST_FIRST = list(Severity)


def findings(event: EventView, projects: Iterable[ProjectView], now: datetime) -> list[Finding]:
    """Return what to mend, the worst first; nothing of an event that is over or cancelled."""
    if not mends(event, now):
        return []
    here = f"/staff/events/{event.slug}/edit"
    found = [
        Finding(code, severity, words, f"{here}/{card}")
        for card, look in _LOOKS.items()
        for code, severity, words in look(event, now)
    ]
    words = _("A project has no emblem or no statement, which its funder asks for:")
    found += [
        Finding("marks", Severity.MISSING, words, "/staff/projects", each.name, each.name_language)
        for each in projects
        if not each.has_marks
    ]
    return worst_first(found)


def mends(event: EventView, now: datetime) -> bool:
    """Say whether there is still a point in mending an event: it is neither cancelled nor over."""
    return event.state != EventState.CANCELLED and (event.state != EventState.PUBLISHED or now < event.ends_at)


def worst_first(found: Iterable[Finding]) -> list[Finding]:
    """Return findings in the order in which they are to be mended."""
    return sorted(found, key=lambda finding: _WORST_FIRST.index(finding.severity))


def announced_in(event: EventView) -> list[str]:
    """Return the languages in which everything about an event is to be said."""
    return [code for code in LANGUAGES if code in ALWAYS or code in event.languages]


class Shared(Struct, frozen=True):
    """Something to mend in several events alike."""

    finding: Finding
    events: list[EventView]


def shared(found: Iterable[tuple[EventView, list[Finding]]]) -> list[Shared]:
    """Return what there is to mend in several events, once for all in which it is the same, the worst first."""
    alike: dict[tuple[str, ...], Shared] = {}
    for event, ones in found:
        for one in ones:
            alike.setdefault((one.words, one.name), Shared(one, [])).events.append(event)
    return sorted(alike.values(), key=lambda each: _WORST_FIRST.index(each.finding.severity))


def _texts(event: EventView, _now: datetime) -> Found:
    wanted = announced_in(event)
    for code in wanted:
        if not event.titles.get(code):
            yield f"title-{code}", Severity.MISSING, _NO_TITLE[code]()
    described = wanted if event.descriptions else []
    for code in described:
        if not event.descriptions.get(code):
            yield f"description-{code}", Severity.MISSING, _NO_DESCRIPTION[code]()
    if not event.descriptions:
        yield "description", Severity.MISSING, _("The event has no description in any language.")
    for first, second in (("fi", "sv"), ("fi", "en"), ("sv", "en")):
        if event.titles.get(first) and fold(event.titles[first]) == fold(event.titles.get(second, "")):
            names = {"first": LANGUAGE_NAMES[first], "second": LANGUAGE_NAMES[second]}
            yield (
                "same-title",
                Severity.HINT,
                _("The title is the same in two languages: %(first)s, %(second)s.", **names),
            )


_NO_TITLE: dict[str, Callable[[], str]] = {
    "fi": lambda: _("There is no Finnish title."),
    "sv": lambda: _("There is no Swedish title."),
    "en": lambda: _("There is no English title, though English is spoken."),
}
_NO_DESCRIPTION: dict[str, Callable[[], str]] = {
    "fi": lambda: _("There is no Finnish description."),
    "sv": lambda: _("There is no Swedish description."),
    "en": lambda: _("There is no English description, though English is spoken."),
}


def _times(event: EventView, now: datetime) -> Found:
    if event.starts_at <= now and event.state == EventState.DRAFT:
        yield "past", Severity.WRONG, _("The event starts in the past.")
    start, end = rules.to_local(event.starts_at, event.zone), rules.to_local(event.ends_at, event.zone)
    if start.hour < MORNING:
        yield (
            "starts-at-night",
            Severity.HINT,
            _("The event starts at night, at %(time)s.", time=format_time(start.time())),
        )
    if end.hour < MORNING and end - start > timedelta():
        yield "ends-at-night", Severity.HINT, _("The event ends at night, at %(time)s.", time=format_time(end.time()))
    if end - start > LONG:
        yield "long", Severity.HINT, _("The event lasts for more than three days.")


def _sites(event: EventView, _now: datetime) -> Found:
    names = [(site.mode, fold(site.name), site.municipality) for site in event.open_sites]
    if len(set(names)) < len(names):
        yield "same-site", Severity.WRONG, _("Two sites have the same name: participants cannot tell them apart.")
    for site in event.open_sites:
        yield from _site(site)


def _site(site: SiteView) -> Found:
    called = site.name or (_("Online") if site.mode == SiteMode.ONLINE else _("the venue"))
    if site.capacity == 0:
        yield "no-places", Severity.WRONG, _("There are 0 places here: %(site)s.", site=called)
    if site.mode == SiteMode.ONLINE:
        if not site.join_url:
            yield "no-link", Severity.MISSING, _("The online site has no link to the meeting.")
        return
    if not site.name:
        yield "no-venue", Severity.MISSING, _("The venue has no name.")
    if not site.address:
        yield "no-address", Severity.MISSING, _("There is no street address: %(site)s.", site=called)
    if not site.municipality:
        yield "no-municipality", Severity.HINT, _("The municipality is not given: %(site)s.", site=called)


def _registration(event: EventView, now: datetime) -> Found:
    opens, closes = event.registration_opens_at, rules.closes_at(event)
    if closes > event.ends_at:
        yield "closes-after-end", Severity.WRONG, _("Registration closes after the event has ended.")
    elif closes > event.starts_at:
        yield "closes-after-start", Severity.HINT, _("Registration stays open after the event has started.")
    if opens and opens >= closes:
        yield "opens-after-closing", Severity.WRONG, _("Registration opens only after it has closed.")
    if closes <= now < event.starts_at:
        yield "closed-already", Severity.WRONG, _("The time for registering is over already.")
    if event.waiting_list != WaitingList.NONE and all(site.capacity is None for site in event.open_sites):
        yield "idle-waiting-list", Severity.HINT, _("The waiting list is on, but no site has a limit of places.")
    until = (event.starts_at - now) / timedelta(hours=1)
    if event.waiting_list == WaitingList.OFFER and 0 < until < event.offer_hours:
        words = ngettext(
            "A place is offered for %(n)s hour, but the event starts before that.",
            "A place is offered for %(n)s hours, but the event starts before that.",
            event.offer_hours,
        )
        yield "long-offer", Severity.HINT, words
    if event.address_hours and 0 < until < event.address_hours:
        words = ngettext(
            "An address can be confirmed within %(n)s hour, but the event starts before that.",
            "An address can be confirmed within %(n)s hours, but the event starts before that.",
            event.address_hours,
        )
        yield "long-confirmation", Severity.HINT, words


def _subject(event: EventView, _now: datetime) -> Found:
    if not event.projects:
        yield "no-project", Severity.MISSING, _("The event belongs to no project: no project’s report will count it.")
    if not event.themes:
        yield "no-theme", Severity.HINT, _("The event has no theme: it is not found by theme.")


def _contact(event: EventView, _now: datetime) -> Found:
    if not event.languages:
        yield "no-language", Severity.MISSING, _("It is not said which languages are spoken.")
    if not event.contact_name and not event.contact_email:
        yield "no-contact", Severity.MISSING, _("There is no contact person.")
    elif not event.contact_email:
        yield "no-contact-address", Severity.HINT, _("The contact person has no e-mail address: answers come nowhere.")


def _follow_up(event: EventView, now: datetime) -> Found:
    if not event.reminders:
        yield "no-reminder", Severity.HINT, _("No reminder will be sent.")
    for due in event.reminders:
        if due in event.reminded:
            continue
        if due <= now:
            if now >= event.starts_at:  # nothing is left to remind of
                continue
            when = format_datetime(due, event.zone)
            yield "missed-reminder", Severity.HINT, _("The time of a reminder has passed: %(when)s.", when=when)
        elif event.registration_opens_at and due < event.registration_opens_at:
            opens = format_datetime(event.registration_opens_at, event.zone)
            words = _("A reminder is due before registration opens on %(when)s.", when=opens)
            yield "early-reminder", Severity.HINT, words
    if not event.survey_enabled and rules.survey_by_default(event.kind):
        yield "no-survey", Severity.HINT, _("No feedback is asked after the event.")


_LOOKS: dict[str, Callable[[EventView, datetime], Found]] = {
    "texts": _texts,
    "times": _times,
    "sites": _sites,
    "registration": _registration,
    "subject": _subject,
    "contact": _contact,
    "follow-up": _follow_up,
}
"""By the card that mends what they find."""
