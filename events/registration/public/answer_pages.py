"""The page after the form: where the confirmation went, and what can be mended at once."""

from datetime import timedelta

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC
from events.core import clock
from events.core.addresses import normal_address
from events.core.errors import NotFound
from events.core.forms import read_form
from events.core.http import speak
from events.core.i18n import gettext as _
from events.core.limits import limit
from events.core.web import AnyRequest, page, see_other
from events.programme import queries as programme
from events.registration.items import rules
from events.registration.items.forms import described
from events.registration.person_form import AddressForm
from events.registration.places import place_names
from events.registration.public import receipts
from events.registration.public.receipts import Receipt
from events.registration.tables import State


@post("/r/{token:str}/address", opt=PUBLIC, include_in_schema=False)
async def mend_address(request: AnyRequest, token: FromPath[str]) -> Template | Redirect:
    """Take another address than the one that was typed."""
    now = clock.now()
    receipt = await receipts.by_token(token, now)
    if receipt is None:
        raise NotFound
    speak(request.scope, receipt.entered.language)
    form = AddressForm(await read_form(request))
    email = normal_address(form.email.data or "")
    if form.only_language_changes:
        return await answer_page(request, token, receipt, form, 200)
    if email is None:
        form.email.errors = [_("Write the address in the form name@organisation.fi.")]
        return await answer_page(request, token, receipt, form, 422)
    if email != receipt.entered.email:
        await limit("mend-address", str(receipt.id), uses=5, window=timedelta(hours=1), now=now)
        await receipts.mend_address(receipt, email, now=now)
    return see_other(f"/r/{token}?saved=address")


async def answer_page(request: AnyRequest, token: str, receipt: Receipt, form: AddressForm, status: int) -> Template:
    """Say what came of the form; nothing here tells a new registration from an earlier one."""
    event = await programme.by_id(receipt.event)
    if event is None:
        raise NotFound
    site = next((site for site in event.sites if site.id == receipt.entered.site), event.sites[0])
    if form.email.data is None:
        form.email.data = receipt.entered.email
    items = rules.offered(await programme.agenda(event.id), site.id)
    return page(
        request,
        "registration/answer.html",
        status=status,
        token=token,
        receipt=receipt,
        together=await receipts.together(receipt.id),
        event=event,
        place=(await place_names(event))[site.id],
        signed_up=described([item for item in items if item.id in receipt.items], event.zone),
        chooses_later=bool(items) and receipt.state is not State.CONFIRMED,
        form=form,
        saved=request.query_params.get("saved", ""),
    )


ROUTES: list[ControllerRouterHandler] = [mend_address]
