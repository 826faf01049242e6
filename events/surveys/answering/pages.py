"""Answering a survey: by the link of an invitation, or by a survey's open link."""

from datetime import timedelta

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC
from events.core import clock
from events.core.errors import Conflict, Invalid, NotFound
from events.core.forms import read_form
from events.core.http import speak
from events.core.limits import limit, network_of
from events.core.web import AnyRequest, page, see_other
from events.surveys import actions, queries, rules
from events.surveys.answering.forms import SurveyForm, conditions, survey_form
from events.surveys.queries import Invited

MOST_BY_LINK = 100
"""Answers by open links from one network in an hour: a whole hall may stand behind one address."""


@get("/s/{token:str}", opt=PUBLIC, include_in_schema=False)
async def show_survey(request: AnyRequest, token: FromPath[str]) -> Template:
    """The survey behind a link, or what became of it."""
    asked = await _asked(token)
    speak(request.scope, asked.language)
    sent = asked.has_answered or (asked.invitation is None and "sent" in request.query_params)
    if sent or asked.closed(clock.now()):
        return page(request, "surveys/done.html", asked=asked, sent=sent)
    return _form_page(request, asked, survey_form(await queries.questions_of(asked.survey, asked.kind)))


@post("/s/{token:str}", opt=PUBLIC, include_in_schema=False)
async def answer_survey(request: AnyRequest, token: FromPath[str]) -> Template | Redirect:
    """Take the answer; a second one by an invitation is refused with a word of thanks."""
    asked, now = await _asked(token), clock.now()
    sent = await read_form(request)
    speak(request.scope, asked.language)
    form = survey_form(await queries.questions_of(asked.survey, asked.kind), sent)
    if not form.validate():
        return _form_page(request, asked, form, status=form.status)
    if asked.invitation is None:
        host = network_of(request.client.host if request.client else "")
        await limit("survey-link", host, uses=MOST_BY_LINK, window=timedelta(hours=1), now=now)
    try:
        await actions.submit(token, form.answers, now)
    except Invalid as invalid:  # the survey was changed in between
        form.show(invalid.errors)
        return _form_page(request, asked, form, status=422)
    except Conflict as refused:
        asked = await _asked(token)
        return page(
            request,
            "surveys/done.html",
            status=409,
            asked=asked,
            sent=asked.has_answered,
            refused=refused.message,
        )
    return see_other(f"/s/{token}" if asked.invitation else f"/s/{token}?sent=1")


def _form_page(request: AnyRequest, asked: Invited, form: SurveyForm, *, status: int = 200) -> Template:
    return page(
        request,
        "surveys/answer.html",
        status=status,
        asked=asked,
        form=form,
        questions=form.questions,
        conditions=conditions(form.questions),
        number=rules.answered_of(form.questions),
        minutes=rules.minutes(form.questions),
    )


async def _asked(token: str) -> Invited:
    asked = await queries.by_token(token)
    if asked is None:
        raise NotFound
    return asked


ROUTES: list[ControllerRouterHandler] = [show_survey, answer_survey]
