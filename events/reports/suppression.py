"""Keeping groups under five from readers who may not see persons, so that they cannot be computed back either.

In each break-down the cells with one to four persons are hidden; when the total less the cells shown would give them
away, the next smallest are hidden too (complementary suppression). So are cells that differ by fewer than five from the
same cell of a wider report: the difference would be a small group. A report on fewer than five is hidden as a whole.
Which reports are hidden as a whole for their filters is said in `seen_by` and `dashboard.seen_by`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

import msgspec

from events.core import small_groups
from events.core.small_groups import to_hide
from events.reports.shapes import Cell, EventLine, ParticipationReport

SMALLEST = small_groups.SMALLEST
"""Persons in the smallest group that is shown."""


def suppress(
    made: ParticipationReport,
    wider: Sequence[ParticipationReport] = (),
    split: Mapping[str, set[str]] = MappingProxyType({}),
) -> ParticipationReport:
    """Hide what stands for fewer than five persons, and what would give it away, also beside `wider` reports.

    `split` are cells to hide besides, by their break-down.
    """
    if 0 < (made.totals.persons or 0) < SMALLEST or small_rest(made.totals, [each.totals for each in wider]):
        return all_hidden(made)
    numbers = {line.slug: line.participations or 0 for line in made.events}
    beside = [{line.slug: line.participations or 0 for line in each.events} for each in wider]
    lines = _with_rests(to_hide(list(numbers.values())), numbers, beside)
    return msgspec.structs.replace(
        made,
        totals=without_small_notes(made.totals),
        uncertain=None,
        break_downs=[
            msgspec.structs.replace(
                each, cells=shown_cells(each.cells, [beside.cells(each.by) for beside in wider], split.get(each.by, ()))
            )
            for each in made.break_downs
        ],
        not_counted=[
            msgspec.structs.replace(each, participations=_unless_small(each.participations))
            for each in made.not_counted
        ],
        events=[_hidden_line(line) if place in lines else line for place, line in enumerate(made.events)],
    )


def shown_cells(cells: Sequence[Cell], wider: Sequence[Sequence[Cell]] = (), split: Collection[str] = ()) -> list[Cell]:
    """Hide the small cells of a break-down and those of `split`, and those that would give them away.

    That is also beside the same break-down of `wider` counts.
    """
    numbers = {cell.code: cell.participations or 0 for cell in cells}
    beside = [{cell.code: cell.participations or 0 for cell in each} for each in wider]
    places = _with_rests(to_hide([cell.persons or 0 for cell in cells]), numbers, beside, split)
    return [hidden_cell(cell) if place in places else _without_notes(cell) for place, cell in enumerate(cells)]


def small_rest(totals: Cell, wider: Sequence[Cell]) -> bool:
    """Whether a wider report has but few participations more."""
    return any(0 < (each.participations or 0) - (totals.participations or 0) < SMALLEST for each in wider)


def _with_rests(
    hidden: set[int], numbers: Mapping[str, int], wider: Sequence[Mapping[str, int]], split: Collection[str] = ()
) -> set[int]:
    """Add the places that differ by few from a wider count, and one more when the total would tell a single one."""
    rests = {
        place
        for place, (code, number) in enumerate(numbers.items())
        if (code in split and number) or any(0 < each.get(code, 0) - number < SMALLEST for each in wider)
    }
    added = hidden | rests
    if rests and len(added) == 1:
        others = [(number, place) for place, number in enumerate(numbers.values()) if number and place not in added]
        added |= {min(others)[1]} if others else set()
    return added


def all_hidden(made: ParticipationReport) -> ParticipationReport:
    """Return a report without its figures."""
    return msgspec.structs.replace(
        made,
        totals=hidden_cell(made.totals),
        person_days=None,
        uncertain=None,
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
