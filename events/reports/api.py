"""Reports as JSON."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.web import AnyRequest, require_known
from events.reports.access import dashboard_for, effect_for, report_for
from events.reports.dashboard.shapes import Dashboard
from events.reports.effect.shapes import NetworkEffect
from events.reports.filters import NAMES, Filters, parse_filters
from events.reports.shapes import ParticipationReport


async def asked(
    request: AnyRequest,
    *,
    start: Annotated[str | None, QueryParameter(name="from", description="First day, as 2026-01-31.")] = None,
    end: Annotated[str | None, QueryParameter(name="to", description="Last day.")] = None,
    project: Annotated[str | None, QueryParameter(description="Code of a project.")] = None,
    region: Annotated[
        str | None, QueryParameter(description="The participants' region: its code, `abroad` or `unknown`.")
    ] = None,
    theme: Annotated[str | None, QueryParameter(description="Code of a theme.")] = None,
    kind: Annotated[str | None, QueryParameter(description="Kind of event.")] = None,
    host: Annotated[str | None, QueryParameter(description="Code of the region that hosted the event.")] = None,
    series: Annotated[str | None, QueryParameter(description="Id of a series.")] = None,
    organisation_type: Annotated[
        str | None, QueryParameter(name="type", description="Type of the participants' organisation.")
    ] = None,
    size: Annotated[str | None, QueryParameter(description="Size class of the participants' organisation.")] = None,
    mode: Annotated[str | None, QueryParameter(description="How they attended: `venue` or `online`.")] = None,
) -> Filters:
    """The filters in the address, which all reports share."""
    require_known(request, NAMES)
    given = {
        "from": start,
        "to": end,
        "project": project,
        "region": region,
        "theme": theme,
        "kind": kind,
        "host": host,
        "series": series,
        "type": organisation_type,
        "size": size,
        "mode": mode,
    }
    return await parse_filters({name: value for name, value in given.items() if value is not None})


FILTERS = {"filters": Provide(asked)}


@get(
    "/api/v1/reports/participation", guards=[Requires(Action.SEE_REPORTS)], opt={"machine": True}, dependencies=FILTERS
)
async def participation(request: AnyRequest, *, filters: NamedDependency[Filters]) -> ParticipationReport:
    """The participation report: totals, break-downs, events, and what was left out; names in the request's language."""
    return await report_for(actor_of(request), filters, now=clock.now())


@get("/api/v1/reports/dashboard", guards=[Requires(Action.SEE_REPORTS)], opt={"machine": True}, dependencies=FILTERS)
async def dashboard(request: AnyRequest, *, filters: NamedDependency[Filters]) -> Dashboard:
    """The dashboard's figures with their definitions, of one moment; filters as in the participation report."""
    return await dashboard_for(actor_of(request), filters, now=clock.now())


@get("/api/v1/reports/network", guards=[Requires(Action.SEE_REPORTS)], opt={"machine": True}, dependencies=FILTERS)
async def network(request: AnyRequest, *, filters: NamedDependency[Filters]) -> NetworkEffect:
    """The network effect with its definitions, of one moment; filters as in the participation report.

    `matrix` holds each pair of regions with links once, and nothing changes when the two are swapped.
    """
    return await effect_for(actor_of(request), filters, now=clock.now())


ROUTES: list[ControllerRouterHandler] = [participation, dashboard, network]
