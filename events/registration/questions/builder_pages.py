"""The questions of an event for who builds them: list, form, order, preview, bank."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import Conflict, Invalid, NotFound
from events.core.forms import BaseForm, FormData, read_form
from events.core.web import AnyRequest, page, see_other
from events.programme.queries import EventView
from events.registration.places import place_names
from events.registration.questions import bank, building, queries
from events.registration.questions.asked import Asked
from events.registration.questions.builder_forms import KINDS, QuestionForm, question_form, stored
from events.registration.questions.forms import asking, conditions
from events.registration.questions.sections import questions_shown
from events.registration.staff.reach import event_for

PATH = "/staff/events/{slug:str}/questions"
GUARDS = [Requires(Action.EDIT_EVENTS)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def questions_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """What the event asks, in its order, and the ways to ask more."""
    return await _list(request, await event_for(request, slug, Action.EDIT_EVENTS))


@get(f"{PATH}/preview", guards=GUARDS, include_in_schema=False)
async def preview_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """The questions as participants see them, with their conditions at work."""
    event = await event_for(request, slug, Action.EDIT_EVENTS)
    questions = await queries.of_event(event.id)
    return page(
        request,
        "registration/questions_preview.html",
        event=event,
        form=asking(BaseForm, questions)(),
        places=await place_names(event),
        **await questions_shown(event, questions),
    )


@get(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def new_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """An empty question of the kind that was chosen."""
    event = await event_for(request, slug, Action.EDIT_EVENTS)
    kind = request.query_params.get("kind", "")
    form = await _form(event, await queries.of_event(event.id), {"kind": kind if kind in KINDS else "short"})
    return _form_page(request, event, form)


@post(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def add(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Ask a new question."""
    event, sent = await event_for(request, slug, Action.EDIT_EVENTS), await read_form(request)
    form = await _form(event, await queries.of_event(event.id), {}, sent)
    if not form.validate():
        return _form_page(request, event, form, status=200 if form.only_language_changes else 422)
    try:
        code = await building.add_question(event.id, form.new(), actor=actor_of(request), now=clock.now())
    except Invalid as invalid:
        form.show(invalid.errors)
        return _form_page(request, event, form, status=422)
    return _back(event, code)


@get(f"{PATH}/{{question_id:uuid}}", guards=GUARDS, include_in_schema=False)
async def edit_page(request: AnyRequest, slug: FromPath[str], question_id: FromPath[UUID]) -> Template:
    """A question as it is."""
    event = await event_for(request, slug, Action.EDIT_EVENTS)
    question, earlier = await _question(event, question_id)
    return _form_page(request, event, await _form(event, earlier, stored(question)), question)


@post(f"{PATH}/{{question_id:uuid}}", guards=GUARDS, include_in_schema=False)
async def change(request: AnyRequest, slug: FromPath[str], question_id: FromPath[UUID]) -> Template | Redirect:
    """Ask it otherwise."""
    event, sent = await event_for(request, slug, Action.EDIT_EVENTS), await read_form(request)
    question, earlier = await _question(event, question_id)
    form = await _form(event, earlier, stored(question), sent)
    if not form.validate():
        return _form_page(request, event, form, question, status=200 if form.only_language_changes else 422)
    actor, now = actor_of(request), clock.now()
    try:
        await building.change_question(event.id, question_id, form.new(), actor=actor, now=now)
    except Invalid as invalid:
        form.show(invalid.errors)
    except Conflict as conflict:
        form.form_errors.append(conflict.message)
    else:
        return _back(event, question.code)
    return _form_page(request, event, form, question, status=422)


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
        await building.remove_question(event.id, question_id, answers=answers, actor=actor, now=now)
    except Conflict as conflict:
        return await _removal(request, event, question_id, refusal=conflict.message)
    return _back(event)


@post(f"{PATH}/order", guards=GUARDS, include_in_schema=False)
async def order(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Move a question up or down by one (`up`, `down`: its id), or put all in an order (`order`: ids)."""
    event, sent = await event_for(request, slug, Action.EDIT_EVENTS), await read_form(request)
    codes = {question.id: question.code for question in await queries.of_event(event.id)}
    ids, way = list(codes), next((way for way in ("up", "down") if sent.text(way)), "")
    moved = _uuid(sent.text(way or "moved"))
    if way and moved in codes:
        place = ids.index(moved)
        ids.insert(max(0, place + (-1 if way == "up" else 1)), ids.pop(place))
    elif sent.text("order"):
        ids = [identity for text in sent.text("order").split() if (identity := _uuid(text)) in codes and identity]
    try:
        await building.order_questions(event.id, ids, actor=actor_of(request), now=clock.now())
    except Conflict as conflict:
        return await _list(request, event, refusal=conflict.message)
    if moved not in codes:
        return _back(event)
    # Back to the button that was pressed, to be pressed again; at either end to the one for the way back.
    ends = {"up": ids[0], "down": ids[-1]}
    button = {"up": "down", "down": "up"}[way] if ends.get(way) == moved else way
    return _back(event, codes[moved], part=button or "question")


@post(f"{PATH}/bank", guards=GUARDS, include_in_schema=False)
async def use_bank(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """Ask a question of the bank (`add`), keep one in it (`keep`), or take one out (`drop`)."""
    event, sent = await event_for(request, slug, Action.EDIT_EVENTS), await read_form(request)
    actor, now = actor_of(request), clock.now()
    if "add" in sent:
        return _back(event, await bank.add_from_bank(event.id, _known(sent, "add"), actor=actor, now=now))
    if "keep" in sent:
        await bank.save_to_bank(event.id, _known(sent, "keep"), actor=actor, now=now)
    else:
        await bank.remove_from_bank(_known(sent, "drop"), actor=actor, now=now)
    return see_other(f"/staff/events/{event.slug}/questions?saved=1#bank")


async def _list(request: AnyRequest, event: EventView, refusal: str = "") -> Template:
    questions, now = await queries.of_event(event.id), clock.now()
    counted = await queries.answer_counts(event.id)
    actor = actor_of(request)
    return page(
        request,
        "registration/questions.html",
        status=409 if refusal else 200,
        event=event,
        questions=questions,
        counts={question.id: counted.get((question.id, ""), 0) for question in questions},
        conditions=conditions(questions, await place_names(event)),
        kinds={kind: str(name) for kind, name in KINDS.items()},
        bank=await bank.bank_of(event.host_region),
        keeps_bank=may(actor, Action.EDIT_EVENTS, now=now, region=event.host_region),
        keeps_all=may(actor, Action.EDIT_EVENTS, now=now),
        refusal=refusal,
        saved=request.query_params.get("saved", ""),
    )


async def _removal(request: AnyRequest, event: EventView, question_id: UUID, refusal: str = "") -> Template:
    question, _earlier = await _question(event, question_id)
    counted = await queries.answer_counts(event.id)
    return page(
        request,
        "registration/question_remove.html",
        status=409 if refusal else 200,
        event=event,
        question=question,
        answers=counted.get((question_id, ""), 0),
        refusal=refusal,
    )


async def _form(
    event: EventView, earlier: Sequence[Asked], data: dict[str, Any], sent: FormData | None = None
) -> QuestionForm:
    return question_form(earlier, await place_names(event), data, sent)


def _form_page(
    request: AnyRequest, event: EventView, form: QuestionForm, question: Asked | None = None, *, status: int = 200
) -> Template:
    return page(request, "registration/question_edit.html", status=status, event=event, form=form, question=question)


async def _question(event: EventView, question_id: UUID) -> tuple[Asked, list[Asked]]:
    """Return a question of an event, and those before it; raises NotFound."""
    questions = await queries.of_event(event.id)
    for number, question in enumerate(questions):
        if question.id == question_id:
            return question, questions[:number]
    raise NotFound


def _back(event: EventView, code: str = "", part: str = "question") -> Redirect:
    return see_other(f"/staff/events/{event.slug}/questions?saved=1{f'#{part}-{code}' if code else ''}")


def _known(sent: FormData, name: str) -> UUID:
    identity = _uuid(sent.text(name))
    if identity is None:
        raise NotFound
    return identity


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


ROUTES: list[ControllerRouterHandler] = [
    *(questions_page, preview_page, new_page, add, edit_page, change, remove_page, remove, order, use_bank)
]
