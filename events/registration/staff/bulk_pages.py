"""Doing the same to many registrations: what will be done is said first, and afterwards what was."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.documents.queries import page_of
from events.core.errors import BadRequest
from events.core.forms import BaseForm, FormData, read_form
from events.core.web import AnyRequest, page, see_other
from events.programme.queries import EventView
from events.registration.places import place_names
from events.registration.staff import bulk, bulk_work
from events.registration.staff import queries as staff_queries
from events.registration.staff.bulk import Deed, Given
from events.registration.staff.bulk_words import deed_words
from events.registration.staff.bulk_work import Order
from events.registration.staff.columns import columns_for
from events.registration.staff.filters import Filters, View, read_view
from events.registration.staff.forms import FORMS
from events.registration.staff.one_pages import EDIT, PATH
from events.registration.staff.reach import event_for

CHOSEN = f"{PATH}/chosen"


@get(CHOSEN, guards=EDIT, include_in_schema=False)
async def ask(request: AnyRequest, slug: FromPath[str]) -> Template:
    """Say what will be done to whom, and ask what is needed for it; changes nothing."""
    event = await event_for(request, slug, Action.EDIT_REGISTRATIONS)
    asked = list(request.query_params.multi_items())
    view = read_view(asked, await columns_for(event.id))
    chosen = None if ("all", "1") in asked else _uuids([value for name, value in asked if name == "id"])
    deed = _deed(request.query_params.get("do", ""))
    registrations = await staff_queries.meant(event.id, view.filters, chosen, by_line=deed is Deed.PLACE)
    form = await _form(deed, event, None)
    return await _ask(request, event, deed, registrations, form, back=_list(event, view))


@post(CHOSEN, guards=EDIT, include_in_schema=False)
async def do(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Do what was said, to those of whom it was said; leads to how far it is, and what became of it."""
    event = await event_for(request, slug, Action.EDIT_REGISTRATIONS)
    data = await read_form(request)
    view = read_view(request.query_params.multi_items(), await columns_for(event.id))
    deed = _deed(data.text("do"))
    if deed is None:
        raise BadRequest
    chosen = _uuids(data.text("registrations").split())
    registrations = await staff_queries.meant(event.id, Filters(), chosen, by_line=deed is Deed.PLACE)
    form = await _form(deed, event, data)
    if len(registrations) > bulk.MOST or (form is not None and not form.validate()):
        return await _ask(request, event, deed, registrations, form, back=_list(event, view))
    if not registrations:
        return see_other(_list(event, view))
    wanted = Order(deed, registrations, _given(event, data, form), _list(event, view))
    return see_other(page_of(await bulk_work.order(event, wanted, actor=actor_of(request), now=clock.now())))


async def _ask(
    request: AnyRequest,
    event: EventView,
    deed: Deed | None,
    registrations: Sequence[UUID],
    form: BaseForm | None,
    *,
    back: str,
) -> Template:
    return page(
        request,
        "registration/staff_bulk.html",
        status=422 if form is not None and form.errors else 200,
        event=event,
        back=back,
        kept=request.url.query,
        deed=deed,
        name=deed_words(deed) if deed else "",
        registrations=registrations,
        too_many=len(registrations) > bulk.MOST,
        most=bulk.MOST,
        at_once=bulk_work.AT_ONCE,
        outlook=await bulk.outlook(deed, registrations) if deed else None,
        suggestions=[name for _folded, name in await staff_queries.tags(event.id)],
        form=form,
        turn=uuid4(),
    )


def _list(event: EventView, view: View) -> str:
    return f"/staff/events/{event.slug}/registrations?{view.query()}".rstrip("?")


async def _form(deed: Deed | None, event: EventView, data: FormData | None) -> BaseForm | None:
    if deed not in FORMS:
        return None
    form = FORMS[deed](data)
    if deed is Deed.MOVE:
        names = await place_names(event)
        form.site.choices = [(str(site.id), names[site.id]) for site in event.open_sites]
    return form


def _given(event: EventView, data: FormData, form: BaseForm | None) -> Given:
    """Return what the form holds; its choices are checked."""
    entered: dict[str, Any] = {name: value or "" for name, value in form.data.items()} if form else {}
    if site := entered.pop("site", None):
        entered["site"] = UUID(site)
    return Given(
        event=event.id, **entered, turn=_uuids([data.text("turn")] if "turn" in data else [str(uuid4())])[0].hex
    )


def _deed(text: str) -> Deed | None:
    return Deed(text) if text in set(Deed) else None


def _uuids(texts: Sequence[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError as error:
        raise BadRequest from error


ROUTES: list[ControllerRouterHandler] = [ask, do]
