"""Reports for staff: the page, its files, and the rows behind a figure."""

from urllib.parse import urlencode

from litestar import Response, get
from litestar.response import Stream, Template
from litestar.types import ControllerRouterHandler

from events.accounts import audit
from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may_somewhere
from events.core import clock
from events.core.web import AnyRequest, page, page_number
from events.network import queries as network
from events.reports import exports, rows_file, words
from events.reports.access import reach_of, report_for
from events.reports.charts import charts
from events.reports.filters import NAMES, filter_form, parse_filters
from events.reports.pdf import pdf_file
from events.reports.rows import PAGE, rows
from events.reports.shapes import ParticipationReport
from events.reports.suppression import SMALLEST

PATH = "/staff/reports/participation"

BACK = {"dashboard": "/staff/reports"}
"""Pages beside the report whose figures open down to rows, by the name that leads back."""

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "json": "application/json",
}


@get(PATH, guards=[Requires(Action.SEE_REPORTS)], include_in_schema=False)
async def show(request: AnyRequest) -> Template:
    """The report for the filters in the address."""
    form = await filter_form(given(request))
    if not form.validate():
        return page(request, "reports/participation.html", status=422, form=form, made=None)
    actor, now = actor_of(request), clock.now()
    made = await report_for(actor, form.filters, now=now)
    return page(
        request,
        "reports/participation.html",
        form=form,
        made=made,
        charts=await charts(made),
        projects=await network.projects(mark.code for mark in made.marks),
        words=words,
        query=urlencode(given(request)),
        rows_base=f"{PATH}/rows?{urlencode({**given(request), 'page': 1})}&",
        rows_shown=may_somewhere(actor, Action.SEE_PERSONS_IN_REPORTS, now=now),
        smallest=SMALLEST,
    )


@get([f"{PATH}.{kind}" for kind in TYPES], guards=[Requires(Action.SEE_REPORTS)], include_in_schema=False)
async def download(request: AnyRequest) -> Response[bytes] | Response[ParticipationReport]:
    """The same as a file."""
    kind = request.url.path.rsplit(".", 1)[1]
    filters = await parse_filters(given(request))
    made = await report_for(actor_of(request), filters, now=clock.now())
    headers = {"content-disposition": f'attachment; filename="participation.{kind}"'}
    if kind == "json":
        return Response(made, headers=headers, media_type=TYPES[kind])
    content = (
        exports.csv_file(made) if kind == "csv" else await {"xlsx": exports.xlsx_file, "pdf": pdf_file}[kind](made)
    )
    return Response(content, headers=headers, media_type=TYPES[kind])


@get(f"{PATH}/rows", guards=[Requires(Action.SEE_PERSONS_IN_REPORTS)], include_in_schema=False)
async def show_rows(request: AnyRequest) -> Template:
    """The participations behind a figure, with their persons."""
    filters = await parse_filters(given(request))
    asked = request.query_params
    number = page_number(request)
    reach = reach_of(actor_of(request), Action.SEE_PERSONS_IN_REPORTS, clock.now())
    by, cell, back = asked.get("by", ""), asked.get("cell", ""), asked.get("back", "")
    found, total = await rows(filters, reach, by=by, cell=cell, page=number)
    kept = {**given(request), "by": by, "cell": cell, **({"back": back} if back in BACK else {})}
    return page(
        request,
        "reports/rows.html",
        rows=found,
        total=total,
        words=words,
        regions=await words.cell_names("region"),
        number=number,
        pages=-(-total // PAGE),
        base=f"{PATH}/rows?{urlencode(kept)}&page=",
        kept=urlencode(kept),
        back=f"{BACK.get(back, PATH)}?{urlencode(given(request))}",
    )


@get(
    [f"{PATH}/rows.csv", f"{PATH}/rows.xlsx"], guards=[Requires(Action.SEE_PERSONS_IN_REPORTS)], include_in_schema=False
)
async def rows_as_file(request: AnyRequest) -> Stream:
    """All of the participations behind a figure as a file, made on disk and sent in pieces."""
    kind = request.url.path.rpartition(".")[2]
    filters = await parse_filters(given(request))
    actor, now = actor_of(request), clock.now()
    chosen = {name: request.query_params.get(name, "") for name in ("by", "cell")}
    reach = reach_of(actor, Action.SEE_PERSONS_IN_REPORTS, now)
    told = {"format": kind, "filters": sorted(given(request))}
    await audit.record(actor, "participations.exported", "report", "participation", now, **told)
    write = rows_file.csv_file if kind == "csv" else rows_file.xlsx_file
    return Stream(
        write(filters, reach, **chosen),
        media_type=TYPES[kind],
        headers={
            "content-disposition": f'attachment; filename="participations.{kind}"',
            "cache-control": "no-store",
        },
    )


def given(request: AnyRequest) -> dict[str, str]:
    """Return the filters that stand in the address."""
    return {name: value for name in NAMES if (value := request.query_params.get(name))}


ROUTES: list[ControllerRouterHandler] = [show, download, show_rows, rows_as_file]
