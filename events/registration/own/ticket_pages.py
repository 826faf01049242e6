"""The ticket behind the QR code: event, place, time and the code; no name, for whoever sees the phone sees the page."""

import asyncio
import re

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Template
from litestar.types import ControllerRouterHandler
from markupsafe import Markup

from events.accounts.guards import PUBLIC
from events.core import qr
from events.core.assets import asset_path
from events.core.errors import NotFound
from events.core.http import speak
from events.core.links import absolute
from events.core.web import AnyRequest, page
from events.programme import queries as programme
from events.registration import queries
from events.registration.items.chosen import agenda_lines
from events.registration.own.link import event_of, still_kept
from events.registration.places import place_names

_TICKET = re.compile("[a-z0-9]{26}")


@get("/t/{ticket:str}", opt=PUBLIC, include_in_schema=False)
async def ticket_page(request: AnyRequest, ticket: FromPath[str]) -> Template:
    """The ticket, to be shown at the door."""
    registration = await queries.by_ticket(ticket) if _TICKET.fullmatch(ticket) else None
    if registration is None:
        raise NotFound
    speak(request.scope, registration.language)
    event = await event_of(still_kept(registration).event)
    site = next(site for site in event.sites if site.id == registration.site)
    return page(
        request,
        "registration/ticket.html",
        # kept by the browser, so that it opens again without a network, but asked for anew whenever there is one
        headers={"cache-control": "private, no-cache"},
        registration=registration,
        event=event,
        site=site,
        place=(await place_names(event))[site.id],
        agenda=await agenda_lines(event, site.id, registration.id),
        arrival=(await programme.arrivals(event.id))[site.id],
        qr=Markup(qr.svg(absolute(registration.ticket_path))),  # noqa: S704 - drawn by us from a secret of ours
    )


@get("/t/worker.js", opt=PUBLIC, include_in_schema=False)
async def ticket_worker() -> Response[bytes]:
    """The service worker that lets an opened ticket open again without a network; it may serve what lies under /t/.

    Caching by headers alone is not enough: a browser asks anew on each reload, and then has no answer.
    """
    code = await asyncio.to_thread(asset_path("ticket-worker.js").read_bytes)
    return Response(code, media_type="text/javascript", headers={"cache-control": "no-cache"})


ROUTES: list[ControllerRouterHandler] = [ticket_page, ticket_worker]
