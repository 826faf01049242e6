"""Pages of an event's materials: staff add and change them; everyone opens what is there for everyone."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Stream, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC, Requires, actor_of
from events.accounts.rules import Action
from events.core import clock, files
from events.core.errors import Conflict, Invalid, NotFound
from events.core.file_types import download_name, recognise
from events.core.forms import add_error, read_form
from events.core.i18n import gettext as _
from events.core.web import AnyRequest, attachment, page, see_other, told_number
from events.programme import rules
from events.programme.agenda.queries import agenda
from events.programme.counterparts.actions import Alike, done_alike
from events.programme.counterparts.queries import counterparts
from events.programme.materials.actions import MATERIALS, Source, add_material, change_material, delete_material
from events.programme.materials.forms import MaterialForm, NewMaterialForm
from events.programme.materials.queries import MaterialView, material, materials
from events.programme.materials.tables import Audience
from events.programme.materials.telling import news, tell_materials
from events.programme.public_pages import may_edit, visible
from events.programme.queries import EventView
from events.programme.scopes import ScopeForm, offer_scopes, read_scope, read_told, refused_by, told_of
from events.programme.series.queries import Scope
from events.programme.staff_pages import EVENTS, editable
from events.programme.words import AUDIENCES

PATH = f"{EVENTS}/{{slug:str}}/materials"
GUARDS = [Requires(Action.EDIT_EVENTS)]

MAX_FILE = 50 * 1024 * 1024
"""Bytes of a file; what is larger belongs to a service for video or data, and a link to it here."""

MAX_REQUEST = MAX_FILE + 10 * 1024 * 1024
"""Bytes of a request: a file that is a little too large is refused beside its field, not by an error page."""


@get(PATH, guards=GUARDS, include_in_schema=False)
async def materials_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """What there is to read, and the form for more."""
    event = await editable(request, slug)
    return await _materials_page(request, event, NewMaterialForm(**await _made_for(event)))


@post(PATH, guards=GUARDS, include_in_schema=False, request_max_body_size=MAX_REQUEST)
async def add_it(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Add a file or a link."""
    sent, event = await read_form(request), await editable(request, slug)
    form = NewMaterialForm(sent, **await _made_for(event))
    source = await _source(form) if form.validate() else None
    if source is None:
        return await _materials_page(request, event, form, form.status)
    try:
        async with _alike(request, event, Scope(form.scope.data)) as alike:
            await add_material(event.id, source, form.told(), actor=actor_of(request), now=clock.now())
    except Invalid as invalid:
        form.form_errors.append(refused_by(invalid))
        return await _materials_page(request, event, form, 422)
    return _saved(event, alike)


@get(f"{PATH}/{{material_id:uuid}}", guards=GUARDS, include_in_schema=False)
async def material_page(request: AnyRequest, slug: FromPath[str], material_id: FromPath[UUID]) -> Template:
    """One material: its titles, who may open it and from when."""
    event = await editable(request, slug)
    known = await _known(event, material_id)
    local = rules.to_local(known.visible_from, event.zone) if known.visible_from else None
    data: dict[str, Any] = {f"title_{code}": text for code, text in known.titles.items()}
    data |= {
        "audience": known.audience,
        "item": str(known.item or ""),
        "visible_day": local.date() if local else None,
        "visible_time": local.time() if local else None,
    }
    return await _material_page(request, event, known, MaterialForm(data=data, **await _made_for(event)))


@post(f"{PATH}/{{material_id:uuid}}", guards=GUARDS, include_in_schema=False)
async def change_it(request: AnyRequest, slug: FromPath[str], material_id: FromPath[UUID]) -> Template | Redirect:
    """Change what is said of a material."""
    sent, event = await read_form(request), await editable(request, slug)
    known = await _known(event, material_id)
    form = MaterialForm(sent, **await _made_for(event))
    if not form.validate():
        return await _material_page(request, event, known, form, form.status)
    try:
        async with _alike(request, event, Scope(form.scope.data)) as alike:
            await change_material(event.id, known.id, form.told(), actor=actor_of(request), now=clock.now())
    except Invalid as invalid:
        form.form_errors.append(refused_by(invalid))
        return await _material_page(request, event, known, form, 422)
    return _saved(event, alike)


@post(f"{PATH}/{{material_id:uuid}}/delete", guards=GUARDS, include_in_schema=False)
async def delete_it(request: AnyRequest, slug: FromPath[str], material_id: FromPath[UUID]) -> Redirect:
    """Take a material away."""
    sent, event = await read_form(request), await editable(request, slug)
    async with _alike(request, event, read_scope(sent)) as alike:
        await delete_material(event.id, material_id, actor=actor_of(request), now=clock.now())
    return _saved(event, alike)


@post(f"{PATH}/tell", guards=GUARDS, include_in_schema=False)
async def tell_it(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Tell whom the new materials concern (`material`: the ids that the page showed)."""
    sent, event = await read_form(request), await editable(request, slug)
    shown = set(sent.getlist("material"))
    chosen = [each.id for each in await materials(event.id) if str(each.id) in shown]
    try:
        told = await tell_materials(event.id, chosen, actor=actor_of(request), now=clock.now())
    except Conflict as conflict:
        form = NewMaterialForm(**await _made_for(event))
        return await _materials_page(request, event, form, 409, refusal=conflict.message)
    return see_other(f"{EVENTS}/{event.slug}/materials?written={told}")


@get("/events/{slug:str}/materials/{material_id:uuid}", opt=PUBLIC, include_in_schema=False)
async def open_material(request: AnyRequest, slug: FromPath[str], material_id: FromPath[UUID]) -> Stream:
    """A file that everyone may open; its organisers open every one."""
    event = await visible(slug, actor_of(request))
    known = await _known(event, material_id)
    if not known.stored or not (may_edit(actor_of(request), event) or known.may_open(Audience.EVERYONE, clock.now())):
        raise NotFound
    return await attachment(known.stored, known.filename, known.media_type)


def _alike(request: AnyRequest, event: EventView, scope: Scope) -> AbstractAsyncContextManager[Alike]:
    return done_alike(event.id, MATERIALS, scope, actor=actor_of(request), now=clock.now())


def _saved(event: EventView, alike: Alike) -> Redirect:
    return see_other(f"{EVENTS}/{event.slug}/materials?saved=1{told_of(alike)}")


async def _made_for(event: EventView) -> dict[str, Any]:
    return {"zone": event.zone, "items": [(str(item.id), item.title[0]) for item in await agenda(event.id)]}


async def _known(event: EventView, material_id: UUID) -> MaterialView:
    known = await material(event.id, material_id)
    if known is None:
        raise NotFound
    return known


async def _source(form: NewMaterialForm) -> Source | None:
    """Put the file of a valid form away; None, with the error beside the field, for one that is not taken."""
    upload = form.upload()
    if upload is None:
        return Source(url=form.url.data)
    content = upload.file
    size = await asyncio.to_thread(content.seek, 0, 2)
    kind = await asyncio.to_thread(recognise, content, upload.filename)
    if size > MAX_FILE:
        add_error(form.file, _("The file is larger than 50 MB. Put it elsewhere and add a link to it."))
    elif kind is None:
        add_error(form.file, _("Files of this kind are not taken. Save it as PDF, for example, and try again."))
    else:
        kept = await files.put(content)
        return Source(file=kept, filename=download_name(upload.filename, kind), media_type=kind.media_type)
    return None


async def _materials_page(
    request: AnyRequest, event: EventView, form: NewMaterialForm, status: int = 200, *, refusal: str = ""
) -> Template:
    return page(
        request,
        "programme/staff_materials.html",
        status=status,
        event=event,
        materials=await materials(event.id),
        audiences=AUDIENCES,
        form=form,
        together=await offer_scopes(form, event, actor_of(request), clock.now()),
        saved="saved" in request.query_params,
        told=read_told(request),
        refusal=refusal,
        news=await news(event, clock.now()),
        written=told_number(request.query_params["written"]) if "written" in request.query_params else None,
    )


async def _material_page(
    request: AnyRequest, event: EventView, known: MaterialView, form: MaterialForm, status: int = 200
) -> Template:
    actor, now, deleting = actor_of(request), clock.now(), ScopeForm()
    deleting.scope.id = "delete-scope"  # beside that of the material itself
    among = await counterparts("material", known.id)
    await offer_scopes(deleting, event, actor, now, among=among)
    return page(
        request,
        "programme/staff_material.html",
        status=status,
        event=event,
        material=known,
        form=form,
        together=await offer_scopes(form, event, actor, now, among=among),
        deleting=deleting,
    )


ROUTES: list[ControllerRouterHandler] = [
    *(materials_page, add_it, material_page, change_it, delete_it, tell_it, open_material),
]
