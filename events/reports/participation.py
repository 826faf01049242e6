"""The participation report: the four numbers and their break-downs, from one snapshot of the database."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from asyncpg import Connection, Record

from events.core.i18n import pick
from events.core.replica import snapshot
from events.core.rounding import rounded
from events.core.text import sort_key
from events.network import queries as network
from events.reports import words
from events.reports.counting import found, passes
from events.reports.counting.choice import Choice, choose
from events.reports.counting.layout import KINDS_AND_ROLES
from events.reports.counting.tally import Sums, Tally, tally
from events.reports.filters import Filters, Reach
from events.reports.shapes import Beside, BreakDown, Cell, EventLine, Mark, ParticipationReport
from events.reports.unsure import uncertain

EVERYTHING = Reach()

_DEFINED = (*words.FIGURES, "uncertain", "protected", "not_reconciled", "overlapping", "company_size")


async def report(filters: Filters, *, now: datetime, reach: Reach = EVERYTHING) -> ParticipationReport:
    """Count the participations that `filters` let in, of the events within `reach`.

    All figures come from one REPEATABLE READ snapshot. Events held before `now` but not reconciled are named and left
    out. The names are in the present language.
    """
    async with snapshot() as connection:
        await connection.execute(passes.SETTINGS)
        choice = await choose(connection, filters, reach)
        counted = await tally(connection, choice, history=False)
        return await _assemble(connection, choice, counted, reach, now)


async def _assemble(
    connection: Connection, choice: Choice, counted: Tally, reach: Reach, now: datetime
) -> ParticipationReport:
    filters = choice.filters
    given = found.arguments(filters, reach)
    totals = cell_of("", "", counted.totals)
    break_downs = [await _break_down(by, counted.cells.get(by, {})) for by in (*found.DIMENSIONS, *found.OVERLAPPING)]
    events = await _events(connection, choice)
    return ParticipationReport(
        filters=filters,
        filter_names=await filter_names(filters),
        made_at=now,
        rule=words.rule(filters.project),
        definitions={name: str(words.DEFINITIONS[name]) for name in _DEFINED},
        totals=totals,
        person_days=days(totals.minutes),
        uncertain=await uncertain(connection, filters, reach),
        break_downs=break_downs,
        not_counted=await _not_counted(connection, choice),
        events=events,
        not_reconciled=[event_line(row) for row in await connection.fetch(found.NOT_RECONCILED, *given, now)],
        marks=await _marks(connection, filters, events),
    )


async def _events(connection: Connection, choice: Choice) -> list[EventLine]:
    made = passes.rows(choice, choice.period.start)
    sums = {row["event"]: row for row in await made.fetch(connection, passes.by_event(made))}
    names = await connection.fetch(found.EVENTS, list(sums))
    return [event_line(row, sums[row["id"]]) for row in names]


async def _not_counted(connection: Connection, choice: Choice) -> list[Beside]:
    """Return what does not count, by the first reason that holds: the kind of event, else the role."""
    made = passes.rows(choice, choice.period.start)
    sums: dict[tuple[str, str], int] = {}
    for row in await made.fetch(connection, passes.not_counted(made)):
        kind_counts = any(
            bits & allowed[place] & (wanted if choice.wanted else -1)
            for bits, allowed, wanted in zip(
                row["projects"], choice.allowed, choice.wanted or row["projects"], strict=True
            )
            for place, (kind, _role) in enumerate(KINDS_AND_ROLES)
            if kind == row["event_kind"]
        )
        why = ("role", row["role"]) if kind_counts else ("kind", row["event_kind"])
        sums[why] = sums.get(why, 0) + row["participations"]
    return [_beside(why, code, number) for (why, code), number in sorted(sums.items())]


async def _marks(connection: Connection, filters: Filters, events: list[EventLine]) -> list[Mark]:
    """The marks of the project that was asked for, else of all projects whose events are counted."""
    codes = [filters.project] if filters.project else []
    if not codes:
        rows = await connection.fetch(found.PROJECTS_OF_EVENTS, [line.slug for line in events])
        codes = [row["code"] for row in rows]
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


async def filter_names(filters: Filters) -> dict[str, str]:
    """Name in the present language what some filters let in: name of the filter → name of its value."""
    chosen = {
        "region": ("region", filters.region),
        "theme": ("theme", filters.theme),
        "kind": ("event_kind", filters.kind),
        "host": ("region", filters.host),
        "type": ("organisation_type", filters.type),
        "size": ("size_class", filters.size),
        "mode": ("site_mode", filters.mode),
    }
    names = {name: (await words.cell_names(by)).get(code, code) for name, (by, code) in chosen.items() if code}
    return {**names, **({"series": await words.series_name(filters.series)} if filters.series else {})}


def days(minutes: int | None) -> float | None:
    """Person-days of eight hours, to two decimals."""
    return None if minutes is None else rounded(Decimal(minutes) / 480)


async def _break_down(by: str, counted: Mapping[str, Sums]) -> BreakDown:
    names = await words.cell_names(by)
    cells = [
        cell_of(code, words.month_name(code) if by == "month" else names.get(code, code), sums)
        for code, sums in counted.items()
    ]
    return BreakDown(
        by=by,
        name=str(words.BREAK_DOWNS[by]),
        overlapping=by in found.OVERLAPPING,
        cells=in_order(by, cells, names),
    )


def in_order(by: str, cells: list[Cell], names: Mapping[str, str]) -> list[Cell]:
    """Sort cells as readers look for them: months and sizes by themselves, others by name, the unknown last."""
    if by in {"size_class", "event_kind"}:
        order = {code: place for place, code in enumerate(names)}
        return sorted(cells, key=lambda cell: order.get(cell.code, len(order)))
    if by == "month":
        return sorted(cells, key=lambda cell: cell.code)
    return sorted(cells, key=lambda cell: (cell.code in {"abroad", "unknown", "none"}, sort_key(cell.name)))


def cell_of(code: str, name: str, sums: Sums) -> Cell:
    """Show what was counted of a cell."""
    return Cell(
        code=code,
        name=name,
        participations=sums.participations,
        persons=sums.persons,
        organisations=sums.organisations,
        minutes=sums.minutes,
        hours=rounded(Decimal(sums.minutes) / 60),
        without_address=sums.without_address,
        without_organisation=sums.without_organisation,
    )


def _beside(why: str, code: str, number: int) -> Beside:
    names = words.KINDS if why == "kind" else words.ROLES
    return Beside(why=why, code=code, name=str(names.get(code, code)), participations=number)


def event_line(row: Record, sums: Mapping[str, int] | None = None) -> EventLine:
    """Show an event, with its sums where there are any."""
    title, title_language = pick({code: row[f"title_{code}"] for code in ("fi", "sv", "en")})
    figures = {name: sums[name] for name in ("participations", "minutes")} if sums else {}
    return EventLine(
        slug=row["slug"],
        title=title,
        title_language=title_language,
        kind=row["kind"],
        held_on=row["held_on"],
        **figures,
    )
