"""The network effect for staff: the page, its files, and the events behind a cell of the matrix."""

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
from events.reports.access import effect_for, may_open, reach_of, sees_small_groups
from events.reports.effect import files
from events.reports.effect.charts import charts
from events.reports.effect.figures import met_at
from events.reports.effect.parts import parts
from events.reports.effect.shapes import NetworkEffect
from events.reports.filters import filter_form, parse_filters
from events.reports.pages import given
from events.reports.words import cell_names

PATH = "/staff/reports/network"

KINDS = ("csv", "xlsx", "json")


@get(PATH, guards=[Requires(Action.SEE_REPORTS)], include_in_schema=False)
async def show(request: AnyRequest) -> Template:
    """The network effect for the filters in the address."""
    form = await filter_form(given(request))
    if not form.validate():
        return page(request, "reports/network.html", status=422, form=form, made=None)
    actor, now = actor_of(request), clock.now()
    made = await effect_for(actor, form.filters, now=now)
    return page(
        request,
        "reports/network.html",
        form=form,
        made=made,
        parts=parts(made),
        charts=await charts(made),
        query=urlencode(given(request)),
        rows_shown=may_somewhere(actor, Action.SEE_PERSONS_IN_REPORTS, now=now),
        smallest=SMALLEST,
        protected=not sees_small_groups(actor, now),
        opens=await may_open(actor, made.not_reconciled, now=now),
    )


@get([f"{PATH}.{kind}" for kind in KINDS], guards=[Requires(Action.SEE_REPORTS)], include_in_schema=False)
async def download(request: AnyRequest) -> Response[bytes] | Response[NetworkEffect]:
    """The same as a file; `part` names one table of a CSV file."""
    kind = request.url.path.rpartition(".")[2]
    filters = await parse_filters(given(request))
    made = await effect_for(actor_of(request), filters, now=clock.now())
    headers = {"content-disposition": f'attachment; filename="network.{kind}"'}
    if kind == "json":
        return Response(made, headers=headers, media_type=MEDIA_TYPES[kind])
    part = request.query_params.get("part", "")
    content = files.csv_file(made, part) if kind == "csv" else files.xlsx_file(made)
    return Response(content, headers=headers, media_type=MEDIA_TYPES[kind])


@get(f"{PATH}/events", guards=[Requires(Action.SEE_PERSONS_IN_REPORTS)], include_in_schema=False)
async def show_events(request: AnyRequest) -> Template:
    """The events at which organisations of two regions met, each with a way to its participations."""
    filters = await parse_filters(given(request))
    reach = reach_of(actor_of(request), Action.SEE_PERSONS_IN_REPORTS, clock.now())
    one, two = (request.query_params.get(name, "") for name in ("one", "two"))
    found = await met_at(filters, reach=reach, region=one, other=two)
    names = await cell_names("region")
    return page(
        request,
        "reports/network_events.html",
        events=found,
        opens=await may_open(actor_of(request), found, now=clock.now()),
        regions=[names[code] for code in (one, two) if found],
        query=urlencode(given(request)),
        back=f"{PATH}?{urlencode(given(request))}#matrix",
    )


ROUTES: list[ControllerRouterHandler] = [show, download, show_events]
