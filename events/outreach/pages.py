"""Accessibility statement with its feedback, privacy notice; and the cases for staff."""

from datetime import timedelta
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC, Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.errors import NotFound
from events.core.forms import read_form
from events.core.i18n import language
from events.core.limits import limit, network_of
from events.core.retention import in_words
from events.core.settings import get_settings
from events.core.web import AnyRequest, page, see_other
from events.outreach import actions, notice_pages, queries, rules
from events.outreach.audiences import pages as letter_pages
from events.outreach.audiences import unsubscribing_pages
from events.outreach.forms import AnswerForm, FeedbackForm
from events.outreach.reminders import default_pages
from events.outreach.reminders import letter_pages as reminder_letter_pages
from events.outreach.reminders import pages as reminder_pages
from events.outreach.webhooks import pages as webhook_pages

_FEEDBACK_GUARD = [Requires(Action.ANSWER_FEEDBACK)]

CASES_AN_HOUR = 10
"""From one network."""


@get("/accessibility", opt=PUBLIC, include_in_schema=False)
async def accessibility(request: AnyRequest) -> Template:
    """The accessibility statement and the feedback form."""
    return _statement(request, FeedbackForm(), 200)


@post("/accessibility", opt=PUBLIC, include_in_schema=False)
async def send_feedback(request: AnyRequest) -> Template | Redirect:
    """Take feedback."""
    form = FeedbackForm(await read_form(request))
    if not form.validate():
        return _statement(request, form, form.status)
    now = clock.now()
    network = network_of(request.client.host if request.client else "")
    await limit("feedback", network, uses=CASES_AN_HOUR, window=timedelta(hours=1), now=now)
    await actions.give_feedback(
        form.text.data, page=form.page.data or "", email=form.email.data or "", language=language(), now=now
    )
    return see_other("/accessibility/thanks")


def _statement(request: AnyRequest, form: FeedbackForm, status: int) -> Template:
    settings = get_settings()
    return page(
        request,
        "outreach/accessibility.html",
        status=status,
        form=form,
        drawn_up=rules.STATEMENT_DRAWN_UP,
        updated=rules.STATEMENT_DATE,
        provider=settings.provider_name,
        contact=settings.provider_contact,
    )


@get("/accessibility/thanks", opt=PUBLIC, include_in_schema=False)
async def thanks(request: AnyRequest) -> Template:
    """After feedback was sent."""
    return page(request, "outreach/thanks.html", due_at=clock.now() + rules.ANSWER_WITHIN)


@get("/privacy", opt=PUBLIC, include_in_schema=False)
async def privacy(request: AnyRequest) -> Template:
    """The privacy notice in force, and the earlier ones."""
    return page(request, "outreach/privacy.html", notices=await queries.notices(), kept=in_words())


@get("/staff/feedback", guards=_FEEDBACK_GUARD, include_in_schema=False)
async def cases(request: AnyRequest) -> Template:
    """All cases, what is due first."""
    return page(request, "outreach/cases.html", cases=await queries.cases(), now=clock.now(), is_late=rules.is_late)


@get("/staff/feedback/{case_id:uuid}", guards=_FEEDBACK_GUARD, include_in_schema=False)
async def show_case(request: AnyRequest, case_id: FromPath[UUID]) -> Template:
    """One case with the form to answer it."""
    return await _case(request, case_id, AnswerForm(), 200)


@post("/staff/feedback/{case_id:uuid}", guards=_FEEDBACK_GUARD, include_in_schema=False)
async def answer_case(request: AnyRequest, case_id: FromPath[UUID]) -> Template | Redirect:
    """Answer a case."""
    form = AnswerForm(await read_form(request))
    if not form.validate():
        return await _case(request, case_id, form, form.status)
    await actions.answer_feedback(case_id, form.answer.data, actor=actor_of(request), now=clock.now())
    return see_other("/staff/feedback")


async def _case(request: AnyRequest, case_id: UUID, form: AnswerForm, status: int) -> Template:
    case = await queries.case(case_id)
    if case is None:
        raise NotFound
    return page(
        request, "outreach/case.html", status=status, case=case, form=form, now=clock.now(), is_late=rules.is_late
    )


ROUTES: list[ControllerRouterHandler] = [
    accessibility,
    send_feedback,
    thanks,
    privacy,
    cases,
    show_case,
    answer_case,
    *notice_pages.ROUTES,
    *webhook_pages.ROUTES,
    *letter_pages.ROUTES,
    *unsubscribing_pages.ROUTES,
    *default_pages.ROUTES,
    *reminder_pages.ROUTES,
    *reminder_letter_pages.ROUTES,
]
