"""Answering a survey by its link, and its results for staff."""

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC, Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import Conflict, NotFound
from events.core.forms import LANGUAGE_FIELD, read_form
from events.core.http import LANGUAGE_COOKIE, cookie
from events.core.i18n import set_language
from events.core.web import AnyRequest, page, see_other
from events.programme import queries as programme
from events.surveys import actions, queries
from events.surveys.forms import survey_form
from events.surveys.queries import Invited
from events.surveys.rules import DEFAULT_SURVEY


@get("/s/{token:str}", opt=PUBLIC, include_in_schema=False)
async def show_survey(request: AnyRequest, token: FromPath[str]) -> Template:
    """The survey behind a link, or what became of it."""
    asked = await _asked(token)
    _speak(request, asked)
    if asked.has_answered or asked.closed(clock.now()):
        return page(request, "surveys/done.html", asked=asked)
    return page(request, "surveys/answer.html", asked=asked, form=survey_form()(), questions=DEFAULT_SURVEY)


@post("/s/{token:str}", opt=PUBLIC, include_in_schema=False)
async def answer_survey(request: AnyRequest, token: FromPath[str]) -> Template | Redirect:
    """Take the answer; a second one is refused with a word of thanks."""
    asked = await _asked(token)
    sent = await read_form(request)
    if LANGUAGE_FIELD not in sent:
        _speak(request, asked)
    form = survey_form()(sent)
    if not form.validate():
        status = 200 if form.only_language_changes else 422
        return page(request, "surveys/answer.html", status=status, asked=asked, form=form, questions=DEFAULT_SURVEY)
    try:
        await actions.submit(token, form.data, clock.now())
    except Conflict as refused:
        return page(request, "surveys/done.html", status=409, asked=await _asked(token), refused=refused.message)
    return see_other(f"/s/{token}")


def _speak(request: AnyRequest, asked: Invited) -> None:
    """Use the person's language unless they have chosen another one here."""
    if not cookie(request.scope, LANGUAGE_COOKIE) and "lang" not in request.query_params:
        set_language(asked.language)


async def _asked(token: str) -> Invited:
    asked = await queries.by_token(token)
    if asked is None:
        raise NotFound
    return asked


@get("/staff/events/{slug:str}/survey", guards=[Requires(Action.SEE_SURVEY_RESULTS)], include_in_schema=False)
async def show_results(request: AnyRequest, slug: FromPath[str]) -> Template:
    """What was answered, from five answers on; free texts for those who may see who took part."""
    event, actor, now = await programme.by_slug(slug), actor_of(request), clock.now()
    if event is None or not may(actor, Action.SEE_SURVEY_RESULTS, now=now, event_id=event.id, region=event.host_region):
        raise NotFound
    return page(
        request,
        "surveys/results.html",
        event=event,
        survey=await queries.results(event.id),
        texts_shown=may(actor, Action.SEE_REGISTRATIONS, now=now, event_id=event.id, region=event.host_region),
        now=now,
    )


ROUTES: list[ControllerRouterHandler] = [show_survey, answer_survey, show_results]
