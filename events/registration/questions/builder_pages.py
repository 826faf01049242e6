"""A question of an event for who builds it: its form, and taking it away."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.errors import Conflict, Invalid, NotFound
from events.core.forms import FormData, move_option, read_form
from events.core.web import AnyRequest, page, see_other
from events.programme.counterparts.actions import done_alike
from events.programme.counterparts.queries import counterparts
from events.programme.queries import EventView
from events.programme.scopes import ScopeForm, offer_scopes, read_scope, refused_by, told_of
from events.programme.series.queries import Scope
from events.registration.places import place_names
from events.registration.questions import building, queries
from events.registration.questions.alike import QUESTIONS
from events.registration.questions.asked import Asked
from events.registration.questions.builder_forms import KINDS, NEW, QuestionForm, question_form, stored
from events.registration.staff.reach import event_for

PATH = "/staff/events/{slug:str}/questions"
GUARDS = [Requires(Action.EDIT_EVENTS)]


@get(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def new_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """An empty question of the kind that was chosen."""
    event = await event_for(request, slug, Action.EDIT_EVENTS)
    kind = request.query_params.get("kind", "")
    form = await _form(event, await queries.of_event(event.id), {**NEW, "kind": kind if kind in KINDS else "short"})
    return await _form_page(request, event, form)


@post(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def add(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Ask a new question."""
    event, sent = await event_for(request, slug, Action.EDIT_EVENTS), await read_form(request)
    moved = move_option(sent)
    form = await _form(event, await queries.of_event(event.id), {}, sent)
    if moved or not form.validate():
        return await _form_page(request, event, form, status=_shown_again(form, moved), moved=moved)
    actor, now = actor_of(request), clock.now()
    try:
        async with done_alike(event.id, QUESTIONS, Scope(form.scope.data), actor=actor, now=now) as alike:
            code = await building.add_question(event.id, form.new(), actor=actor, now=now)
    except Invalid as invalid:
        form.show(invalid.errors)
        return await _form_page(request, event, form, status=422)
    return back(event, code, told_of(alike))


@get(f"{PATH}/{{question_id:uuid}}", guards=GUARDS, include_in_schema=False)
async def edit_page(request: AnyRequest, slug: FromPath[str], question_id: FromPath[UUID]) -> Template:
    """A question as it is."""
    event = await event_for(request, slug, Action.EDIT_EVENTS)
    question, earlier = await _question(event, question_id)
    return await _form_page(request, event, await _form(event, earlier, stored(question)), question)


@post(f"{PATH}/{{question_id:uuid}}", guards=GUARDS, include_in_schema=False)
async def change(request: AnyRequest, slug: FromPath[str], question_id: FromPath[UUID]) -> Template | Redirect:
    """Ask it otherwise."""
    event, sent = await event_for(request, slug, Action.EDIT_EVENTS), await read_form(request)
    question, earlier = await _question(event, question_id)
    moved = move_option(sent)
    form = await _form(event, earlier, stored(question), sent)
    if moved or not form.validate():
        return await _form_page(request, event, form, question, status=_shown_again(form, moved), moved=moved)
    actor, now = actor_of(request), clock.now()
    try:
        async with done_alike(event.id, QUESTIONS, Scope(form.scope.data), actor=actor, now=now) as alike:
            await building.change_question(event.id, question_id, form.new(), actor=actor, now=now)
    except Invalid as invalid:
        form.show(invalid.errors)
    except Conflict as conflict:
        form.form_errors.append(conflict.message)
    else:
        return back(event, question.code, told_of(alike))
    return await _form_page(request, event, form, question, status=422)


@get(f"{PATH}/{{question_id:uuid}}/remove", guards=GUARDS, include_in_schema=False)
async def remove_page(request: AnyRequest, slug: FromPath[str], question_id: FromPath[UUID]) -> Template:
    """Ask whether one means it, and say how many answers go."""
    return await _removal(request, await event_for(request, slug, Action.EDIT_EVENTS), question_id)


@post(f"{PATH}/{{question_id:uuid}}/remove", guards=GUARDS, include_in_schema=False)
async def remove(request: AnyRequest, slug: FromPath[str], question_id: FromPath[UUID]) -> Template | Redirect:
    """Remove a question with as many answers as were shown."""
    event, sent = await event_for(request, slug, Action.EDIT_EVENTS), await read_form(request)
    said = sent.text("answers")
    answers = int(said) if said.isascii() and said.isdigit() and len(said) < 10 else -1  # noqa: PLR2004
    actor, now = actor_of(request), clock.now()
    try:
        async with done_alike(event.id, QUESTIONS, read_scope(sent), actor=actor, now=now) as alike:
            await building.remove_question(event.id, question_id, answers=answers, actor=actor, now=now)
    except Invalid as invalid:
        return await _removal(request, event, question_id, refusal=refused_by(invalid))
    except Conflict as conflict:
        return await _removal(request, event, question_id, refusal=conflict.message)
    return back(event, told=told_of(alike))


async def _removal(request: AnyRequest, event: EventView, question_id: UUID, refusal: str = "") -> Template:
    question, _earlier = await _question(event, question_id)
    counted, form = await queries.answer_counts(event.id), ScopeForm()
    return page(
        request,
        "registration/question_remove.html",
        status=409 if refusal else 200,
        event=event,
        question=question,
        answers=counted.get((question_id, ""), 0),
        form=form,
        together=await _offer(request, event, form, question),
        refusal=refusal,
    )


async def _form(
    event: EventView, earlier: Sequence[Asked], data: dict[str, Any], sent: FormData | None = None
) -> QuestionForm:
    return question_form(earlier, await place_names(event), data, sent)


def _shown_again(form: QuestionForm, moved: tuple[str, str] | None) -> int:
    return 200 if moved or form.only_language_changes else 422


async def _form_page(
    request: AnyRequest,
    event: EventView,
    form: QuestionForm,
    question: Asked | None = None,
    *,
    status: int = 200,
    moved: tuple[str, str] | None = None,
) -> Template:
    return page(
        request,
        "registration/question_edit.html",
        status=status,
        event=event,
        form=form,
        question=question,
        banked=False,
        moved=moved,
        together=await _offer(request, event, form, question),
    )


async def _offer(request: AnyRequest, event: EventView, form: ScopeForm, question: Asked | None) -> bool:
    among = await counterparts("question", question.id) if question else None
    return await offer_scopes(form, event, actor_of(request), clock.now(), among=among)


async def _question(event: EventView, question_id: UUID) -> tuple[Asked, list[Asked]]:
    """Return a question of an event, and those before it; raises NotFound."""
    questions = await queries.of_event(event.id)
    for number, question in enumerate(questions):
        if question.id == question_id:
            return question, questions[:number]
    raise NotFound


def back(event: EventView, code: str = "", told: str = "", *, part: str = "question") -> Redirect:
    """Lead to the list of questions, to one of them if it is named, with what that page shall tell."""
    return see_other(f"/staff/events/{event.slug}/questions?saved=1{told}{f'#{part}-{code}' if code else ''}")


ROUTES: list[ControllerRouterHandler] = [*(new_page, add, edit_page, change, remove_page, remove)]
