"""The reminders that every event has unless it says otherwise."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import NotFound
from events.core.forms import read_form
from events.core.web import AnyRequest, page, see_other
from events.outreach.reminders.forms import RuleForm, data_of
from events.outreach.reminders.words import kinds_words, when_words, whom_words
from events.programme.reminders import actions
from events.programme.reminders import queries as reminders
from events.programme.reminders.actions import Stale
from events.programme.reminders.queries import RuleView
from events.registration.announcements.rules import PLACEHOLDERS

PATH = "/staff/reminders"
RULE = f"{PATH}/{{rule_id:uuid}}"
GUARDS = [Requires(Action.SET_REMINDERS)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def defaults_page(request: AnyRequest) -> Template:
    """The defaults, and whether the reader may change them: who has the whole network may."""
    return page(
        request,
        "outreach/reminders/defaults.html",
        rules=await reminders.defaults(),
        when=when_words,
        whom=whom_words,
        kinds=kinds_words,
        may_change=may(actor_of(request), Action.SET_REMINDERS, now=clock.now()),
        saved="saved" in request.query_params,
        removed="removed" in request.query_params,
    )


@get(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def new_default_page(request: AnyRequest) -> Template:
    """An empty form."""
    _require(request)
    return _form_page(request, None, RuleForm(), 200)


@post(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def add_default(request: AnyRequest) -> Template | Redirect:
    """Add a default."""
    _require(request)
    return await _save(request, None)


@get(RULE, guards=GUARDS, include_in_schema=False)
async def default_page(request: AnyRequest, rule_id: FromPath[UUID]) -> Template:
    """One default."""
    _require(request)
    rule = await _default(rule_id)
    return _form_page(request, rule, RuleForm(data=data_of(rule)), 200)


@post(RULE, guards=GUARDS, include_in_schema=False)
async def change_default(request: AnyRequest, rule_id: FromPath[UUID]) -> Template | Redirect:
    """Save a default."""
    _require(request)
    return await _save(request, rule_id)


@post(f"{RULE}/remove", guards=GUARDS, include_in_schema=False)
async def remove_default(request: AnyRequest, rule_id: FromPath[UUID]) -> Redirect:
    """Remove a default; what events have set in its place stays."""
    _require(request)
    await actions.remove_default(rule_id, actor=actor_of(request), now=clock.now())
    return see_other(f"{PATH}?removed=1")


def _require(request: AnyRequest) -> None:
    if not may(actor_of(request), Action.SET_REMINDERS, now=clock.now()):
        raise NotFound


async def _default(rule_id: UUID) -> RuleView:
    rule = await reminders.by_id(rule_id)
    if rule is None or rule.event is not None:
        raise NotFound
    return rule


async def _save(request: AnyRequest, identity: UUID | None) -> Template | Redirect:
    form = RuleForm(await read_form(request))
    rule = await reminders.by_id(identity) if identity else None
    if rule is not None and rule.event is not None:
        raise NotFound
    valid = form.validate()
    if identity and rule is None:
        form.removed()
        return _form_page(request, None, form, 409)
    if not valid:
        return _form_page(request, rule, form, form.status)
    seen = form.version.data or ""
    try:
        await actions.save_default(identity, form.values(), actor=actor_of(request), now=clock.now(), version=seen)
    except Stale as overtaken:
        current = await reminders.by_id(identity) if identity else None
        form.overtaken(overtaken.message, current)
        return _form_page(request, current, form, 409)
    return see_other(f"{PATH}?saved=1")


def _form_page(request: AnyRequest, rule: RuleView | None, form: RuleForm, status: int) -> Template:
    return page(
        request,
        "outreach/reminders/rule.html",
        status=status,
        event=None,
        rule=rule,
        form=form,
        placeholders=PLACEHOLDERS,
        together=False,
    )


ROUTES: list[ControllerRouterHandler] = [
    *(defaults_page, new_default_page, add_default, default_page, change_default, remove_default),
]
