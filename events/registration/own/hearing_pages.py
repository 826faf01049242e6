"""Asking to be written to again, and the page behind the button of the mail; opening it changes nothing."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC
from events.core import clock
from events.core.http import speak
from events.core.web import AnyRequest, page, see_other
from events.registration.own import hearing_again
from events.registration.own.link import mailed_by, person_of

PATH = "/hear-again/{message:uuid}/{token:str}"


@post("/r/{token:str}/hear-again", opt=PUBLIC, include_in_schema=False)
async def ask(request: AnyRequest, token: FromPath[str]) -> Redirect:
    """Send the mail that asks."""
    registration = await mailed_by(request, token)
    await hearing_again.ask(registration.id, actor=person_of(registration), now=clock.now())
    return see_other(f"/r/{token}/data?saved=asked")


@get(PATH, opt=PUBLIC, include_in_schema=False)
async def hearing_page(request: AnyRequest, message: FromPath[UUID], token: FromPath[str]) -> Template:
    """Ask whether the address is to be written to again."""
    return _page(request, await hearing_again.asked_by(message, token, clock.now()), done=False)


@post(PATH, opt=PUBLIC, include_in_schema=False, status_code=200)
async def hear(request: AnyRequest, message: FromPath[UUID], token: FromPath[str]) -> Template:
    """Write to the address again."""
    return _page(request, await hearing_again.confirm(message, token, now=clock.now()), done=True)


def _page(request: AnyRequest, asking: hearing_again.Asking, *, done: bool) -> Template:
    speak(request.scope, asking.language)
    return page(
        request,
        "registration/hear_again.html",
        address=asking.address,
        here=request.url.path,
        done=done,
    )


ROUTES: list[ControllerRouterHandler] = [ask, hearing_page, hear]
