"""The lost link: a page that answers the same whoever asks, and writes to the address that is registered."""

from datetime import timedelta

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC
from events.core import clock
from events.core.addresses import normal_address
from events.core.forms import read_form
from events.core.i18n import gettext as _
from events.core.limits import limit, network_of
from events.core.web import AnyRequest, page
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration.own.resending import resend_to
from events.registration.person_form import AddressForm

FROM_ONE_NETWORK = 20
TO_ONE_ADDRESS = 5


@get("/events/{slug:str}/resend", opt=PUBLIC, include_in_schema=False)
async def resend_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """Ask for the address."""
    return _page(request, await programme.announced(slug), AddressForm(), 200)


@post("/events/{slug:str}/resend", opt=PUBLIC, include_in_schema=False)
async def send_again(request: AnyRequest, slug: FromPath[str]) -> Template:
    """Write to the address if it is registered; the page does not tell whether it is."""
    event, now = await programme.announced(slug), clock.now()
    form = AddressForm(await read_form(request))
    if form.only_language_changes:
        return _page(request, event, form, 200)
    email = normal_address(form.email.data or "")
    if email is None:
        form.email.errors = [_("Write the address in the form name@organisation.fi.")]
        return _page(request, event, form, 422)
    host = request.client.host if request.client else ""
    await limit("resend", network_of(host), uses=FROM_ONE_NETWORK, window=timedelta(minutes=10), now=now)
    await limit("resend-address", email, uses=TO_ONE_ADDRESS, window=timedelta(hours=1), now=now)
    await resend_to(event.id, email, now=now)
    return _page(request, event, form, 200, sent_to=email)


def _page(request: AnyRequest, event: EventView, form: AddressForm, status: int, sent_to: str = "") -> Template:
    return page(
        request,
        "registration/resend.html",
        status=status,
        headers={"cache-control": "no-store"},
        event=event,
        form=form,
        sent_to=sent_to,
    )


ROUTES: list[ControllerRouterHandler] = [resend_page, send_again]
