"""Making the dashboard: counts, kept or fresh, and what stands beside them, from one snapshot."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from events.core.replica import snapshot
from events.core.rounding import rounded
from events.reports import words
from events.reports.counting import found
from events.reports.counting.choice import Period
from events.reports.counting.layout import AXES
from events.reports.counting.tally import Seen, Sums, Tally
from events.reports.dashboard.kept import Brief, count
from events.reports.dashboard.shapes import Dashboard, Funnel, HeatCell, NewAndReturning, PeriodChange, RegionTile
from events.reports.dashboard.turnout import Turnout
from events.reports.filters import Filters, Reach
from events.reports.participation import EVERYTHING, cell_of, days, event_line, filter_names, in_order
from events.reports.shapes import Cell
from events.reports.unsure import uncertain

_TARGETS = "SELECT target_regions, targets FROM project WHERE code = $1"

ANSWERED_BY_EVENT = f"""
SELECT event.id AS event, max(survey.answered) AS most FROM event JOIN survey ON survey.event = event.id
WHERE event.reconciled_at IS NOT NULL AND {found.CHOSEN_EVENTS}
    AND ($1::date IS NULL OR (event.starts_at AT TIME ZONE event.zone)::date >= $1)
    AND ($2::date IS NULL OR (event.starts_at AT TIME ZONE event.zone)::date <= $2)
    AND ($10::text IS NULL OR event.host_region = $10) AND ($6::text IS NULL OR event.kind = $6)
GROUP BY event.id
"""
"""Someone may answer several surveys of an event: the one with the most answers stands for it."""

_ANSWERED = f"SELECT coalesce(sum(most), 0) FROM ({ANSWERED_BY_EVENT}) AS answered"


async def dashboard(
    filters: Filters, *, now: datetime, reach: Reach = EVERYTHING, brief: Brief | None = None
) -> Dashboard:
    """Return the figures that `filters` let in, of the events within `reach`; names are in the present language.

    Everything comes from one REPEATABLE READ snapshot. Counts are kept while nothing they depend on has changed.
    A `brief` one lacks what takes long and not every reader gets: what is compared, the steps of the funnel, who is
    uncertain, and different persons and organisations of single cells.
    """
    async with snapshot() as connection:
        made = await count(connection, filters, reach, brief)
        unsure = None if brief else await uncertain(connection, filters, reach)
        given = found.arguments(filters, reach)
        answered = 0 if brief else await connection.fetchval(_ANSWERED, *given)
        not_reconciled = [event_line(row) for row in await connection.fetch(found.NOT_RECONCILED, *given, now)]
        project = await connection.fetchrow(_TARGETS, filters.project) if filters.project else None
        targets = project["target_regions"] if project else []
        cells = {by: await _cells(by, made.tally.cells.get(by, {})) for by in (*AXES, "month", "theme", "project")}
        region_names, theme_names = await words.cell_names("region"), await words.cell_names("theme")
        return Dashboard(
            filters=filters,
            filter_names=await filter_names(filters),
            made_at=now,
            rule=words.rule(filters.project),
            definitions={name: str(text) for name, text in words.DEFINITIONS.items()},
            totals=cell_of("", "", made.tally.totals),
            person_days=days(made.tally.totals.minutes),
            uncertain=unsure,
            change=_change(filters, made.tally),
            persons=_seen(made.tally.persons),
            organisations=_seen(made.tally.organisations),
            funnel=_funnel(made.tally, made.turnout, answered),
            months=cells["month"],
            regions=_tiles(cells["region"], region_names, targets),
            organisation_types=cells["organisation_type"],
            size_classes=cells["size_class"],
            event_kinds=cells["event_kind"],
            site_modes=cells["site_mode"],
            themes=cells["theme"],
            projects=cells["project"],
            heat=_heat(made.tally),
            theme_names=dict(theme_names),
            region_names=dict(region_names),
            targets=msgspec.json.decode(project["targets"]) if project else {},
            not_reconciled=not_reconciled,
        )


async def _cells(by: str, counted: Mapping[str, Sums]) -> list[Cell]:
    names = await words.cell_names(by)
    cells = [
        cell_of(code, words.month_name(code) if by == "month" else names.get(code, code), sums)
        for code, sums in counted.items()
    ]
    return in_order(by, cells, names)


def _tiles(cells: list[Cell], names: Mapping[str, str], targets: Collection[str]) -> list[RegionTile]:
    """Add the regions of which nobody came: a map has a tile for each."""
    known = {cell.code: cell for cell in cells}
    shown = (known.get(code, cell_of(code, names.get(code, code), Sums())) for code in AXES["region"].codes)
    return [RegionTile(cell=cell, target=cell.code in targets) for cell in shown]


def _heat(counted: Tally) -> list[HeatCell]:
    return [
        HeatCell(theme=theme, region=region, participations=number)
        for (theme, region), number in sorted(counted.heat.items())
    ]


def _change(filters: Filters, counted: Tally) -> PeriodChange | None:
    period = Period(filters.start, filters.end).before
    if period is None or period.start is None or period.end is None or counted.before is None:
        return None
    now, before = counted.totals, counted.before
    return PeriodChange(
        start=period.start,
        end=period.end,
        before=cell_of("", "", before),
        participations=now.participations - before.participations,
        persons=now.persons - before.persons,
        organisations=now.organisations - before.organisations,
        minutes=now.minutes - before.minutes,
    )


def _seen(seen: Seen | None) -> NewAndReturning | None:
    return None if seen is None else NewAndReturning(new=seen.new, returning=seen.returning)


def _funnel(counted: Tally, turned_out: Turnout, answered: int) -> Funnel:
    attended, no_shows = counted.totals.participations, turned_out.no_shows
    registered = attended + no_shows
    return Funnel(
        invited=turned_out.invited,
        registered=registered,
        attended=attended,
        no_shows=no_shows,
        no_show_rate=rounded(Decimal(no_shows) / registered, 4) if registered else None,
        answered=None if turned_out.invited is None else answered,
    )
