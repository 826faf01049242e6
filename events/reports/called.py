"""How what is on screen is called: the filters, and the cell that a figure was opened at."""

from collections.abc import Mapping

from events.core import database
from events.core.i18n import format_date, pick
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.reports import words
from events.reports.filters import FilterForm, Filters
from events.reports.participation import filter_names
from events.reports.rows import Behind
from events.reports.words import Words

_WITHOUT_CELL: Mapping[str, Words] = {
    "uncertain": _l("Participations whose person is not certain"),
    "new_persons": _l("New persons"),
    "returning_persons": _l("Returning persons"),
    "new_organisations": _l("New organisations"),
    "returning_organisations": _l("Returning organisations"),
}
"""What of `Behind.by` needs no cell."""

_EVENT = "SELECT title_fi, title_sv, title_en FROM event WHERE slug = $1"


def filters_called(filters: Filters, names: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return of each filter what it and its value are called; `names` are those of `participation.filter_names`."""
    labels = {field.name: field.label.text for field in FilterForm()}
    days = {"from": filters.start, "to": filters.end}
    values = {
        **{name: format_date(day, style="short") for name, day in days.items() if day},
        **({"project": filters.project} if filters.project else {}),
        **names,
    }
    return {name: (str(labels[name]), values[name]) for name in labels if name in values}


async def called(filters: Filters, behind: Behind) -> list[tuple[str, str]]:
    """Return what a figure that was opened counts, as (what, which): its cell, then the filters."""
    return [*await _cell(behind), *filters_called(filters, await filter_names(filters)).values()]


async def _cell(behind: Behind) -> list[tuple[str, str]]:
    by, cell = behind.by, behind.cell
    if by in _WITHOUT_CELL:
        return [("", str(_WITHOUT_CELL[by]))]
    if by == "heat":
        theme, _comma, region = cell.partition(",")
        return [await _of("theme", theme), await _of("region", region)]
    if by == "event":
        row = await database.fetchrow(_EVENT, cell)
        title = pick({code: row[f"title_{code}"] for code in ("fi", "sv", "en")})[0] if row else cell
        return [(_("Event"), title)]
    if by == "role":
        return [(_("Not counted, by role"), str(words.ROLES.get(cell, cell)))]
    if by == "kind":
        return [(_("Not counted, by kind of event"), str(words.KINDS.get(cell, cell)))]
    return [await _of(by, cell)] if by in words.BREAK_DOWNS else []


async def _of(by: str, cell: str) -> tuple[str, str]:
    name = str(words.BREAK_DOWNS[by])
    if by != "month":
        return name, (await words.cell_names(by)).get(cell, cell)
    try:
        return name, words.month_name(cell)
    except ValueError:
        return name, cell
