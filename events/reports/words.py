"""How figures, cells and roles are called, and what each figure means; printed wherever it stands (design.md §5.14)."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from babel.dates import format_skeleton

from events.core import database
from events.core.i18n import babel_locale, format_number, gettext, language, pick
from events.core.i18n import lazy_gettext as _
from events.core.text import sort_key
from events.network import words as network
from events.programme.tables import SiteMode
from events.registration.tables import RegistrationRole

Words = network.Words

KINDS, ORGANISATION_TYPES, SIZE_CLASSES = network.KINDS, network.TYPES, network.SIZES

ROLES: Mapping[str, Words] = {
    RegistrationRole.PARTICIPANT: _("Participant"),
    RegistrationRole.SPEAKER: _("Speaker"),
    RegistrationRole.HOST: _("Host"),
    RegistrationRole.STAFF: _("Project staff"),
    RegistrationRole.PARTNER: _("Project partner"),
}

SITE_MODES: Mapping[str, Words] = {
    SiteMode.VENUE: _("On site"),
    SiteMode.ONLINE: _("Online"),
}

BREAK_DOWNS: Mapping[str, Words] = {
    "region": _("Participants’ region"),
    "organisation_type": _("Type of organisation"),
    "size_class": _("Size of company"),
    "event_kind": _("Kind of event"),
    "site_mode": _("How they attended"),
    "month": _("Month"),
    "theme": _("Theme"),
    "project": _("Project"),
}

FIGURES: Mapping[str, Words] = {
    "participations": _("Participations"),
    "persons": _("Unique persons"),
    "organisations": _("Unique organisations"),
    "minutes": _("Person-hours"),
}

DEFINITIONS: Mapping[str, Words] = {
    "participations": _(
        "One attended registration of a reconciled event, in a role that counts. Someone seen both on site and online"
        " is one participation."
    ),
    "persons": _(
        "Different persons among the participations. Someone without an e-mail address cannot be recognised again and"
        " counts as a person of their own."
    ),
    "uncertain": _(
        "Without an e-mail address, or of somebody who the register has as a likely duplicate. Each is counted once."
    ),
    "organisations": _(
        "Different organisations among the participations, as they were known at the time of the event; participations"
        " without an organisation are left out."
    ),
    "minutes": _("Time of presence; without exit scans, the duration of the event. A person-day is 8 person-hours."),
    "not_reconciled": _(
        "Events that were held but whose attendance has not been closed are named here and left out of every figure."
    ),
    "overlapping": _("An event may have several: the rows overlap and do not add up to the total."),
    "change": _(
        "The same figures of the period of equal length that ends the day before; shown when both days of the period"
        " are chosen."
    ),
    "new": _("No participation before the period, by the same filters without the period; returning: at least one."),
    "invited": _(
        "Invitations to reconciled events that were not withdrawn. Those invited have not said where they are from, so"
        " this is left out when a region, type, size or way of attending is chosen."
    ),
    "registered": _(
        "Confirmed registrations for reconciled events in the roles and kinds that count: who attended and who did not"
        " come. All filters apply, as things were when the event was reconciled."
    ),
    "attended": _("The participations. All filters apply."),
    "no_show_rate": _("No-shows of the registered."),
    "answered": _(
        "Answers to the surveys of these events. They are anonymous, so this is left out when a region, type, size or"
        " way of attending is chosen; roles and kinds are not looked at."
    ),
    "protected": _(
        "For readers who may not see persons every figure is a sum of groups of five persons or more, so that"
        " no smaller group can be computed, from however many figures of a day."
        " Regions, types and sizes are told of half-years that are over (January to June from 1 August on, July to"
        " December from 1 February on); those who are not told apart by them, because they are too few, were added"
        " later or a filter cuts their half-year, stand in a row of their own. A filter by region, type or size"
        " shows its total alone; two of them, a host region, a series or a way of attending show nothing."
        " Different persons and organisations are shown in totals alone."
    ),
    "targets": _("Marked are the regions that the chosen project is to reach."),
    "company_size": _(
        "By headcount alone, as declared (2003/361/EC also has turnover and balance sheet, which are not asked)."
    ),
}


def rule(project: str | None) -> str:
    """Say which roles and kinds count."""
    if project:
        return gettext("Counted are the roles and kinds of event that the project counts; the others stand beside.")
    return gettext(
        "Counted are roles and kinds of event that at least one project of the event counts; at an event of no project,"
        " participants and speakers. The others stand beside."
    )


async def cell_names(by: str) -> Mapping[str, str]:
    """Return code → name of the cells of a break-down in the present language; months are named by `month_name`."""
    fixed = {"organisation_type": ORGANISATION_TYPES, "size_class": SIZE_CLASSES, "event_kind": KINDS}
    fixed["site_mode"] = SITE_MODES
    if by in fixed:
        return {code: str(name) for code, name in fixed[by].items()}
    if by == "project":
        rows = await database.fetch("SELECT code, code AS name FROM project")
        return {**dict(rows), "none": gettext("No project")}
    if by in {"region", "theme"}:
        rows = await database.fetch(f"SELECT code, name_{language()} AS name FROM {by} ORDER BY code")
        others = {"abroad": gettext("Outside Finland"), "unknown": gettext("Not known"), "none": gettext("No theme")}
        return {**dict(rows), **others}
    return {}


_SERIES = """
SELECT DISTINCT ON (series) series, title_fi, title_sv, title_en FROM event
WHERE series IS NOT NULL AND ($1::uuid IS NULL OR series = $1) ORDER BY series, starts_at
"""


async def series_names(series: UUID | None = None) -> list[tuple[str, str]]:
    """Return (id, name) of each series, or of one, by name: a series is called as its first event is."""
    rows = await database.fetch(_SERIES, series)
    named = [(str(row["series"]), pick({code: row[f"title_{code}"] for code in ("fi", "sv", "en")})[0]) for row in rows]
    return sorted(named, key=lambda each: (sort_key(each[1]), each[0]))


async def series_name(series: UUID) -> str:
    """Name one series; its id when it has no event any more."""
    return next((name for _id, name in await series_names(series)), str(series))


def month_name(code: str) -> str:
    """Name a month given as 2026-09: syyskuu 2026."""
    year, month = code.split("-")
    return str(format_skeleton("yMMMM", date(int(year), int(month), 1), locale=babel_locale()))


DURATIONS: Mapping[str, Words] = {
    "hours_and_minutes": _("%(hours)s h %(minutes)s min"),
    "whole_hours": _("%(hours)s h"),
}
"""How minutes are written as hours and minutes."""


def duration(minutes: int, written: Mapping[str, Words] = DURATIONS) -> str:
    """Write minutes as hours and minutes: exact, so that a column of them adds up."""
    hours, rest = divmod(minutes, 60)
    pattern = str(written["hours_and_minutes" if rest else "whole_hours"])
    return pattern % {"hours": format_number(hours), "minutes": rest}
