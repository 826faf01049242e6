"""Staff pages of the agenda: the whole of it with what is odd, and the form of an item."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import BadRequest, Conflict, Invalid, NotFound
from events.core.forms import FormData, read_form
from events.core.web import AnyRequest, page, see_other, told_number
from events.programme import presentation, rules
from events.programme.agenda import rules as agenda_rules
from events.programme.agenda.actions import add_item, change_item, delete_item, move_item
from events.programme.agenda.alike import AGENDA
from events.programme.agenda.differences import Span, lines
from events.programme.agenda.forms import ItemForm
from events.programme.agenda.queries import agenda, item, signed_up, untold
from events.programme.agenda.rules import ItemView
from events.programme.agenda.telling import is_told, tell_agenda
from events.programme.counterparts.actions import Alike, done_alike
from events.programme.counterparts.queries import counterparts
from events.programme.queries import EventView
from events.programme.scopes import ScopeForm, offer_scopes, read_scope, read_told, refused_by, scopes_again, told_of
from events.programme.series.queries import Scope
from events.programme.staff_pages import EVENTS, editable
from events.programme.steps import duties, standing
from events.programme.words import ITEM_KINDS

PATH = f"{EVENTS}/{{slug:str}}/agenda"
ITEM = f"{PATH}/{{item_id:uuid}}"
GUARDS = [Requires(Action.EDIT_EVENTS)]


class Untold(Struct, frozen=True):
    """What has changed since people were told last: in words, how many a mail reaches, when the next reminder goes."""

    lines: list[str]
    reached: int
    reminder: datetime | None


@get(PATH, guards=GUARDS, include_in_schema=False)
async def agenda_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """The agenda by the hour."""
    return await _agenda_page(request, await editable(request, slug))


@get(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def new_item_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """The form of a new item: it begins where the last one ends."""
    event = await editable(request, slug)
    items = await agenda(event.id)
    start = rules.to_local(max((each.ends_at for each in items), default=event.starts_at), event.zone)
    form = await _form(event, None, {"day": start.date(), "starts": start.time()})
    return await _item_page(request, event, None, form, 200)


@post(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def add_it(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Add an item."""
    sent, event = await read_form(request), await editable(request, slug)
    form = await _form(event, sent, {})
    if form.validate():
        try:
            async with _alike(request, event, Scope(form.scope.data)) as alike:
                await add_item(event.id, form.values(), actor=actor_of(request), now=clock.now())
            return _saved(event, alike)
        except Invalid as invalid:
            form.show(invalid.errors)
    return await _item_page(request, event, None, form, form.status)


@get(ITEM, guards=GUARDS, include_in_schema=False)
async def item_page(request: AnyRequest, slug: FromPath[str], item_id: FromPath[UUID]) -> Template:
    """The form of an item."""
    event = await editable(request, slug)
    known = await _known(event, item_id)
    return await _item_page(request, event, known, await _form(event, None, _data(event, known), known), 200)


@post(ITEM, guards=GUARDS, include_in_schema=False)
async def change_it(request: AnyRequest, slug: FromPath[str], item_id: FromPath[UUID]) -> Template | Redirect:
    """Change an item."""
    sent, event = await read_form(request), await editable(request, slug)
    known = await _known(event, item_id)
    form = await _form(event, sent, {}, known)
    if form.validate():
        try:
            async with _alike(request, event, Scope(form.scope.data)) as alike:
                await change_item(event.id, item_id, form.values(), actor=actor_of(request), now=clock.now())
            return _saved(event, alike)
        except Invalid as invalid:
            form.show(invalid.errors)
    return await _item_page(request, event, known, form, form.status)


@post(f"{ITEM}/delete", guards=GUARDS, include_in_schema=False)
async def delete_it(request: AnyRequest, slug: FromPath[str], item_id: FromPath[UUID]) -> Template | Redirect:
    """Take an item out of the agenda."""
    sent, event = await read_form(request), await editable(request, slug)
    known = await _known(event, item_id)
    try:
        async with _alike(request, event, read_scope(sent)) as alike:
            await delete_item(event.id, item_id, actor=actor_of(request), now=clock.now())
    except Invalid as invalid:
        form = await _form(event, None, _data(event, known), known)
        return await _item_page(request, event, known, form, 409, refusal=refused_by(invalid))
    return _saved(event, alike)


@post([f"{ITEM}/earlier", f"{ITEM}/later"], guards=GUARDS, include_in_schema=False)
async def move_it(request: AnyRequest, slug: FromPath[str], item_id: FromPath[UUID]) -> Template | Redirect:
    """Let an item change places with its neighbour in the same room."""
    sent, event = await read_form(request), await editable(request, slug)
    earlier = request.url.path.endswith("/earlier")
    scope = read_scope(sent)
    try:
        async with _alike(request, event, scope) as alike:
            moved = await move_item(event.id, item_id, earlier=earlier, actor=actor_of(request), now=clock.now())
    except Invalid as invalid:
        return await _agenda_page(request, event, refusal=refused_by(invalid))
    word, part = ("saved", f"#item-{item_id}") if moved else ("stuck", "")
    return see_other(f"{EVENTS}/{event.slug}/agenda?{word}=1{told_of(alike, scope)}{part}")


@post(f"{PATH}/tell", guards=GUARDS, include_in_schema=False)
async def tell_it(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Tell the participants what has changed, by a mail or with the next reminder."""
    sent, event = await read_form(request), await editable(request, slug)
    seen = sent.text("seen")
    if not seen.isdecimal() or len(seen) > 9:  # noqa: PLR2004 - as many digits as SEQUENCE ever has
        raise BadRequest
    later = "with_reminder" in sent
    try:
        told = await tell_agenda(
            event.id, seen=int(seen), with_reminder=later, actor=actor_of(request), now=clock.now()
        )
    except Conflict as conflict:
        return await _agenda_page(request, await editable(request, slug), refusal=conflict.message)
    return see_other(f"{EVENTS}/{event.slug}/agenda?{'later=1' if later else f'written={told}'}")


async def _untold(event: EventView, now: datetime) -> Untold | None:
    """Return what there is to tell; None when that is nothing, or nobody could read it."""
    found = await untold(event) if is_told(event, now) else []
    if not found:
        return None
    places = {UUID(site): name for site, name in await _sites(event)} if len(event.sites) > 1 else {}
    coming = standing.coming_reminders(event, now)
    return Untold(
        lines(found, Span(event.starts_at, event.zone), places),
        await duties.reached(event.id, states=duties.REGISTERED),
        coming[0] if coming else None,
    )


def _alike(request: AnyRequest, event: EventView, scope: Scope) -> AbstractAsyncContextManager[Alike]:
    return done_alike(event.id, AGENDA, scope, actor=actor_of(request), now=clock.now())


async def _known(event: EventView, item_id: UUID) -> ItemView:
    known = await item(event.id, item_id)
    if known is None:
        raise NotFound
    return known


async def _sites(event: EventView) -> list[tuple[str, str]]:
    card = await presentation.card(event, clock.now())
    return [(str(place.site.id), place.name) for place in (*card.places, *card.closed)]


async def _form(
    event: EventView, sent: FormData | None, data: dict[str, Any], known: ItemView | None = None
) -> ItemForm:
    until = max(event.ends_at, known.ends_at) if known else event.ends_at
    return ItemForm(sent, data=data, zone=event.zone, sites=await _sites(event), until=until)


def _data(event: EventView, known: ItemView) -> dict[str, Any]:
    start, end = (rules.to_local(moment, event.zone) for moment in (known.starts_at, known.ends_at))
    data: dict[str, Any] = {name: getattr(known, name) for name in ("kind", "room", "sign_up", "capacity")}
    data |= {"day": start.date(), "starts": start.time(), "ends": end.time()}
    data |= {"site": str(known.site or ""), "speakers": "\n".join(known.speakers)}
    data |= {f"title_{code}": text for code, text in known.titles.items()}
    return data | {f"description_{code}": text for code, text in known.descriptions.items()}


def _saved(event: EventView, alike: Alike) -> Redirect:
    return see_other(f"{EVENTS}/{event.slug}/agenda?saved=1{told_of(alike)}")


async def _agenda_page(request: AnyRequest, event: EventView, refusal: str = "") -> Template:
    items, form = await agenda(event.id), scopes_again(request)
    return page(
        request,
        "programme/staff_agenda.html",
        status=409 if refusal else 200,
        event=event,
        days=agenda_rules.by_day(items, event.zone),
        warnings=agenda_rules.warnings(items, event.starts_at, event.ends_at),
        places=dict(await _sites(event)),
        kinds=ITEM_KINDS,
        form=form,
        together=await offer_scopes(form, event, actor_of(request), clock.now()),
        refusal=refusal,
        saved="saved" in request.query_params,
        stuck="stuck" in request.query_params,
        told=read_told(request),
        untold=await _untold(event, clock.now()),
        later="later" in request.query_params,
        written=told_number(request.query_params["written"]) if "written" in request.query_params else None,
    )


async def _item_page(
    request: AnyRequest, event: EventView, known: ItemView | None, form: ItemForm, status: int, *, refusal: str = ""
) -> Template:
    actor, now, deleting = actor_of(request), clock.now(), ScopeForm()
    deleting.scope.id = "delete-scope"  # beside that of the item itself
    among = await counterparts("agenda_item", known.id) if known else None
    await offer_scopes(deleting, event, actor, now, among=among)
    sees = may(actor, Action.SEE_REGISTRATIONS, now=now, event_id=event.id, region=event.host_region)
    return page(
        request,
        "programme/staff_item.html",
        status=status,
        event=event,
        item=known,
        form=form,
        together=await offer_scopes(form, event, actor, now, among=among),
        deleting=deleting,
        refusal=refusal,
        told=is_told(event, now),
        names=await signed_up(known.id) if known and sees else [],
    )


ROUTES: list[ControllerRouterHandler] = [
    *(agenda_page, new_item_page, add_it, item_page, change_it, delete_it, move_it, tell_it),
]
