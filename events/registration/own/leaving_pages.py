"""Leaving by the private link: cancelling one's registration, and having one's data erased."""

from datetime import datetime

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC
from events.core import clock
from events.core.errors import NotFound
from events.core.forms import read_form
from events.core.text import clean_line
from events.core.web import AnyRequest, page, see_other
from events.registration import actions, rules
from events.registration.own import data as own_data
from events.registration.own.link import event_of, found_by, own_by, person_of
from events.registration.public import receipts
from events.registration.public.receipts import Receipt
from events.registration.queries import RegistrationView

LONGEST_REASON = 500


@get(["/r/{token:str}/cancel", "/r/{token:str}/erase"], opt=PUBLIC, include_in_schema=False)
async def ask(request: AnyRequest, token: FromPath[str]) -> Template | Redirect:
    """Ask whether one means it; opening a link changes nothing, for mail scanners open links too.

    Letters lead here for as long as they are kept: who has left already, or too late, sees how it stands instead.
    """
    found = await found_by(request, token)
    erase = request.url.path.endswith("/erase")
    if erase and isinstance(found, Receipt):
        raise NotFound
    event = await event_of(found.event)
    if not (erase or isinstance(found, Receipt) or _may_cancel(found, event.starts_at)):
        return see_other(f"/r/{token}")
    whole = not isinstance(found, Receipt) and found.by_mail
    return page(request, "registration/ask.html", event=event, token=token, erase=erase, whole=whole)


@post("/r/{token:str}/cancel", opt=PUBLIC, include_in_schema=False)
async def cancel(request: AnyRequest, token: FromPath[str]) -> Redirect:
    """Cancel, with a reason or without."""
    found, form = await found_by(request, token), await read_form(request)
    reason = clean_line(form.text("reason"))[:LONGEST_REASON]
    if isinstance(found, Receipt):
        await receipts.give_up(found, reason=reason, now=clock.now())
    else:
        await actions.cancel(found.id, actor=person_of(found), now=clock.now(), reason=reason)
    return see_other(f"/r/{token}")


@post("/r/{token:str}/erase", opt=PUBLIC, include_in_schema=False)
async def erase(request: AnyRequest, token: FromPath[str]) -> Template:
    """Forget who one is, or by a link out of no letter whose registration it is; the counts stay."""
    registration = await own_by(request, token)
    await own_data.erase(registration.id, actor=person_of(registration), now=clock.now())
    return page(request, "registration/erased.html", path="/", whole=registration.by_mail)


def _may_cancel(registration: RegistrationView, starts_at: datetime) -> bool:
    return not registration.gone and rules.may_change(starts_at, person_of(registration), clock.now())


ROUTES: list[ControllerRouterHandler] = [ask, cancel, erase]
