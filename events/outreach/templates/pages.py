"""The words of the built-in letters, for the whole network."""

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires
from events.accounts.rules import Action
from events.core.forms import read_form
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
    """Change them, or take them back to the built-in ones."""
    return await showing.take_form(request, Scope(), name)


@get(f"{PATH}/{{name:str}}/body", guards=GUARDS, include_in_schema=False)
async def template_letter(request: AnyRequest, name: FromPath[str]) -> Response[str]:
    """The letter as it is, for a frame."""
    return await showing.show_letter(request, Scope(), name)


@post(f"{PATH}/{{name:str}}/body", guards=GUARDS, status_code=200, include_in_schema=False)
async def tried_letter(request: AnyRequest, name: FromPath[str]) -> Response[str]:
    """The letter as it would be with what is written in the form, for a frame."""
    return await showing.show_letter(request, Scope(), name, await read_form(request))


ROUTES: list[ControllerRouterHandler] = [
    templates_page,
    template_page,
    change_template,
    template_letter,
    tried_letter,
    *event_pages.ROUTES,
]
