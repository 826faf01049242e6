"""Reports for staff: the page and its files."""

from urllib.parse import urlencode

from litestar import Response, get
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may_somewhere
from events.core import clock
from events.core.file_types import MEDIA_TYPES
from events.core.small_groups import SMALLEST
from events.core.web import AnyRequest, page
from events.network import queries as network
from events.reports import exports, words
from events.reports.access import may_open, report_for, sees_small_groups
from events.reports.charts import charts
from events.reports.filters import NAMES, filter_form, parse_filters
from events.reports.pdf import pdf_file
from events.reports.shapes import ParticipationReport

PATH = "/staff/reports/participation"

KINDS = ("csv", "xlsx", "pdf", "json")


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
        rows_base=f"{PATH}/rows?{urlencode({**given(request), 'back': 'report'})}&",
        rows_shown=may_somewhere(actor, Action.SEE_PERSONS_IN_REPORTS, now=now),
        smallest=SMALLEST,
        opens=await may_open(actor, [*made.events, *made.not_reconciled], now=now),
        protected=not sees_small_groups(actor, now),
        widened=(made.filters.start, made.filters.end) != (form.filters.start, form.filters.end),
    )


@get([f"{PATH}.{kind}" for kind in KINDS], guards=[Requires(Action.SEE_REPORTS)], include_in_schema=False)
async def download(request: AnyRequest) -> Response[bytes] | Response[ParticipationReport]:
    """The same as a file."""
    kind = request.url.path.rsplit(".", 1)[1]
    filters = await parse_filters(given(request))
    made = await report_for(actor_of(request), filters, now=clock.now())
    headers = {"content-disposition": f'attachment; filename="participation.{kind}"'}
    if kind == "json":
        return Response(made, headers=headers, media_type=MEDIA_TYPES[kind])
    content = (
        exports.csv_file(made) if kind == "csv" else await {"xlsx": exports.xlsx_file, "pdf": pdf_file}[kind](made)
    )
    return Response(content, headers=headers, media_type=MEDIA_TYPES[kind])


def given(request: AnyRequest) -> dict[str, str]:
    """Return the filters that stand in the address."""
    return {name: value for name in NAMES if (value := request.query_params.get(name))}


ROUTES: list[ControllerRouterHandler] = [show, download]
