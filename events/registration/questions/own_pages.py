"""Changing one's answers by the private link, and taking back what one said of health."""

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC
from events.core import clock
from events.core.errors import Conflict, Invalid
from events.core.forms import read_form
from events.core.web import AnyRequest, see_other
from events.registration.own.link import own_by, person_of
from events.registration.own.pages import own_page
from events.registration.questions import health, queries
from events.registration.questions.answering import change_answers
from events.registration.questions.forms import entered
from events.registration.questions.sections import own_form


@post("/r/{token:str}/answers", opt=PUBLIC, include_in_schema=False)
async def change_own_answers(request: AnyRequest, token: FromPath[str]) -> Template | Redirect:
    """Answer otherwise, or what was left open."""
    registration, sent = await own_by(request, token), await read_form(request)
    questions = await queries.of_event(registration.event)
    form = own_form(questions, (await queries.of_registration(registration.id)).all, sent)
    if form.only_language_changes:
        return await own_page(request, token, registration, 200, answers_form=form)
    try:
        await change_answers(registration.id, entered(form, questions), actor=person_of(registration), now=clock.now())
    except Invalid as invalid:
        form.show(invalid.errors)
        return await own_page(request, token, registration, 422, answers_form=form)
    except Conflict as conflict:
        return await own_page(request, token, registration, 409, refusal=conflict.message)
    return see_other(f"/r/{token}?saved=answers")


@post("/r/{token:str}/health", opt=PUBLIC, include_in_schema=False)
async def withdraw_health(request: AnyRequest, token: FromPath[str]) -> Redirect:
    """Take back one's consent to an answer of health, also when the event has begun or is over."""
    registration, sent = await own_by(request, token), await read_form(request)
    await health.withdraw(registration.id, sent.text("withdraw"), actor=person_of(registration), now=clock.now())
    return see_other(f"/r/{token}?saved=health#agreed")


ROUTES: list[ControllerRouterHandler] = [change_own_answers, withdraw_health]
