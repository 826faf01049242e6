"""The results of an event's surveys, for staff: the page and its files."""

from litestar import Response, get
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
from events.surveys.queries import SurveyView
from events.surveys.results.charts import heat_map
from events.surveys.results.figures import figures
from events.surveys.results.files import Made, key_figures, pdf_file, xlsx_file
from events.surveys.results.queries import by_name, results
from events.surveys.sending.queries import sending_of
from events.surveys.tables import SurveyKind

GUARDS = [Requires(Action.SEE_SURVEY_RESULTS)]
PATH = "/staff/events/{slug:str}/survey"

_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


@get(PATH, guards=GUARDS, include_in_schema=False)
async def show_results(request: AnyRequest, slug: FromPath[str]) -> Template:
    """What was answered to one survey (`of`), from five answers on; free texts for who may see who took part."""
    made, surveys, texts_shown = await _made(request, slug)
    event, actor, now = made.event, actor_of(request), made.made_at
    plan = await sending_of(event.id, made.survey.which)
    return page(
        request,
        "surveys/results.html",
        event=event,
        surveys=[survey for survey in surveys if survey.id or survey.kind is SurveyKind.FEEDBACK],
        shown=made.survey,
        survey=made.summed,
        keys=[(value, name, says) for name, value, says in key_figures(made.summed)],
        figures=made.figures,
        heat={each.code: await heat_map(each) for each in made.figures if each.matrix},
        by_name=await by_name(made.survey) if texts_shown else [],
        builds=may(actor, Action.EDIT_EVENTS, now=now, event_id=event.id, region=event.host_region),
        goes_out=(plan.begins_at or plan.due_at) if plan.active else None,
        now=now,
    )


@get([f"{PATH}/results.{kind}" for kind in _TYPES], guards=GUARDS, include_in_schema=False)
async def download(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """The same as a file."""
    made, _surveys, _texts_shown = await _made(request, slug)
    kind = request.url.path.rpartition(".")[2]
    content = xlsx_file(made) if kind == "xlsx" else await pdf_file(made)
    headers = {
        "content-disposition": f'attachment; filename="{slug}-survey.{kind}"',
        "cache-control": "no-store",
    }
    return Response(content, headers=headers, media_type=_TYPES[kind])


async def _made(request: AnyRequest, slug: str) -> tuple[Made, list[SurveyView], bool]:
    event, actor, now = await programme.by_slug(slug), actor_of(request), clock.now()
    if event is None or not may(actor, Action.SEE_SURVEY_RESULTS, now=now, event_id=event.id, region=event.host_region):
        raise NotFound
    surveys = await queries.surveys_of(event.id)
    wanted = request.query_params.get("of", SurveyKind.FEEDBACK)
    shown = next((survey for survey in surveys if survey.which == wanted), None)
    if shown is None:
        raise NotFound
    texts_shown = may(actor, Action.SEE_REGISTRATIONS, now=now, event_id=event.id, region=event.host_region)
    summed = await results(event.id, shown)
    lines = tuple(figures(each, texts_shown=texts_shown) for each in summed.results)
    return Made(event=event, survey=shown, summed=summed, figures=lines, made_at=now), surveys, texts_shown


ROUTES: list[ControllerRouterHandler] = [show_results, download]
