"""The dashboard's parts as tables: each CSV file and each sheet of the workbook is one of them."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct

from events.core.i18n import format_number, gettext
from events.core.i18n import lazy_gettext as _
from events.core.rounding import rounded
from events.reports.dashboard.shapes import Dashboard
from events.reports.shapes import Cell
from events.reports.words import BREAK_DOWNS, FIGURES, Words

Line = tuple[str | int | float | date | None, ...]

TITLES: Mapping[str, Words] = {
    "totals": _("Key figures"),
    "change": _("Change against the period before"),
    "returning": _("New and returning"),
    "funnel": _("From invitation to answer"),
    "months": BREAK_DOWNS["month"],
    "regions": BREAK_DOWNS["region"],
    "heat": _("Themes and regions"),
    "themes": BREAK_DOWNS["theme"],
    "organisation_types": BREAK_DOWNS["organisation_type"],
    "size_classes": BREAK_DOWNS["size_class"],
    "event_kinds": BREAK_DOWNS["event_kind"],
    "site_modes": BREAK_DOWNS["site_mode"],
    "projects": BREAK_DOWNS["project"],
    "not_reconciled": _("Held, but not reconciled"),
}
"""Part → how it is called; the names stand in addresses and files and do not change."""

_SHEETS: Mapping[str, Words] = {"change": _("Change"), "not_reconciled": _("Not reconciled")}

BREAKS: Mapping[str, str] = {
    "months": "month",
    "themes": "theme",
    "organisation_types": "organisation_type",
    "size_classes": "size_class",
    "event_kinds": "event_kind",
    "site_modes": "site_mode",
    "projects": "project",
}
"""Part → the break-down that it is; the regions are one too, on a map."""

STEPS: Mapping[str, Words] = {
    "invited": _("Persons invited"),
    "registered": _("Registered"),
    "attended": _("Attended"),
    "no_shows": _("Did not come"),
    "answered": _("Persons who answered"),
}

DEFINED: Mapping[str, Words] = {
    **FIGURES,
    "change": TITLES["change"],
    "new": TITLES["returning"],
    "invited": STEPS["invited"],
    "registered": STEPS["registered"],
    "attended": STEPS["attended"],
    "answered": STEPS["answered"],
    "no_show_rate": _("No-show rate"),
    "uncertain": _("Participations whose person is not certain"),
    "protected": _("Small groups"),
    "targets": _("Target regions"),
    "not_reconciled": TITLES["not_reconciled"],
    "overlapping": _("Themes and projects"),
    "company_size": TITLES["size_classes"],
}
"""What each definition defines."""

_CELL = ("code", "name", "participations", "persons", "organisations", "minutes", "hours")


class Part(Struct, frozen=True):
    """A table: its columns and its rows, figures as numbers and None where they are hidden or unknown."""

    name: str
    columns: tuple[str, ...]
    rows: list[Line]

    @property
    def title(self) -> str:
        """How the part is called in the present language."""
        return str(TITLES[self.name])

    @property
    def sheet(self) -> str:
        """How its sheet of a workbook is called, which has no room for more than 31 signs."""
        return str(_SHEETS.get(self.name, TITLES[self.name]))


def part(made: Dashboard, name: str) -> Part:
    """Make one part of a dashboard by its name in `TITLES`."""
    if name in BREAKS:
        return Part(name, _CELL, [_line(cell) for cell in getattr(made, name)])
    columns, rows = _OTHERS[name]
    return Part(name, columns, rows(made))


def columns_of(name: str) -> tuple[str, ...]:
    """Return the stable columns of a part."""
    return _CELL if name in BREAKS else _OTHERS[name][0]


def percent(rate: float | None) -> str:
    """Write a share of 0 to 1 in the present language."""
    return "–" if rate is None else gettext("%(number)s %%", number=format_number(rounded(100 * Decimal(str(rate)), 1)))


def headings(columns: tuple[str, ...]) -> list[str]:
    """Name the columns of a part in the present language."""
    return [heading(name) for name in columns]


def heading(column: str) -> str:
    """Name a column in the present language; no two of a part are called alike."""
    return str(_HEADINGS[column])


def _line(cell: Cell) -> Line:
    return (cell.code, cell.name, cell.participations, cell.persons, cell.organisations, cell.minutes, cell.hours)


def _name(figure: str) -> str:
    """Name a figure of a file: the time stands there in whole minutes, on the page in hours."""
    return str(_HEADINGS["minutes"] if figure == "minutes" else FIGURES[figure])


def _totals(made: Dashboard) -> list[Line]:
    rows: list[Line] = [(name, _name(name), getattr(made.totals, name)) for name in FIGURES]
    return [
        *rows,
        ("person_days", gettext("Person-days"), made.person_days),
        ("uncertain", gettext("Participations whose person is not certain"), made.uncertain),
        ("without_address", gettext("Persons without an address"), made.totals.without_address),
        (
            "without_organisation",
            gettext("Participations without an organisation"),
            made.totals.without_organisation,
        ),
    ]


def _change(made: Dashboard) -> list[Line]:
    if made.change is None:
        return []
    return [
        (name, _name(name), getattr(made.totals, name), getattr(made.change.before, name), getattr(made.change, name))
        for name in FIGURES
    ]


def _returning(made: Dashboard) -> list[Line]:
    return [
        (name, str(FIGURES[name]), seen.new, seen.returning)
        for name, seen in (("persons", made.persons), ("organisations", made.organisations))
        if seen is not None
    ]


def _funnel(made: Dashboard) -> list[Line]:
    return [(step, str(words), getattr(made.funnel, step)) for step, words in STEPS.items()]


def _regions(made: Dashboard) -> list[Line]:
    return [(*_line(tile.cell), tile.target) for tile in made.regions]


def _heat(made: Dashboard) -> list[Line]:
    return [
        (
            *(cell.theme, made.theme_names.get(cell.theme, cell.theme)),
            *(cell.region, made.region_names.get(cell.region, cell.region)),
            cell.participations,
        )
        for cell in made.heat
    ]


def _not_reconciled(made: Dashboard) -> list[Line]:
    return [(line.slug, line.title, line.held_on) for line in made.not_reconciled]


_OTHERS: Mapping[str, tuple[tuple[str, ...], Callable[[Dashboard], list[Line]]]] = {
    "totals": (("code", "name", "number"), _totals),
    "change": (("code", "name", "number", "before", "difference"), _change),
    "returning": (("code", "name", "new", "returning"), _returning),
    "funnel": (("code", "name", "number"), _funnel),
    "regions": ((*_CELL, "target"), _regions),
    "heat": (("theme", "theme_name", "region", "region_name", "participations"), _heat),
    "not_reconciled": (("code", "name", "held_on"), _not_reconciled),
}

_HEADINGS: Mapping[str, Any] = {
    "code": _("Code"),
    "name": _("Name"),
    "number": _("Number"),
    "before": _("Before"),
    "difference": _("Changed by"),
    "new": _("New"),
    "returning": _("Returning"),
    "participations": FIGURES["participations"],
    "persons": FIGURES["persons"],
    "organisations": FIGURES["organisations"],
    "minutes": _("Minutes"),
    "hours": _("Hours"),
    "target": _("Target region"),
    "theme": _("Theme, code"),
    "theme_name": _("Theme"),
    "region": _("Region, code"),
    "region_name": _("Region"),
    "held_on": _("Date"),
}
