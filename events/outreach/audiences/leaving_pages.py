"""Behind the unsubscribe link of a letter: no more of its themes, or none at all; opening it changes nothing."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC
from events.core import clock
from events.core.errors import BadRequest, NotFound
from events.core.forms import read_form
from events.core.web import AnyRequest, page
from events.messaging.actions import refuse_themes, unsubscribe
from events.network import queries as network
from events.outreach.audiences import queries
from events.outreach.audiences.queries import Leaving

PATH = "/unsubscribe/{message:uuid}/{token:str}"
THEMES = "themes"
"""What the page sends of who wants to hear no more of the letter's themes, but of others."""


@get(PATH, opt=PUBLIC, include_in_schema=False)
async def leaving_page(request: AnyRequest, message: FromPath[UUID], token: FromPath[str]) -> Template:
    """Ask whether one wants no more letters: of these themes, or none at all."""
    return await _page(request, await _found(message, token))


@post(PATH, opt={**PUBLIC, "machine": True}, include_in_schema=False, status_code=200)
async def leave(request: AnyRequest, message: FromPath[UUID], token: FromPath[str]) -> Template:
    """Write to the address no more; mail programs send this by themselves, without cookies (RFC 8058).

    They mean all letters, whatever else they send; the page alone can ask for the letter's themes.
    """
    found = await _found(message, token)
    try:
        wanted = (await read_form(request)).text("what")
    except BadRequest:
        wanted = ""
    if wanted == THEMES and found.about:
        await refuse_themes(found.address, found.about, now=clock.now())
        return await _page(request, found, done=THEMES)
    await unsubscribe(found.address, now=clock.now())
    return await _page(request, found, done="all")


async def _found(message: UUID, token: str) -> Leaving:
    found = await queries.leaving(message, token)
    if found is None:
        raise NotFound
    return found


async def _page(request: AnyRequest, found: Leaving, *, done: str = "") -> Template:
    named = {theme.code: theme.name for theme in await network.themes()}
    return page(
        request,
        "outreach/letters/leaving.html",
        headers={"cache-control": "no-store"},
        address=found.address,
        themes=[named[code] for code in found.about if code in named],
        here=request.url.path,
        done=done,
    )


ROUTES: list[ControllerRouterHandler] = [leaving_page, leave]
