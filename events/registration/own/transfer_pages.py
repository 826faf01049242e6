"""Handing one's place over by the private link, and having one's ticket sent again."""

from datetime import timedelta

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler
from msgspec.structs import replace

from events.accounts.guards import PUBLIC
from events.core import clock
from events.core.errors import Conflict, Invalid, NotFound
from events.core.forms import read_form
from events.core.limits import limit
from events.core.web import AnyRequest, page, see_other
from events.registration.admission import NotAdmitted, OrganisationFull
from events.registration.own.link import event_of, own_by, person_of
from events.registration.own.resending import resend
from events.registration.person_form import ABROAD, PersonForm
from events.registration.queries import RegistrationView
from events.registration.tables import State
from events.registration.transferring import transfer

TRANSFERS = 5
"""Tries in an hour by one link, each of which makes mails."""


@get("/r/{token:str}/transfer", opt=PUBLIC, include_in_schema=False)
async def transfer_page(request: AnyRequest, token: FromPath[str]) -> Template:
    """Ask who comes instead."""
    registration = await own_by(request, token)
    abroad = registration.municipality is None and registration.country != "FI"
    form = PersonForm(
        data={
            "organisation": registration.organisation,
            "municipality": ABROAD if abroad else registration.municipality or "",
            "country": registration.country if abroad else "",
        }
    )
    return await _page(request, token, registration, form, 200)


@post("/r/{token:str}/transfer", opt=PUBLIC, include_in_schema=False)
async def hand_over(request: AnyRequest, token: FromPath[str]) -> Template:
    """Hand the place over; the answer is the same whether or not the colleague is registered."""
    registration, now = await own_by(request, token), clock.now()
    form = PersonForm(await read_form(request))
    await form.offer_choices()
    new = form.read()
    if new is None:
        return await _page(request, token, registration, form, form.status)
    await limit("transfer", str(registration.id), uses=TRANSFERS, window=timedelta(hours=1), now=now)
    new = replace(new, language=registration.language)
    try:
        await transfer(registration.id, new, actor=person_of(registration), now=now)
    except Invalid as invalid:
        form.show(invalid.errors)
    except (NotAdmitted, OrganisationFull) as refused:
        form.show({"organisation": [refused.message]})
    except Conflict as conflict:
        form.form_errors.append(conflict.message)
    else:
        event = await event_of(registration.event)
        return page(request, "registration/transferred.html", path=f"/r/{token}", event=event, colleague=new)
    return await _page(request, token, registration, form, 422)


@post("/r/{token:str}/resend", opt=PUBLIC, include_in_schema=False)
async def send_ticket(request: AnyRequest, token: FromPath[str]) -> Redirect:
    """Send the letter with ticket and link to one's own address again."""
    registration = await own_by(request, token)
    await resend(registration.id, actor=person_of(registration), now=clock.now())
    return see_other(f"/r/{token}?saved=resend")


async def _page(
    request: AnyRequest, token: str, registration: RegistrationView, form: PersonForm, status: int
) -> Template:
    event = await event_of(registration.event)
    if registration.state is not State.CONFIRMED or clock.now() >= event.starts_at:
        raise NotFound
    await form.offer_choices()
    return page(request, "registration/transfer.html", status=status, token=token, event=event, form=form)


ROUTES: list[ControllerRouterHandler] = [transfer_page, hand_over, send_ticket]
