"""The words of the built-in letters, for the whole network."""

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires
from events.accounts.rules import Action
from events.core.web import AnyRequest
from events.outreach.templates import event_pages, showing
from events.outreach.templates.shapes import Scope

PATH = "/staff/templates"
GUARDS = [Requires(Action.EDIT_TEMPLATES)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def templates_page(request: AnyRequest) -> Template:
    """All letters."""
    return await showing.show_list(request, Scope())


@get(f"{PATH}/{{name:str}}", guards=GUARDS, include_in_schema=False)
async def template_page(request: AnyRequest, name: FromPath[str]) -> Template:
    """The words of one."""
    return await showing.show_form(request, Scope(), name)


@post(f"{PATH}/{{name:str}}", guards=GUARDS, include_in_schema=False)
async def change_template(request: AnyRequest, name: FromPath[str]) -> Template | Redirect:
    """Look at them, change them, or take them back to the built-in ones."""
    return await showing.take_form(request, Scope(), name)


ROUTES: list[ControllerRouterHandler] = [
    templates_page,
    template_page,
    change_template,
    *event_pages.ROUTES,
]
