"""What a reader without the right to see persons could compute from all the figures there are.

The attacker knows the programme: of each event the day, kind, themes, host, series and projects, and which figures are
nought. Unknown is how many of each region, type and size, and of each way of attending, an event had. Every figure that
is shown is an equation; a small group is found when it is a linear combination of them.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import combinations, product
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from events.core import database
from events.core.replica import snapshot
from events.core.small_groups import SMALLEST
from events.reports.counting.layout import months_until
from events.reports.dashboard.seen_by import whole_months
from events.reports.dashboard.shapes import Dashboard
from events.reports.filters import Filters
from events.reports.participation import EVERYTHING
from events.reports.protection.lots import half_year
from events.reports.protection.scan import told
from events.reports.protection.showing import PLACES, showing
from events.reports.shapes import Cell, ParticipationReport
from tests.reports.world import SERIES, Row, World, admitted, counts

PRIME = (1 << 61) - 1
"""Elimination is done modulo it: exact where no determinant happens to be a multiple."""

Unknown = tuple[int, frozenset[str], str, tuple[str, str], str]
"""Event, projects that count it, region, type and size, way of attending."""
Figure = frozenset[Unknown]
Parts = Callable[[str, str, Unknown], bool]
"""Given a break-down and a code, whether its cell tells of some of those in it, too."""
BITS = {"none": 1, "P1": 2, "P2": 4}

BREAKS = {
    "regions": "region",
    "months": "month",
    "organisation_types": "organisation_type",
    "size_classes": "size_class",
    "event_kinds": "event_kind",
    "site_modes": "site_mode",
    "themes": "theme",
    "projects": "project",
}


def cells_of(made: Dashboard, part: str) -> list[Cell]:
    """Return the cells of a part by its name."""
    return [tile.cell for tile in made.regions] if part == "regions" else getattr(made, part)


CHOICES: dict[str, list[dict[str, Any]]] = {
    "project": [{"project": code} for code in ("P1", "P2")],
    "period": [
        {"start": date(2026, 2, 1)},
        {"end": date(2026, 1, 31)},
        {"end": date(2026, 2, 28)},
        {"end": date(2026, 12, 31)},
        {"start": date(2026, 2, 1), "end": date(2026, 2, 28)},
        {"start": date(2027, 1, 1)},
        {"start": date(2027, 1, 1), "end": date(2027, 6, 30)},
        {"start": date(2026, 7, 1), "end": date(2026, 12, 31)},
        {"start": date(2026, 3, 1), "end": date(2027, 2, 28)},
    ],
    "kind": [{"kind": kind} for kind in ("meeting", "workshop")],
    "theme": [{"theme": theme} for theme in ("digitalisation", "low-carbon")],
    "host": [{"host": host} for host in ("06", "14")],
    "series": [{"series": SERIES}],
    "region": [{"region": region} for region in ("06", "14", "unknown")],
    "type": [{"type": kind} for kind in ("company", "university")],
    "size": [{"size": size} for size in ("micro", "small", "none")],
    "mode": [{"mode": mode} for mode in ("venue", "online")],
}


def views(most: int) -> Iterator[Filters]:
    """All filters of which at most so many are chosen."""
    for number in range(most + 1):
        for names in combinations(CHOICES, number):
            for chosen in product(*(CHOICES[name] for name in names)):
                yield Filters(**{name: value for each in chosen for name, value in each.items()})


class Attack:
    """What can be known, and what has been told."""

    def __init__(self, world: World) -> None:
        self.world = world
        kinds = {(row.organisation_type, row.size_class) for row in world.rows}
        regions = {self.of(row)[2] for row in world.rows}
        self.unknown = [
            (event, projects, region, kind, mode)
            for event, projects in sorted({self.of(row)[:2] for row in world.rows}, key=str)
            for region, kind in product(sorted(regions), sorted(kinds))
            for mode in sorted({row.mode for row in world.rows if row.event == event})
        ]
        self.told: dict[Figure, int] = {}

    def of(self, row: Row) -> Unknown:
        projects = frozenset(code for code in self.world.events[row.event].projects if counts(row, self.world, code))
        counted = projects if self.world.events[row.event].projects else frozenset({"none"})
        return row.event, counted, row.region or "unknown", (row.organisation_type, row.size_class), row.mode

    def figure(self, wanted: Filters, by: str = "", code: str = "") -> Figure:
        """Which of the unknown a figure is the sum of."""
        return frozenset(each for each in self.unknown if each[1] and self._in(each, wanted, by, code))

    def _in(self, each: Unknown, wanted: Filters, by: str, code: str) -> bool:
        event, projects, region, (kind, size), mode = each
        held = self.world.events[event]
        cells = {
            "region": region,
            "organisation_type": kind,
            "size_class": size,
            "site_mode": mode,
            "event_kind": held.kind,
            "month": f"{held.held_on:%Y-%m}",
            "event": str(event),
        }
        several = {"theme": held.themes or ("none",), "project": projects}
        return (
            wanted.region in {None, region}
            and wanted.type in {None, kind}
            and wanted.size in {None, size}
            and wanted.mode in {None, mode}
            and wanted.kind in {None, held.kind}
            and wanted.host in {None, held.host}
            and (wanted.series is None or held.series is not None)
            and (wanted.theme is None or wanted.theme in held.themes)
            and (wanted.project is None or wanted.project in projects)
            and (wanted.start is None or wanted.start <= held.held_on)
            and (wanted.end is None or held.held_on <= wanted.end)
            and (not by or (code in several[by] if by in several else cells[by] == code))
        )

    def hear(
        self,
        wanted: Filters,
        made: ParticipationReport | Dashboard,
        slugs: dict[str, str],
        *,
        counted: Callable[[Unknown], bool] = lambda _each: True,
        parts: Parts = lambda _by, _code, _each: True,
    ) -> None:
        """Take down every number of participations that is shown, of what is counted.

        Of participants' cells `parts` are shown (`parts_shown`): the attacker knows how we put them together.
        """
        figures: list[tuple[str, Cell]] = [("", made.totals)]
        if isinstance(made, Dashboard):
            figures += [(by, cell) for part, by in BREAKS.items() for cell in cells_of(made, part)]
            for heat in made.heat:
                cells = self.figure(wanted, "theme", heat.theme) & self.figure(wanted, "region", heat.region)
                self.told[cells] = heat.participations
        else:
            figures += [(each.by, cell) for each in made.break_downs for cell in each.cells]
            figures += [
                ("event", Cell(code=slugs[line.slug], participations=line.participations)) for line in made.events
            ]
        for by, cell in figures:
            chosen = (by, cell.code) if by else next(((n, c) for n, c in _on_participants(wanted)), ("", ""))
            figure = self.figure(wanted, by, cell.code)
            inside = frozenset(each for each in figure if counted(each) and parts(*chosen, each))
            if cell.participations is not None and inside:
                assert cell.participations == sum(self.of(row) in inside for row in self.world.rows)
                self.told[inside] = cell.participations

    def found(self, targets: set[Figure]) -> list[Figure]:
        """Return which targets are linear combinations of what was told."""
        nought = {each for figure, number in self.told.items() if number == 0 for each in figure}
        left = {each: place for place, each in enumerate(one for one in self.unknown if one not in nought)}
        known = Span(len(left))
        for figure, number in self.told.items():
            if number:
                known.add([left[each] for each in figure if each in left])
        return [target for target in targets if known.holds([left[each] for each in target if each in left])]


class Span:
    """The linear combinations of some sums."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.rows: dict[int, list[int]] = {}

    def _reduced(self, places: list[int]) -> list[int]:
        row = [0] * self.width
        for place in places:
            row[place] = 1
        for lead, other in self.rows.items():
            if factor := row[lead]:
                row = [(a - factor * b) % PRIME for a, b in zip(row, other, strict=True)]
        return row

    def add(self, places: list[int]) -> None:
        row = self._reduced(places)
        lead = next((place for place, value in enumerate(row) if value), None)
        if lead is not None:
            inverse = pow(row[lead], -1, PRIME)
            self.rows[lead] = [value * inverse % PRIME for value in row]

    def holds(self, places: list[int]) -> bool:
        return not any(self._reduced(places))


async def told_at(events: list[UUID], now: datetime | None) -> Callable[[Unknown], bool]:
    """Say what is told of a world at a time (`scan.told`): readers can see which, for figures move."""
    async with snapshot() as connection:
        reach = await told(connection, EVERYTHING, now)
    closed = {row["id"]: row["closed"] for row in await database.fetch("SELECT id, reconciled_at AS closed FROM event")}

    def is_told(each: Unknown) -> bool:
        event, at = events[each[0]], closed[events[each[0]]]
        until = reach.closed_before is None or (at and at.year * 12 + at.month - 1 < reach.closed_before)
        return bool(at and until and (str(sum(BITS[code] for code in each[1])), event) not in reach.untold)

    return is_told


async def parts_shown(world: World, events: list[UUID], wanted: Filters, now: datetime | None) -> Parts:
    """Say of which of a cell's participants the service tells: of its blocks that are whole in the filters."""
    wanted = whole_months(wanted)
    async with snapshot() as connection:
        seen = await showing(connection, wanted, await told(connection, EVERYTHING, now))
    bases = [
        (place.of, base) for base in seen._blocks._bases for place in [seen._blocks._scanned.atoms[min(base.atoms)]]
    ]
    told_of = {
        (dimension, *of, value): block.values
        for of, base in bases
        if base.apart <= seen._atoms
        for dimension, blocks in base.blocks.items()
        for block in blocks
        for value in block.values
    }

    def is_part(by: str, code: str, each: Unknown) -> bool:
        if by not in PLACES:
            return True
        dimension, place = PLACES[by]
        value = (each[2],) if dimension == "region" else each[3]
        held = world.events[each[0]].held_on
        of = (str(sum(BITS[code] for code in each[1])), half_year(months_until(held.year, held.month)))
        together = told_of.get((dimension, *of, value))
        if (of[0], events[each[0]]) not in seen._blocks._scanned.apart:
            return False
        return together is not None and all(other[place] == code for other in together)

    return is_part


def _on_participants(wanted: Filters) -> list[tuple[str, str]]:
    chosen = {"region": wanted.region, "organisation_type": wanted.type, "size_class": wanted.size}
    return [(by, code) for by, code in chosen.items() if code]


def small_groups(attack: Attack, most: int) -> set[Figure]:
    """Every cell of every view that stands for one to four persons, every event with so few, and every part of one."""
    found: set[Figure] = set()
    for event, projects in {each[:2] for each in attack.unknown}:
        if len({row.person for row in attack.world.rows if attack.of(row)[:2] == (event, projects)}) < SMALLEST:
            found.add(frozenset(each for each in attack.unknown if each[:2] == (event, projects)))
    for wanted in views(most):
        inside = [row for row in admitted(attack.world, replace(wanted, project=None)) if attack.of(row)[1]]
        cells = [(by, code) for by in (*BREAKS.values(), "event") for code in _codes(attack, by)]
        for by, code in [("", ""), *cells]:
            figure = attack.figure(wanted, by, code)
            persons = {row.person for row in inside if attack.of(row) in figure}
            if 0 < len(persons) < SMALLEST:
                found.add(figure)
    return found


def _codes(attack: Attack, by: str) -> set[str]:
    held = attack.world.events
    return {
        "region": {each[2] for each in attack.unknown},
        "organisation_type": {each[3][0] for each in attack.unknown},
        "size_class": {each[3][1] for each in attack.unknown},
        "site_mode": {"venue", "online"},
        "event_kind": {each.kind for each in held},
        "month": {f"{each.held_on:%Y-%m}" for each in held},
        "theme": {"digitalisation", "low-carbon", "none"},
        "project": {"P1", "P2", "none"},
        "event": {str(number) for number in range(len(held))},
    }[by]
