"""Behind the unsubscribe link of a letter: no more of its themes, or none at all; opening it changes nothing."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC
from events.core.errors import NotFound
from events.core.web import AnyRequest
from events.outreach.audiences import queries
from events.registration.unsubscribing import pages as unsubscribing

PATH = "/unsubscribe/{message:uuid}/{token:str}"


@get(PATH, opt=PUBLIC, include_in_schema=False)
async def unsubscribe_page(request: AnyRequest, message: FromPath[UUID], token: FromPath[str]) -> Template:
    """Say whether the address gets letters, and ask whether it is to get no more."""
    return await unsubscribing.show(request, await _link(message, token))


@post(PATH, opt={**PUBLIC, "machine": True}, include_in_schema=False, status_code=200)
async def leave(request: AnyRequest, message: FromPath[UUID], token: FromPath[str]) -> Template:
    """Write to the address no more, on the themes of the letter alone or at all."""
    return await unsubscribing.leave(request, await _link(message, token))


@post(f"{PATH}/undo", opt=PUBLIC, include_in_schema=False)
async def come_back(request: AnyRequest, message: FromPath[UUID], token: FromPath[str]) -> Redirect:
    """Take that back."""
    return await unsubscribing.undo(request, await _link(message, token))


async def _link(message: UUID, token: str) -> unsubscribing.Link:
    found = await queries.leaving(message, token)
    if found is None:
        raise NotFound
    return unsubscribing.Link(found.address, found.language, found.about, f"/unsubscribe/{message}/{token}")


ROUTES: list[ControllerRouterHandler] = [unsubscribe_page, leave, come_back]
