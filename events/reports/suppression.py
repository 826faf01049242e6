"""Keeping groups under five from readers who may not see persons, so that they cannot be computed back either.

In each break-down the cells with one to four persons are hidden; when the total less the cells shown would give them
away, the next smallest are hidden too (complementary suppression). A report on fewer than five is hidden as a whole,
and so is one that shows by a filter what the report without that filter hides.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from events.reports.filters import Filters, Reach
from events.reports.participation import EVERYTHING, report
from events.reports.shapes import BreakDown, Cell, EventLine, ParticipationReport

SMALLEST = 5
"""Persons in the smallest group that is shown."""

_BY_FILTER = {
    "region": "region",
    "kind": "event_kind",
    "theme": "theme",
    "project": "project",
    "type": "organisation_type",
    "size": "size_class",
}


async def suppressed_report(filters: Filters, *, now: datetime, reach: Reach = EVERYTHING) -> ParticipationReport:
    """Make the report for a reader who may not see persons."""
    shown = suppress(await report(filters, now=now, reach=reach))
    for name, by in _BY_FILTER.items():
        value = getattr(filters, name)
        if value is None or shown.totals.hidden:
            continue
        wider = suppress(await report(msgspec.structs.replace(filters, **{name: None}), now=now, reach=reach))
        if any(cell.code == value and cell.hidden for cell in wider.cells(by)):
            return _all_hidden(shown)
    return shown


def suppress(made: ParticipationReport) -> ParticipationReport:
    """Hide what stands for fewer than five persons, and what would give it away."""
    if 0 < (made.totals.persons or 0) < SMALLEST:
        return _all_hidden(made)
    lines = to_hide([line.participations or 0 for line in made.events])
    return msgspec.structs.replace(
        made,
        totals=without_small_notes(made.totals),
        break_downs=[_break_down(each) for each in made.break_downs],
        not_counted=[
            msgspec.structs.replace(each, participations=_unless_small(each.participations))
            for each in made.not_counted
        ],
        events=[_hidden_line(line) if place in lines else line for place, line in enumerate(made.events)],
    )


def to_hide(sizes: Sequence[int]) -> set[int]:
    """Return the places of the groups to hide, given how many each holds and that their sum is known."""
    small = {place for place, size in enumerate(sizes) if 0 < size < SMALLEST}
    others = sorted((place for place, size in enumerate(sizes) if size >= SMALLEST), key=lambda place: sizes[place])
    hidden = set(small)
    for place in others:
        if not small or not _given_away([sizes[each] for each in hidden]):
            break
        hidden.add(place)
    return hidden


def _given_away(hidden: Sequence[int]) -> bool:
    """Whether the sum of hidden groups tells the size of a small one, or is itself that of a small group."""
    total, small = sum(hidden), sum(size < SMALLEST for size in hidden)
    large = len(hidden) - small
    if large:
        return min(small * (SMALLEST - 1), total - large * SMALLEST) <= small
    return small == 1 or total < SMALLEST or total in {small, small * (SMALLEST - 1)}


def _break_down(each: BreakDown) -> BreakDown:
    return msgspec.structs.replace(each, cells=shown_cells(each.cells))


def shown_cells(cells: Sequence[Cell]) -> list[Cell]:
    """Hide the small cells of a break-down, and those that would give them away."""
    places = to_hide([cell.persons or 0 for cell in cells])
    return [hidden_cell(cell) if place in places else _without_notes(cell) for place, cell in enumerate(cells)]


def _all_hidden(made: ParticipationReport) -> ParticipationReport:
    return msgspec.structs.replace(
        made,
        totals=hidden_cell(made.totals),
        person_days=None,
        break_downs=[
            msgspec.structs.replace(each, cells=[hidden_cell(cell) for cell in each.cells]) for each in made.break_downs
        ],
        not_counted=[msgspec.structs.replace(each, participations=None) for each in made.not_counted],
        events=[_hidden_line(line) for line in made.events],
    )


def hidden_cell(cell: Cell) -> Cell:
    """Return a cell without its figures."""
    return msgspec.structs.replace(
        _without_notes(cell), **_nothing(("participations", "persons", "organisations", "minutes", "hours"))
    )


def _without_notes(cell: Cell) -> Cell:
    return msgspec.structs.replace(cell, **_nothing(("without_address", "without_organisation")))


def without_small_notes(cell: Cell) -> Cell:
    """Hide what is noted beside a cell where it stands for few."""
    return msgspec.structs.replace(
        cell,
        without_address=_unless_small(cell.without_address),
        without_organisation=_unless_small(cell.without_organisation),
    )


def _nothing(names: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(names)


def _hidden_line(line: EventLine) -> EventLine:
    return msgspec.structs.replace(line, participations=None, minutes=None)


def _unless_small(number: int | None) -> int | None:
    return None if number is not None and 0 < number < SMALLEST else number
