"""The dashboard for staff: its page, each part as CSV, all of it as a workbook or JSON."""

from datetime import date
from urllib.parse import urlencode

from litestar import Response, get
from litestar.response import Template
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may_somewhere
from events.core import clock, database
from events.core.file_types import MEDIA_TYPES
from events.core.small_groups import SMALLEST
from events.core.web import AnyRequest, page
from events.programme.rules import ZONE, to_local
from events.reports import words
from events.reports.access import dashboard_for, may_open
from events.reports.counting.layout import REGIONS
from events.reports.dashboard import files, parts
from events.reports.dashboard.asked import in_words, presets
from events.reports.dashboard.charts import charts, heat
from events.reports.dashboard.shapes import Dashboard
from events.reports.filters import filter_form, parse_filters
from events.reports.pages import given
from events.reports.rows_pages import BACK

PATH = BACK["dashboard"]
FILES = f"{PATH}/dashboard"
ROWS = f"{PATH}/participation/rows"


class Tile(Struct, frozen=True):
    """A region on the map: its participations (None: hidden), its rows, and whether the project is to reach it."""

    code: str
    name: str
    count: int | None
    url: str
    target: bool


@get(PATH, guards=[Requires(Action.SEE_REPORTS)], include_in_schema=False)
async def show(request: AnyRequest) -> Template:
    """The dashboard for the filters in the address."""
    asked = given(request)
    form = await filter_form(asked)
    if not form.validate():
        return page(request, "reports/dashboard.html", status=422, form=form, made=None)
    actor, now = actor_of(request), clock.now()
    made = await dashboard_for(actor, form.filters, now=now)
    rows_shown = may_somewhere(actor, Action.SEE_PERSONS_IN_REPORTS, now=now)
    rows_base = f"{ROWS}?{urlencode({**asked, 'back': 'dashboard'})}&"
    return page(
        request,
        "reports/dashboard.html",
        form=form,
        made=made,
        asked=in_words(made, asked),
        presets=presets(asked, to_local(now, ZONE).date(), await _period(form.filters.project)),
        widened=(made.filters.start, made.filters.end) != (form.filters.start, form.filters.end),
        left_out=dict.fromkeys(files.left_out_names(made)),
        charts=await charts(made),
        heat=heat(made),
        tiles=_tiles(made, rows_base if rows_shown else ""),
        reached=_reached(made),
        titles=parts.TITLES,
        parts=parts,
        words=words,
        files=FILES,
        query=urlencode(asked),
        rows_base=rows_base,
        rows_shown=rows_shown,
        smallest=SMALLEST,
        opens=await may_open(actor, made.not_reconciled, now=now),
    )


@get([f"{FILES}/{name}.csv" for name in parts.TITLES], guards=[Requires(Action.SEE_REPORTS)], include_in_schema=False)
async def part_as_csv(request: AnyRequest) -> Response[bytes]:
    """One part with the filters of the page."""
    name = request.url.path.rpartition("/")[2].removesuffix(".csv")
    content = files.csv_file(parts.part(await _made(request), name))
    return Response(content, headers=_headers(f"{name}.csv"), media_type=MEDIA_TYPES["csv"])


@get([f"{FILES}.xlsx", f"{FILES}.json"], guards=[Requires(Action.SEE_REPORTS)], include_in_schema=False)
async def whole(request: AnyRequest) -> Response[bytes] | Response[Dashboard]:
    """All of it; as JSON, what the API answers."""
    kind = request.url.path.rpartition(".")[2]
    made = await _made(request)
    headers = _headers(f"dashboard.{kind}")
    if kind == "json":
        return Response(made, headers=headers, media_type=MEDIA_TYPES[kind])
    return Response(files.xlsx_file(made), headers=headers, media_type=MEDIA_TYPES[kind])


async def _made(request: AnyRequest) -> Dashboard:
    filters = await parse_filters(given(request))
    return await dashboard_for(actor_of(request), filters, now=clock.now())


def _headers(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"'}


def _reached(made: Dashboard) -> dict[str, int | float | None]:
    """Return what stands beside the project's targets, by the targets' names."""
    totals = made.totals
    return {
        "participations": totals.participations,
        "persons": totals.persons,
        "organisations": totals.organisations,
        "person_hours": totals.hours,
    }


async def _period(project: str | None) -> tuple[date, date] | None:
    if project is None:
        return None
    row = await database.fetchrow("SELECT starts_on, ends_on FROM project WHERE code = $1", project)
    return (row["starts_on"], row["ends_on"]) if row else None


def _tiles(made: Dashboard, rows: str) -> list[Tile]:
    return [
        Tile(
            tile.cell.code,
            tile.cell.name,
            tile.cell.participations,
            f"{rows}by=region&cell={tile.cell.code}" if rows else "",
            tile.target,
        )
        for tile in made.regions
        if tile.cell.code in REGIONS
    ]


ROUTES: list[ControllerRouterHandler] = [show, part_as_csv, whole]
