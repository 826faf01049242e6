"""The words of the built-in letters about one event."""

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.errors import NotFound
from events.core.web import AnyRequest
from events.outreach.templates import actions, showing
from events.outreach.templates.shapes import Scope
from events.programme import queries as programme

PATH = "/staff/events/{slug:str}/templates"
GUARDS = [Requires(Action.EDIT_EVENTS)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def event_templates_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """All letters about the event."""
    return await showing.show_list(request, await _scope(request, slug))


@get(f"{PATH}/{{name:str}}", guards=GUARDS, include_in_schema=False)
async def event_template_page(request: AnyRequest, slug: FromPath[str], name: FromPath[str]) -> Template:
    """The words of one."""
    return await showing.show_form(request, await _scope(request, slug), name)


@post(f"{PATH}/{{name:str}}", guards=GUARDS, include_in_schema=False)
async def change_event_template(request: AnyRequest, slug: FromPath[str], name: FromPath[str]) -> Template | Redirect:
    """Look at them, change them, or take them back to those of the network."""
    return await showing.take_form(request, await _scope(request, slug), name)


async def _scope(request: AnyRequest, slug: str) -> Scope:
    """Return an event that the actor may edit; raises NotFound for any other."""
    event = await programme.by_slug(slug)
    if event is None or not actions.may_edit(actor_of(request), Scope(event), now=clock.now()):
        raise NotFound
    return Scope(event)


ROUTES: list[ControllerRouterHandler] = [
    event_templates_page,
    event_template_page,
    change_event_template,
]
