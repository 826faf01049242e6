"""What each figure of the network effect means; printed wherever it stands (design.md §5.14)."""

from collections.abc import Mapping
from datetime import date

from babel.dates import format_skeleton

from events.core.i18n import babel_locale, format_number, gettext, ngettext
from events.core.i18n import lazy_gettext as _
from events.reports.words import Words

DEFINITIONS: Mapping[str, Words] = {
    "links": _(
        "A link is two different organisations that both took part in the same event, by the participations that count"
        " and that the filters let in. In a quarter a pair is one link, however often it met."
    ),
    "new": _(
        "New: the two had never met before at an event that the filters let in. Events before the period are looked at"
        " for this, but their links are not counted."
    ),
    "repeated": _("Repeated: the two had met in an earlier quarter, or before the period."),
    "pairs": _("Different pairs of organisations that met in the period, each once."),
    "place": _(
        "In each quarter an organisation stands in the region from which most of its participations of that quarter"
        " came, as it was at the events; of equally many, in the first by region code; in “Not known” only when no"
        " other is known. One that moves stands in its new region from then on, and what it did before stays."
    ),
    "matrix": _(
        "Links between the organisations of two regions, the same in both directions; on the diagonal those within a"
        " region. The quarters are added up: two organisations that met in three quarters are three links."
    ),
    "bridges": _(
        "Organisations by the number of Finnish regions outside their own with whose organisations they met in the"
        " period, then by how many different organisations they met. Where their own region is not known, none counts."
    ),
    "came_back": _(
        "Persons with at least two participations in the period; of those, in how many regions the events were held,"
        " on how many themes, and from how many regions they came. Someone without an e-mail address cannot be"
        " recognised again."
    ),
    "regions": _(
        "A region is reached when at least one participation came from it. Linked are the other Finnish regions with"
        " whose organisations its own have met. An organisation that moved stands in each region in which it stood."
    ),
    "targets": _("Marked are the regions that the chosen project is to reach."),
    "clock": _(
        "Of what the yearly clock planned for a quarter: what became a published event, and what of it was held,"
        " whenever that was. The filters for period, project, theme, kind and host region apply, the others do not."
    ),
    "not_reconciled": _(
        "Events that were held but whose attendance has not been closed are named here and left out of every figure."
    ),
}

QUARTER_MONTHS = 3


def quarter_name(code: str) -> str:
    """Name a quarter given as 2026-Q1."""
    year, number = code.split("-Q")
    first = date(int(year), int(number) * QUARTER_MONTHS - 2, 1)
    return str(format_skeleton("yQQQ", first, locale=babel_locale()))


def times(number: int, most: int) -> str:
    """Say how often someone came."""
    if number >= most:
        return gettext("%(n)s times or more", n=format_number(most))
    return ngettext("%(n)s time", "%(n)s times", number)


def at_least(number: int, most: int) -> str:
    """Write a number that stands for itself, or from `most` on for all that are larger."""
    return gettext("%(n)s or more", n=format_number(most)) if number >= most else format_number(number)
