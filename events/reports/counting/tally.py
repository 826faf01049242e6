"""The figures of a count, from the passes over the rows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from asyncpg import Connection
from msgspec import Struct
from msgspec.structs import replace

from events.reports.counting import passes
from events.reports.counting.choice import WIDTH, Choice
from events.reports.counting.layout import AXES, month_of
from events.reports.counting.passes import BEFORE, CERTAIN, EARLIER, INSIDE, Rows


class Sums(Struct, frozen=True, kw_only=True):
    """What is counted of one cell, or of all. `without_address` are persons, `without_organisation` participations."""

    participations: int = 0
    persons: int = 0
    organisations: int = 0
    minutes: int = 0
    without_address: int = 0
    without_organisation: int = 0


class Seen(Struct, frozen=True, kw_only=True):
    """How many persons or organisations of the period came for the first time, and how many had come before it."""

    new: int
    returning: int


class Tally(Struct, frozen=True, kw_only=True):
    """All figures of one count: `cells` by axis and code, `heat` participations by (theme, region).

    `before` is None when there is no period of the same length before; `persons` and `organisations` are None when the
    count begins with the first event there was.
    """

    totals: Sums
    before: Sums | None
    cells: Mapping[str, Mapping[str, Sums]]
    heat: Mapping[tuple[str, str], int]
    persons: Seen | None
    organisations: Seen | None


async def tally(
    connection: Connection, choice: Choice, *, history: bool = True, by_cell: bool = True, different: bool = True
) -> Tally:
    """Count what a choice lets in, on one snapshot; `history` compares with what was before the period.

    Without `by_cell` different persons and organisations are counted of all together alone, without `different` not at
    all: they are nought.
    """
    before = choice.period.before if history else None
    added = passes.rows(choice, before.start if before else choice.period.start)
    totals, earlier, cells, heat = _added(choice, await added.fetch(connection, passes.sums(added)))
    people, organisations = [
        await _different(connection, choice, key, history=history, by_cell=by_cell) if different else _NONE
        for key in ("person", "organisation")
    ]
    for axis, code, number, uncertain in people.cells:
        one = cells[axis][code]
        cells[axis][code] = replace(one, persons=one.persons + number, without_address=one.without_address + uncertain)
    for axis, code, number, _uncertain in organisations.cells:
        one = cells[axis][code]
        cells[axis][code] = replace(one, organisations=one.organisations + number)
    return Tally(
        totals=replace(
            totals,
            persons=people.inside,
            organisations=organisations.inside,
            without_address=people.uncertain,
        ),
        before=replace(earlier, persons=people.before, organisations=organisations.before) if before else None,
        cells=cells,
        heat=heat,
        persons=people.seen if history and choice.period.start else None,
        organisations=organisations.seen if history and choice.period.start else None,
    )


def _codes(choice: Choice, word: str, bits: int) -> Iterator[tuple[str, str]]:
    """Name the cells whose bits are set in a word: (axis, code)."""
    kind, _, number = word.partition("_")
    while bits:
        place = (bits & -bits).bit_length() - 1
        bits &= bits - 1
        if kind == "cells":
            yield next(
                (name, axis.codes[place - axis.first])
                for name, axis in AXES.items()
                if axis.first <= place < axis.first + len(axis.codes)
            )
            continue
        place += int(number) * WIDTH
        if kind == "months":
            yield "month", month_of(choice.first_month + place)
        else:
            yield kind.removesuffix("s"), getattr(choice, kind).codes[place]


def _plus(one: Sums, row: Mapping[str, Any]) -> Sums:
    return replace(
        one,
        participations=one.participations + row["participations"],
        minutes=one.minutes + row["minutes"],
        without_organisation=one.without_organisation + row["participations"] - row["with_organisation"],
    )


def _added(
    choice: Choice, rows: Iterable[Mapping[str, Any]]
) -> tuple[Sums, Sums, dict[str, dict[str, Sums]], dict[tuple[str, str], int]]:
    """Take the sums apart: of the period, of the one before, by cell, and of themes by region."""
    totals, earlier = Sums(), Sums()
    cells: dict[str, dict[str, Sums]] = defaultdict(lambda: defaultdict(Sums))
    heat: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        if row["what"] == "cells":
            if not row["inside"]:
                earlier = _plus(earlier, row)
                continue
            totals = _plus(totals, row)
        if not row["inside"]:
            continue
        for axis, code in _codes(choice, row["what"], row["word"]):
            cells[axis][code] = _plus(cells[axis][code], row)
            if axis == "theme":
                heat[code, next(_codes(choice, "cells", row["region"]))[1]] += row["participations"]
    return totals, earlier, cells, heat


class _Different(Struct, frozen=True):
    cells: list[tuple[str, str, int, int]]
    inside: int
    before: int
    uncertain: int
    seen: Seen


_NONE = _Different(cells=[], inside=0, before=0, uncertain=0, seen=Seen(new=0, returning=0))


async def _different(connection: Connection, choice: Choice, key: str, *, history: bool, by_cell: bool) -> _Different:
    """Count the different persons, or organisations, of every cell: (axis, code, number, those without an address)."""
    made = passes.rows(choice, None if history else choice.period.start)
    widths = _widths(choice, made) if by_cell else {}
    rows = await made.fetch(connection, passes.different(made, key, choice.merged[key], widths))
    parts = passes.parts(widths)
    cells: list[tuple[str, str, int, int]] = []
    seen: dict[int, int] = defaultdict(int)
    for row in rows:
        if row["part"] is None:
            seen[row["bits"]] += row["number"]
            continue
        word, shift = parts[row["part"]]
        unsure = row["bits"] & ~row["sure"]
        cells += [(*cell, row["number"], 0) for cell in _codes(choice, word, row["bits"] << shift)]
        cells += [(*cell, 0, row["number"]) for cell in _codes(choice, word, unsure << shift)]
    return _Different(
        cells=cells,
        inside=_those(seen, INSIDE),
        before=_those(seen, BEFORE),
        uncertain=_those(seen, INSIDE, without=CERTAIN),
        seen=Seen(new=_those(seen, INSIDE, without=EARLIER), returning=_those(seen, INSIDE | EARLIER)),
    )


def _those(seen: Mapping[int, int], bits: int, *, without: int = 0) -> int:
    return sum(number for each, number in seen.items() if each & bits == bits and not each & without)


def _widths(choice: Choice, made: Rows) -> dict[str, int]:
    """How many bits of each word may be set."""
    last = max(AXES.values(), key=lambda axis: axis.first)
    lengths = {"months": choice.months, "themes": len(choice.themes.codes), "projects": len(choice.projects.codes)}
    widths = {}
    for name in made.words:
        kind, _, number = name.partition("_")
        widths[name] = min(WIDTH, lengths[kind] - int(number) * WIDTH) if number else last.first + len(last.codes)
    return widths
