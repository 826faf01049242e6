"""Asking to be written to again, and the page behind the button of the mail; opening it changes nothing."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC
from events.core import clock
from events.core.web import AnyRequest, page, see_other
from events.registration.own import hearing_again
from events.registration.own.link import mailed_by, person_of

PATH = "/hear-again/{message:uuid}/{token:str}"


@post("/r/{token:str}/hear-again", opt=PUBLIC, include_in_schema=False)
async def ask(token: FromPath[str]) -> Redirect:
    """Send the mail that asks."""
    registration = await mailed_by(token)
    await hearing_again.ask(registration.id, actor=person_of(registration), now=clock.now())
    return see_other(f"/r/{token}/data?saved=asked")


@get(PATH, opt=PUBLIC, include_in_schema=False)
async def hearing_page(request: AnyRequest, message: FromPath[UUID], token: FromPath[str]) -> Template:
    """Ask whether the address is to be written to again."""
    address = await hearing_again.address_of(message, token, clock.now())
    return _page(request, address, done=False)


@post(PATH, opt=PUBLIC, include_in_schema=False, status_code=200)
async def hear(request: AnyRequest, message: FromPath[UUID], token: FromPath[str]) -> Template:
    """Write to the address again."""
    address = await hearing_again.confirm(message, token, now=clock.now())
    return _page(request, address, done=True)


def _page(request: AnyRequest, address: str, *, done: bool) -> Template:
    return page(
        request,
        "registration/hear_again.html",
        address=address,
        here=request.url.path,
        done=done,
    )


ROUTES: list[ControllerRouterHandler] = [ask, hearing_page, hear]
