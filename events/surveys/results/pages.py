"""The results of an event's surveys, for staff."""

from litestar import get
from litestar.params import FromPath
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import NotFound
from events.core.web import AnyRequest, page
from events.programme import queries as programme
from events.surveys import queries
from events.surveys.results.queries import by_name, results
from events.surveys.tables import SurveyKind


@get("/staff/events/{slug:str}/survey", guards=[Requires(Action.SEE_SURVEY_RESULTS)], include_in_schema=False)
async def show_results(request: AnyRequest, slug: FromPath[str]) -> Template:
    """What was answered to one survey (`of`), from five answers on; free texts for who may see who took part."""
    event, actor, now = await programme.by_slug(slug), actor_of(request), clock.now()
    if event is None or not may(actor, Action.SEE_SURVEY_RESULTS, now=now, event_id=event.id, region=event.host_region):
        raise NotFound
    surveys = await queries.surveys_of(event.id)
    wanted = request.query_params.get("of", SurveyKind.FEEDBACK)
    shown = next((survey for survey in surveys if survey.which == wanted), None)
    if shown is None:
        raise NotFound
    texts_shown = may(actor, Action.SEE_REGISTRATIONS, now=now, event_id=event.id, region=event.host_region)
    return page(
        request,
        "surveys/results.html",
        event=event,
        surveys=[survey for survey in surveys if survey.id or survey.kind is SurveyKind.FEEDBACK],
        shown=shown,
        survey=await results(event.id, shown),
        texts_shown=texts_shown,
        by_name=await by_name(shown) if texts_shown else [],
        builds=may(actor, Action.EDIT_EVENTS, now=now, event_id=event.id, region=event.host_region),
        now=now,
    )


ROUTES: list[ControllerRouterHandler] = [show_results]
