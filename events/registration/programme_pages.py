"""The programme as one's own: joining the online meeting, and the materials that the private link opens."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Stream
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC
from events.core import clock
from events.core.errors import NotFound
from events.core.http import CONTENT_SECURITY_POLICY
from events.core.web import attachment, see_other
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration import queries
from events.registration.joining import meeting, note_joining
from events.registration.own_agenda import agenda_lines
from events.registration.private_link import event_of, own_by
from events.registration.queries import RegistrationView


@get("/r/{token:str}/materials/{material_id:uuid}", opt=PUBLIC, include_in_schema=False)
async def open_material(token: FromPath[str], material_id: FromPath[UUID]) -> Stream:
    """A file that one may open as someone with a place, or as someone who attended."""
    registration = await own_by(token)
    known = await programme.material(registration.event, material_id)
    if known is None or not known.stored or not known.may_open(await queries.circle(registration), clock.now()):
        raise NotFound
    return await attachment(known.stored, known.filename, known.media_type)


@post("/r/{token:str}/join", opt=PUBLIC, include_in_schema=False)
async def join(token: FromPath[str]) -> Redirect:
    """Lead to the online meeting and keep that someone went."""
    registration = await own_by(token)
    event = await event_of(registration.event)
    url = meeting(event, registration, clock.now())
    if not url:
        raise NotFound
    await note_joining(registration.id, now=clock.now())
    return see_other(url)


def letting_join(url: str) -> dict[str, str]:
    """Return the headers with which a page may send a form that leads to another host, none without a link."""
    parts = urlsplit(url)
    if not _HOST.fullmatch(parts.netloc):
        return {}
    allowed = f"form-action 'self' {parts.scheme}://{parts.netloc}"
    return {"content-security-policy": CONTENT_SECURITY_POLICY.replace("form-action 'self'", allowed)}


_HOST = re.compile(r"[a-zA-Z0-9.-]+(:[0-9]+)?")


async def own_programme(event: EventView, registration: RegistrationView, now: datetime) -> dict[str, Any]:
    """Return what the page of one's registration says of the programme."""
    return {
        "meeting": meeting(event, registration, now),
        "agenda": await agenda_lines(event, registration.site, registration.id),
        "arrival": (await programme.arrivals(event.id))[registration.site],
        "materials": await programme.materials_for(event.id, await queries.circle(registration), now),
    }


ROUTES: list[ControllerRouterHandler] = [open_material, join]
