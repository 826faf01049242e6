"""The page on which a question takes the bank's newest wording, with what is new in it."""

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import actor_of
from events.core import clock
from events.core.errors import Conflict, Invalid, NotFound
from events.core.forms import read_form
from events.core.web import AnyRequest, page
from events.programme.queries import EventView
from events.programme.scopes import ScopeForm, told_of
from events.surveys import queries
from events.surveys.building import renewing
from events.surveys.building.alike import Asking, carried
from events.surveys.building.pages import GUARDS, QUESTIONS, back
from events.surveys.building.reach import path_of, present, survey_for, version_in
from events.surveys.building.series import asking_page, meant, offer
from events.surveys.queries import SurveyView

NEWEST = f"{QUESTIONS}/{{code:str}}/newest"


@get(NEWEST, guards=GUARDS, include_in_schema=False)
async def newest_page(request: AnyRequest, slug: FromPath[str], which: FromPath[str], code: FromPath[str]) -> Template:
    """What is new, and a button that takes it; once there are answers, why there is none."""
    event, survey = await survey_for(request, slug, which)
    return await _page(request, event, survey, code)


@post(NEWEST, guards=GUARDS, include_in_schema=False)
async def take_newest(
    request: AnyRequest, slug: FromPath[str], which: FromPath[str], code: FromPath[str]
) -> Template | Redirect:
    """Ask the question as the bank words it now."""
    event, survey = await survey_for(request, slug, which)
    sent, actor, now = await read_form(request), actor_of(request), clock.now()
    try:
        async with carried(event, which, **meant(request, sent), questions=True) as alike:
            await renewing.take_newest(event.id, which, code, version=version_in(sent), actor=actor, now=now)
    except Asking as asking:
        away = f"{path_of(event, survey)}/questions/{code}/newest"
        return await asking_page(request, event, sent, asking, back=away)
    except (Conflict, Invalid) as error:
        return await _page(request, event, await present(event.id, which), code, error.message)
    return back(event, survey, code, told_of(alike))


async def _page(request: AnyRequest, event: EventView, survey: SurveyView, code: str, refusal: str = "") -> Template:
    questions = await queries.questions_of(survey.id, survey.kind)
    new = (await renewing.newest(questions)).get(code)
    if new is None:
        raise NotFound
    question, form = next(each for each in questions if each.code == code), ScopeForm()
    return page(
        request,
        "surveys/question_newest.html",
        status=409 if refusal else 200,
        event=event,
        survey=survey,
        question=question,
        differences=renewing.differences(question, new),
        form=form,
        together=await offer(request, event, survey, form),
        refusal=refusal or (renewing.why_not() if survey.answered else ""),
    )


ROUTES: list[ControllerRouterHandler] = [newest_page, take_newest]
