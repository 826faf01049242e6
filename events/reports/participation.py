"""The participation report: the four numbers and their break-downs, from one snapshot of the database."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from asyncpg import Connection, Record
from msgspec import Struct

from events.core.i18n import pick
from events.core.replica import snapshot
from events.core.text import sort_key
from events.network import queries as network
from events.reports import counting, words
from events.reports.filters import Filters, Reach

EVERYTHING = Reach()


class Cell(Struct, frozen=True, kw_only=True):
    """The figures of one row of a break-down, or of all; None where they are hidden from the reader.

    `minutes` is exact and adds up; `hours` is the same rounded to two decimals. `without_address` counts persons,
    `without_organisation` participations.
    """

    code: str = ""
    name: str = ""
    participations: int | None = 0
    persons: int | None = 0
    organisations: int | None = 0
    minutes: int | None = 0
    hours: float | None = 0
    without_address: int | None = 0
    without_organisation: int | None = 0

    @property
    def hidden(self) -> bool:
        """Whether the figures are kept from this reader."""
        return self.participations is None


class BreakDown(Struct, frozen=True, kw_only=True):
    """Figures by one property; in an `overlapping` one a participation may stand in several cells."""

    by: str
    name: str
    overlapping: bool
    cells: list[Cell]


class Beside(Struct, frozen=True, kw_only=True):
    """Participations that do not count: in a role (`why` "role") or at a kind of event ("kind") that does not."""

    why: str
    code: str
    name: str
    participations: int | None


class EventLine(Struct, frozen=True, kw_only=True):
    """An event of the report; figures are None where they are hidden or not reconciled."""

    slug: str
    title: str
    title_language: str
    kind: str
    held_on: date
    participations: int | None = None
    minutes: int | None = None


class Mark(Struct, frozen=True, kw_only=True):
    """What the funder of a project asks for beside its figures; `emblem_url` is "" when it has no emblem."""

    code: str
    name: str
    statement: str
    statement_language: str
    emblem_url: str
    emblem_alt: str


class ParticipationReport(Struct, frozen=True, kw_only=True):
    """What `GET /api/v1/reports/participation` answers, and what every page and file is made from."""

    filters: Filters
    filter_names: dict[str, str]
    made_at: datetime
    rule: str
    definitions: dict[str, str]
    totals: Cell
    person_days: float | None
    break_downs: list[BreakDown]
    not_counted: list[Beside]
    events: list[EventLine]
    not_reconciled: list[EventLine]
    marks: list[Mark]

    def cells(self, by: str) -> list[Cell]:
        """Return the cells of one break-down."""
        return next(each.cells for each in self.break_downs if each.by == by)


async def report(filters: Filters, *, now: datetime, reach: Reach = EVERYTHING) -> ParticipationReport:
    """Count the participations that `filters` let in, of the events within `reach`.

    All figures come from one REPEATABLE READ snapshot. Events held before `now` but not reconciled are named and left
    out. The names are in the present language.
    """
    async with snapshot() as connection:
        await connection.execute(counting.SETTINGS)
        given = counting.arguments(filters, reach)
        rows = [dict(row) for row in await connection.fetch(counting.CELLS, *given)]
        for statement in counting.OVERLAPPING_CELLS.values():
            rows += [dict(row) for row in await connection.fetch(statement, *given)]
        return await _assemble(connection, filters, given, rows, now)


async def _assemble(
    connection: Connection, filters: Filters, given: list[Any], rows: list[dict[str, Any]], now: datetime
) -> ParticipationReport:
    totals = next((_cell(row, {}) for row in rows if row["by"] == ""), Cell())
    break_downs = [
        await _break_down(by, [row for row in rows if row["by"] == by])
        for by in (*counting.DIMENSIONS, *counting.OVERLAPPING)
    ]
    events = [_event(row) for row in await connection.fetch(counting.BY_EVENT, *given)]
    return ParticipationReport(
        filters=filters,
        filter_names=await _filter_names(filters),
        made_at=now,
        rule=words.rule(filters.project),
        definitions={name: str(text) for name, text in words.DEFINITIONS.items()},
        totals=totals,
        person_days=days(totals.minutes),
        break_downs=break_downs,
        not_counted=[_beside(row) for row in await connection.fetch(counting.NOT_COUNTED, *given)],
        events=events,
        not_reconciled=[_event(row) for row in await connection.fetch(counting.NOT_RECONCILED, *given, now)],
        marks=await _marks(connection, filters, events),
    )


async def _marks(connection: Connection, filters: Filters, events: list[EventLine]) -> list[Mark]:
    """The marks of the project that was asked for, else of all projects whose events are counted."""
    codes = [filters.project] if filters.project else []
    if not codes:
        found = await connection.fetch(counting.PROJECTS_OF_EVENTS, [line.slug for line in events])
        codes = [row["code"] for row in found]
    return [
        Mark(
            code=project.code,
            name=project.name,
            statement=project.statement[0],
            statement_language=project.statement[1],
            emblem_url=project.emblem_url,
            emblem_alt=project.emblem_alt,
        )
        for project in await network.projects(codes)
    ]


async def _filter_names(filters: Filters) -> dict[str, str]:
    chosen = {
        "region": ("region", filters.region),
        "theme": ("theme", filters.theme),
        "kind": ("event_kind", filters.kind),
    }
    return {name: (await words.cell_names(by)).get(code, code) for name, (by, code) in chosen.items() if code}


def days(minutes: int | None) -> float | None:
    """Person-days of eight hours, to two decimals."""
    return None if minutes is None else round(minutes / 480, 2)


async def _break_down(by: str, rows: list[dict[str, Any]]) -> BreakDown:
    names = await words.cell_names(by)
    cells = [_cell(row, names) for row in rows]
    if by in {"size_class", "event_kind"}:
        order = {code: place for place, code in enumerate(names)}
        cells.sort(key=lambda cell: order.get(cell.code, len(order)))
    elif by == "month":
        cells.sort(key=lambda cell: cell.code)
    else:
        cells.sort(key=lambda cell: (cell.code in {"abroad", "unknown", "none"}, sort_key(cell.name)))
    return BreakDown(by=by, name=str(words.BREAK_DOWNS[by]), overlapping=by in counting.OVERLAPPING, cells=cells)


def _cell(row: Mapping[str, Any], names: Mapping[str, str]) -> Cell:
    code = row["cell"]
    if row["by"] == "month":
        code = f"{code[:4]}-{code[4:]}"
    name = words.month_name(code) if row["by"] == "month" else names.get(code, code)
    figures = {key: row[key] for key in ("participations", "persons", "organisations", "minutes")}
    beside = {key: row[key] for key in ("without_address", "without_organisation")}
    return Cell(code=code, name=name, **figures, **beside, hours=round(row["minutes"] / 60, 2))


def _beside(row: Record) -> Beside:
    names = words.KINDS if row["why"] == "kind" else words.ROLES
    name = str(names.get(row["code"], row["code"]))
    return Beside(why=row["why"], code=row["code"], name=name, participations=row["participations"])


def _event(row: Record) -> EventLine:
    title, title_language = pick({code: row[f"title_{code}"] for code in ("fi", "sv", "en")})
    figures = {name: row[name] for name in ("participations", "minutes") if name in row.keys()}  # noqa: SIM118 - a Record
    return EventLine(
        slug=row["slug"],
        title=title,
        title_language=title_language,
        kind=row["kind"],
        held_on=row["held_on"],
        **figures,
    )
