"""What the codes of the network are called, in the user's language."""

from collections.abc import Mapping

from babel.support import LazyProxy

from events.core.i18n import lazy_gettext as _l

Words = str | LazyProxy

TYPES: Mapping[str, Words] = {
    "company": _l("Company"),
    "municipality": _l("Municipality or city"),
    "regional_council": _l("Regional council"),
    "university": _l("University or university of applied sciences"),
    "research": _l("Research institute"),
    "education": _l("Other education"),
    "development": _l("Development company"),
    "state": _l("State administration"),
    "association": _l("Association or foundation"),
    "other": _l("Other"),
    "unknown": _l("Not known"),
}
SIZES: Mapping[str, Words] = {
    "micro": _l("1–9 people"),
    "small": _l("10–49 people"),
    "medium": _l("50–249 people"),
    "large": _l("250 people or more"),
    "none": _l("Not a company"),
    "unknown": _l("Not known"),
}
"""Size classes by headcount (2003/361/EC)."""

ROLES: Mapping[str, Words] = {
    "participant": _l("Participants"),
    "speaker": _l("Speakers"),
    "host": _l("Hosts"),
    "project_staff": _l("Project staff"),
    "project_partner": _l("Project partners"),
}
"""The roles of a registration, of which a project names those that count."""

KINDS: Mapping[str, Words] = {
    "meeting": _l("Meeting"),
    "workshop": _l("Workshop"),
    "experience_exchange": _l("Experience exchange"),
}
TARGETS: Mapping[str, Words] = {
    "participations": _l("Participations"),
    "persons": _l("Unique persons"),
    "organisations": _l("Unique organisations"),
    "person_hours": _l("Person-hours"),
}
"""What a project may have a target for: the four numbers that reports count (facts/domain.md)."""
