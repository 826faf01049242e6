"""The network effect for staff: the page, its files, and the pairs and events behind a cell of the matrix."""

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
from events.reports.access import effect_for, may_open, reach_of, rows_are_fewer, sees_small_groups
from events.reports.effect import files, words
from events.reports.effect.behind import met
from events.reports.effect.charts import charts
from events.reports.effect.parts import parts
from events.reports.effect.shapes import NetworkEffect
from events.reports.filters import filter_form, parse_filters
from events.reports.pages import given
from events.reports.words import cell_names

PATH = "/staff/reports/network"

KINDS = ("csv", "xlsx", "json")

MOST_PAIRS = 10**9
"""More than there can be."""


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
    """The pairs of organisations that a number of the matrix counts, and the events at which they met."""
    filters, actor, now = await parse_filters(given(request)), actor_of(request), clock.now()
    asked = {name: request.query_params.get(name, "") for name in ("one", "two")}
    after = _number(request.query_params.get("after", ""))
    reach = reach_of(actor, Action.SEE_PERSONS_IN_REPORTS, now)
    found = await met(filters, reach=reach, region=asked["one"], other=asked["two"], after=after)
    names = await cell_names("region")
    here = {**given(request), **asked}
    return page(
        request,
        "reports/network_events.html",
        found=found,
        opens=await may_open(actor, [each.line for each in found.events], now=now),
        regions=[names[code] for code in asked.values()] if found.links else [],
        fewer=rows_are_fewer(actor, now),
        words=words,
        query=urlencode(given(request)),
        back=f"{PATH}?{urlencode(given(request))}#matrix",
        first=f"{PATH}/events?{urlencode(here)}" if after else "",
        next=f"{PATH}/events?{urlencode({**here, 'after': found.next})}" if found.next else "",
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(MOST_PAIRS)) else 0


ROUTES: list[ControllerRouterHandler] = [show, download, show_events]
