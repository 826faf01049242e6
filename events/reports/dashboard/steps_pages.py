"""The steps of the funnel down to the events that they are the sum of."""

from urllib.parse import urlencode

from litestar import get
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.errors import NotFound
from events.core.web import AnyRequest, page
from events.reports.access import reach_of
from events.reports.called import called
from events.reports.dashboard.parts import DEFINED, STEPS
from events.reports.dashboard.steps import LISTS, PEOPLE, step
from events.reports.filters import parse_filters
from events.reports.pages import given
from events.reports.rows import ALL
from events.reports.rows_pages import BACK
from events.reports.words import DEFINITIONS

PATH = f"{BACK['dashboard']}/steps"


@get(PATH, guards=[Requires(Action.SEE_PERSONS_IN_REPORTS)], include_in_schema=False)
async def show_step(request: AnyRequest) -> Template:
    """The events behind a step, each with a way to its people; of the answers, to their results."""
    name = request.query_params.get("step", "registered")
    if name not in PEOPLE:
        raise NotFound
    filters = await parse_filters(given(request))
    reach = reach_of(actor_of(request), Action.SEE_PERSONS_IN_REPORTS, clock.now())
    lines = await step(filters, reach, name)
    return page(
        request,
        "reports/step.html",
        step=name,
        title=STEPS[name],
        defined=DEFINED.get(name, STEPS[name]),
        definition=DEFINITIONS.get(name, ""),
        lines=lines,
        of_what=await called(filters, ALL),
        list=LISTS[name],
        total=sum(line.number for line in lines or ()),
        back=f"{BACK['dashboard']}?{urlencode(given(request))}#funnel",
    )


ROUTES: list[ControllerRouterHandler] = [show_step]
