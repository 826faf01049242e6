"""Letting in someone who came without registering."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.checkin import actions, queries
from events.checkin.actions import WalkIn
from events.checkin.forms import WalkInForm
from events.checkin.queries import DoorEvent
from events.core import clock
from events.core.errors import Conflict
from events.core.forms import FormData, read_form
from events.core.web import AnyRequest, page, see_other
from events.registration.tables import State

PATH = "/door/{slug:str}/walk-in"
GUARDS = [Requires(Action.CHECK_IN)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def walk_in_page(request: AnyRequest, slug: FromPath[str], saved: FromQuery[str] = "") -> Template:
    """The form; `saved` says how the one before fared."""
    event = await _event(request, slug)
    return _page(request, event, await _form(event, None), saved=saved)


@post(PATH, guards=GUARDS, include_in_schema=False)
async def walk_in(request: AnyRequest, slug: FromPath[str]) -> Redirect | Template:
    """Register and let in; the form is ready for the next one at once."""
    event = await _event(request, slug)
    form = await _form(event, await read_form(request))
    if not form.validate():
        return _page(request, event, form, status=form.status)
    person = WalkIn(
        name=form.name.data,
        organisation=form.organisation.data or "",
        email=form.email.data or None,
        site=UUID(form.site.data) if "site" in form else None,
    )
    try:
        made = await actions.let_in(event.id, person, actor=actor_of(request), now=clock.now())
    except Conflict as conflict:
        form.form_errors.append(conflict.message)
        return _page(request, event, form, status=409)
    saved = "known" if made.already else "full" if made.state is State.WAITLISTED else "in"
    return see_other(f"/door/{slug}/walk-in?saved={saved}")


async def _event(request: AnyRequest, slug: str) -> DoorEvent:
    return await queries.door_event(slug, actor_of(request), clock.now())


async def _form(event: DoorEvent, sent: FormData | None) -> WalkInForm:
    form = WalkInForm(sent)
    form.offer(await queries.sites(event.id))
    return form


def _page(request: AnyRequest, event: DoorEvent, form: WalkInForm, *, saved: str = "", status: int = 200) -> Template:
    return page(request, "checkin/walk_in.html", status=status, event=event, form=form, saved=saved)


ROUTES: list[ControllerRouterHandler] = [walk_in_page, walk_in]
