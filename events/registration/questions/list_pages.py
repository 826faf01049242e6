"""All questions of an event for who builds them: their list and order, the preview, the bank."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import Conflict, Invalid, NotFound
from events.core.forms import BaseForm, FormData, read_form
from events.core.text import as_uuid
from events.core.web import AnyRequest, page, see_other
from events.programme.counterparts.actions import done_alike
from events.programme.queries import EventView
from events.programme.scopes import offer_scopes, read_scope, read_told, refused_by, scopes_again, told_of
from events.registration.places import place_names
from events.registration.questions import bank, building, queries
from events.registration.questions.alike import QUESTIONS
from events.registration.questions.builder_forms import KINDS
from events.registration.questions.builder_pages import GUARDS, PATH, back
from events.registration.questions.forms import asking, conditions
from events.registration.questions.sections import questions_shown
from events.registration.staff.reach import event_for


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


@post(f"{PATH}/order", guards=GUARDS, include_in_schema=False)
async def order(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Move a question up or down by one (`up`, `down`: its id), or put all in an order (`order`: ids)."""
    event, sent = await event_for(request, slug, Action.EDIT_EVENTS), await read_form(request)
    codes = {question.id: question.code for question in await queries.of_event(event.id)}
    ids, way = list(codes), next((way for way in ("up", "down") if sent.text(way)), "")
    moved = as_uuid(sent.text(way or "moved"))
    if way and moved in codes:
        place = ids.index(moved)
        ids.insert(max(0, place + (-1 if way == "up" else 1)), ids.pop(place))
    elif sent.text("order"):
        ids = [identity for text in sent.text("order").split() if (identity := as_uuid(text)) in codes and identity]
    actor, now, scope = actor_of(request), clock.now(), read_scope(sent)
    try:
        async with done_alike(event.id, QUESTIONS, scope, actor=actor, now=now) as alike:
            await building.order_questions(event.id, ids, actor=actor, now=now)
    except Invalid as invalid:
        return await _list(request, event, refusal=refused_by(invalid))
    except Conflict as conflict:
        return await _list(request, event, refusal=conflict.message)
    told = told_of(alike, scope)
    if moved not in codes:
        return back(event, told=told)
    # Back to the button that was pressed, to be pressed again; at either end to the one for the way back.
    ends = {"up": ids[0], "down": ids[-1]}
    button = {"up": "down", "down": "up"}[way] if ends.get(way) == moved else way
    return back(event, codes[moved], told, part=button or "question")


@post(f"{PATH}/bank", guards=GUARDS, include_in_schema=False)
async def use_bank(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Ask a question of the bank (`add`), keep one in it (`keep`), or take one out (`drop`)."""
    event, sent = await event_for(request, slug, Action.EDIT_EVENTS), await read_form(request)
    actor, now = actor_of(request), clock.now()
    if "add" in sent:
        scope = read_scope(sent)
        try:
            async with done_alike(event.id, QUESTIONS, scope, actor=actor, now=now) as alike:
                code = await bank.add_from_bank(event.id, _known(sent, "add"), actor=actor, now=now)
        except Invalid as invalid:
            return await _list(request, event, refusal=refused_by(invalid))
        return back(event, code, told_of(alike, scope))
    if "keep" in sent:
        await bank.save_to_bank(event.id, _known(sent, "keep"), actor=actor, now=now)
    else:
        await bank.remove_from_bank(_known(sent, "drop"), actor=actor, now=now)
    return see_other(f"/staff/events/{event.slug}/questions?saved=1#bank")


async def _list(request: AnyRequest, event: EventView, refusal: str = "") -> Template:
    questions, now = await queries.of_event(event.id), clock.now()
    counted = await queries.answer_counts(event.id)
    actor = actor_of(request)
    ordering, banking = scopes_again(request), scopes_again(request, "bank-scope")
    await offer_scopes(banking, event, actor, now)
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
        ordering=ordering,
        banking=banking,
        together=await offer_scopes(ordering, event, actor, now),
        refusal=refusal,
        saved=request.query_params.get("saved", ""),
        told=read_told(request),
    )


def _known(sent: FormData, name: str) -> UUID:
    identity = as_uuid(sent.text(name))
    if identity is None:
        raise NotFound
    return identity


ROUTES: list[ControllerRouterHandler] = [questions_page, preview_page, order, use_bank]
