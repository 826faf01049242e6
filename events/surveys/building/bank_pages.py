"""The network's bank of survey questions, for whom it is theirs to keep."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.errors import Conflict, Invalid, NotFound
from events.core.forms import move_option, read_form
from events.core.web import AnyRequest, page, see_other
from events.surveys.asked import Question
from events.surveys.building import bank
from events.surveys.building.forms import KINDS, QuestionForm, empty, question_form, stored
from events.surveys.building.pages import again
from events.surveys.building.reach import version_in

BANK = "/staff/surveys/bank"
GUARDS = [Requires(Action.EDIT_SURVEY_BANK)]


def _keeper(request: AnyRequest) -> None:
    if not bank.may_keep(actor_of(request), clock.now()):
        raise NotFound


@get(BANK, guards=GUARDS, include_in_schema=False)
async def bank_page(request: AnyRequest) -> Template:
    """The questions of the bank and of the templates, with how many surveys ask each."""
    _keeper(request)
    banked, standard = await bank.banked(), await bank.standard()
    return page(
        request,
        "surveys/bank.html",
        banked=banked,
        standard=standard,
        uses={question.bank: await bank.uses(question.bank) for question in banked},
        kinds={kind: str(name) for kind, name in KINDS.items()},
        saved=request.query_params.get("saved", ""),
    )


@get(f"{BANK}/new", guards=GUARDS, include_in_schema=False)
async def new_page(request: AnyRequest) -> Template:
    """An empty question of the kind that was chosen."""
    _keeper(request)
    return _page(request, question_form([], empty(request.query_params.get("kind", ""))))


@post(f"{BANK}/new", guards=GUARDS, include_in_schema=False)
async def add(request: AnyRequest) -> Template | Redirect:
    """Put a question into the bank."""
    _keeper(request)
    sent = await read_form(request)
    moved = move_option(sent)
    form = question_form([], {}, sent)
    if moved or "more" in sent or not form.validate():
        return _page(request, form, status=again(form, sent, moved), moved=moved)
    try:
        key = await bank.add_to_bank(form.new(), actor=actor_of(request), now=clock.now())
    except Invalid as invalid:
        form.show(invalid.errors)
        return _page(request, form, status=422)
    return see_other(f"{BANK}?saved=1#question-{key}")


@get(f"{BANK}/{{key:str}}", guards=GUARDS, include_in_schema=False)
async def edit_page(request: AnyRequest, key: FromPath[str]) -> Template:
    """A question as it is worded now."""
    _keeper(request)
    question = await bank.banked_one(key)
    return _page(request, question_form([], {**stored(question), "version": question.bank_version}), question)


@post(f"{BANK}/{{key:str}}", guards=GUARDS, include_in_schema=False)
async def change(request: AnyRequest, key: FromPath[str]) -> Template | Redirect:
    """Word it anew, or retire it (`retire`)."""
    _keeper(request)
    sent, actor, now = await read_form(request), actor_of(request), clock.now()
    question = await bank.banked_one(key)
    if "retire" in sent:
        await bank.retire(key, actor=actor, now=now)
        return see_other(f"{BANK}?saved=1")
    moved = move_option(sent)
    form = question_form([], stored(question), sent)
    if moved or "more" in sent or not form.validate():
        return _page(request, form, question, status=again(form, sent, moved), moved=moved)
    try:
        await bank.change_in_bank(key, form.new(), version=version_in(sent), actor=actor, now=now)
    except Invalid as invalid:
        form.show(invalid.errors)
        return _page(request, form, question, status=422)
    except Conflict as conflict:
        question = await bank.banked_one(key)
        form.version.data = question.bank_version
        form.form_errors.append(conflict.message)
        return _page(request, form, question, status=409)
    return see_other(f"{BANK}?saved=1#question-{key}")


def _page(
    request: AnyRequest,
    form: QuestionForm,
    question: Question | None = None,
    *,
    status: int = 200,
    moved: tuple[str, str] | None = None,
) -> Template:
    context: dict[str, Any] = {"form": form, "question": question, "moved": moved, "taken": False}
    return page(request, "surveys/bank_question.html", status=status, **context)


ROUTES: list[ControllerRouterHandler] = [bank_page, new_page, add, edit_page, change]
