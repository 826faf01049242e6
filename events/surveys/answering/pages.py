"""Answering a survey: by the link of an invitation, or by a survey's open link."""

from datetime import timedelta

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC
from events.core import clock
from events.core.errors import Conflict, Gone, Invalid, NotFound
from events.core.forms import read_form
from events.core.http import speak
from events.core.limits import limit, network_of
from events.core.web import AnyRequest, page, see_other
from events.surveys import actions, queries, rules
from events.surveys.answering.forms import SurveyForm, conditions, survey_form
from events.surveys.queries import Invited
from events.surveys.waiting import OtherKey, stuck

MOST_BY_LINK = 100
"""Answers by open links from one network in an hour: a whole hall may stand behind one address."""


@get("/s/{token:str}", opt=PUBLIC, include_in_schema=False)
async def show_survey(request: AnyRequest, token: FromPath[str]) -> Template:
    """The survey behind a link, or what became of it."""
    asked = await queries.by_token(token)
    if asked is None:
        return await _nowhere(request, token)
    speak(request.scope, asked.language)
    sent = asked.has_answered or (asked.invitation is None and "sent" in request.query_params)
    if sent:
        return page(request, "surveys/done.html", asked=asked)
    if asked.closed(clock.now()):
        return page(request, "surveys/closed.html", status=Gone.status, asked=asked, closed=True)
    if await stuck(clock.now(), asked.survey):  # before anybody has typed in vain
        return _resting(request, asked)
    return _form_page(request, asked, survey_form(await queries.questions_of(asked.survey, asked.kind)))


@post("/s/{token:str}", opt=PUBLIC, include_in_schema=False)
async def answer_survey(request: AnyRequest, token: FromPath[str]) -> Template | Redirect:
    """Take the answer; a second one by an invitation is refused with a word of thanks."""
    asked, now = await queries.by_token(token), clock.now()
    if asked is None:
        return await _nowhere(request, token)
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
    except OtherKey as fault:
        form.form_errors.append(fault.message)
        return _form_page(request, asked, form, status=fault.status)
    except (Conflict, NotFound) as refused:
        return await _refused(request, token, asked, refused)
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


def _resting(request: AnyRequest, asked: Invited) -> Template:
    """Say that answers cannot be kept at the moment, and that the link stays valid."""
    fault = OtherKey()
    headers = {"retry-after": str(fault.retry_after)}
    template = "surveys/resting.html"
    return page(request, template, status=fault.status, headers=headers, asked=asked, message=fault.message)


async def _refused(request: AnyRequest, token: str, asked: Invited, refused: Conflict | NotFound) -> Template:
    if isinstance(refused, NotFound):  # its link was withdrawn in between
        return await _nowhere(request, token)
    if refused.code == "closed":
        return page(request, "surveys/closed.html", status=refused.status, asked=asked, closed=True)
    return page(request, "surveys/done.html", status=refused.status, asked=asked, refused=refused.message)


async def _nowhere(request: AnyRequest, token: str) -> Template:
    """Say of a link that opens nothing what one can do: the same words whether it ever opened a survey or not."""
    asked = await queries.once_open(token)
    status = Gone.status if asked else NotFound.status
    return page(request, "surveys/closed.html", status=status, asked=asked, closed=False)


ROUTES: list[ControllerRouterHandler] = [show_survey, answer_survey]
