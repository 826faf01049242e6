"""The addresses that are not written to, for administrators: why, since when, and taking one off."""

from urllib.parse import urlencode

from litestar import get, post
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.forms import FormData, read_form
from events.core.web import AnyRequest, page, page_number, see_other
from events.messaging.incoming.queries import trouble
from events.outreach.delivery.actions import take_off
from events.outreach.delivery.forms import AddressFilter
from events.outreach.delivery.queries import not_written_to

PATH = "/staff/suppressed"
GUARDS = [Requires(Action.SEE_MAILBOX)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def suppressed_page(request: AnyRequest) -> Template:
    """The addresses, the latest first; filtered, in pages."""
    form = AddressFilter(FormData({"address": [request.query_params.get("address", "")]}))
    address = (form.address.data or "") if form.validate() else ""
    number = page_number(request)
    found = await not_written_to(address, page=number)
    return page(
        request,
        "outreach/suppressed.html",
        form=form,
        found=found,
        filtered=bool(address),
        number=number,
        base=f"{PATH}?{urlencode({'address': address, 'page': ''})}",
        saved=request.query_params.get("saved", ""),
        trouble=await trouble(),
    )


@post(PATH, guards=GUARDS, include_in_schema=False)
async def write_to_again(request: AnyRequest) -> Redirect:
    """Take an address off; NotFound when it is not on the list."""
    await take_off((await read_form(request)).text("address"), actor=actor_of(request), now=clock.now())
    return see_other(f"{PATH}?saved=off")


ROUTES: list[ControllerRouterHandler] = [suppressed_page, write_to_again]
