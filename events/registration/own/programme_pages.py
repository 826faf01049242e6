"""The programme as one's own: joining the online meeting, signing up for items, opening materials."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Stream, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC
from events.core import clock
from events.core.errors import Conflict, Invalid, NotFound
from events.core.forms import read_form
from events.core.web import AnyRequest, attachment, see_other
from events.programme import queries as programme
from events.registration import queries
from events.registration.items.forms import items_form_of
from events.registration.items.signing_up import choose_items
from events.registration.own.joining import meeting, note_joining
from events.registration.own.link import event_of, own_by, person_of
from events.registration.own.pages import own_page


@get("/r/{token:str}/materials/{material_id:uuid}", opt=PUBLIC, include_in_schema=False)
async def open_material(request: AnyRequest, token: FromPath[str], material_id: FromPath[UUID]) -> Stream:
    """A file that one may open as someone with a place, or as someone who attended."""
    registration = await own_by(request, token)
    known = await programme.material(registration.event, material_id)
    if known is None or not known.stored or not known.may_open(await queries.circle(registration), clock.now()):
        raise NotFound
    return await attachment(known.stored, known.filename, known.media_type)


@post("/r/{token:str}/join", opt=PUBLIC, include_in_schema=False)
async def join(request: AnyRequest, token: FromPath[str]) -> Redirect:
    """Lead to the online meeting and keep that someone went."""
    registration = await own_by(request, token)
    event = await event_of(registration.event)
    url = meeting(event, registration, clock.now())
    if not url:
        raise NotFound
    await note_joining(registration.id, now=clock.now())
    return see_other(url)


@post("/r/{token:str}/items", opt=PUBLIC, include_in_schema=False)
async def sign_up(request: AnyRequest, token: FromPath[str]) -> Template | Redirect:
    """Sign up for items of the agenda: what is ticked holds from now on."""
    registration, sent = await own_by(request, token), await read_form(request)
    form = await items_form_of(await event_of(registration.event), registration, sent)
    if form is None:
        raise NotFound
    if form.validate():
        wanted = {UUID(item) for item in form.items.data}
        try:
            await choose_items(registration.id, wanted, actor=person_of(registration), now=clock.now())
            return see_other(f"/r/{token}?saved=items")
        except Invalid as invalid:
            form.items.errors = invalid.errors["items"]
        except Conflict as conflict:
            return await own_page(request, token, registration, 409, refusal=conflict.message)
    return await own_page(request, token, registration, 422, items_form=form)


ROUTES: list[ControllerRouterHandler] = [open_material, join, sign_up]
