"""Checking in by oneself: at a tablet at the door, or on one's own phone by the code of a poster."""

from datetime import timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler
from markupsafe import Markup

from events.accounts.guards import PUBLIC, Requires, actor_of, device_of
from events.accounts.rules import Action
from events.checkin import queries
from events.checkin.oneself import actions
from events.checkin.oneself.forms import OneselfForm
from events.checkin.oneself.rules import SCANNED_WITHIN, SENT_WITHIN
from events.checkin.pages import HEADERS
from events.checkin.queries import DoorEvent
from events.checkin.settings import queries as settings
from events.checkin.settings.queries import Chosen
from events.checkin.settings.tables import Poster
from events.checkin.shapes import Answer
from events.core import clock, qr
from events.core.errors import NotFound
from events.core.forms import read_form
from events.core.i18n import gettext as _
from events.core.limits import limit, network_of
from events.core.links import absolute
from events.core.web import AnyRequest, page, see_other

GUARDS = [Requires(Action.CHECK_IN_ONESELF)]

TRIES = 200
"""Tries in ten minutes at one tablet or from one network: a full hall may stand behind one address."""


@get("/kiosk", guards=GUARDS, include_in_schema=False)
async def kiosk_start(request: AnyRequest) -> Redirect:
    """Lead to the event that is on, or the next one; when all are over, to the first of the day."""
    now = clock.now()
    events = await queries.door_events(actor_of(request), now, action=Action.CHECK_IN_ONESELF)
    if not events:
        raise NotFound
    ahead = [event for event in events if event.ends_at > now]
    return see_other(f"/kiosk/{(ahead or events)[0].slug}")


@get("/kiosk/{slug:str}", guards=GUARDS, include_in_schema=False)
async def kiosk(request: AnyRequest, slug: FromPath[str]) -> Template:
    """The tablet's page: show a ticket to the camera, or say who one is. It lists nobody."""
    return await _kiosk_page(request, await _event(request, slug), OneselfForm())


@post("/kiosk/{slug:str}", guards=GUARDS, include_in_schema=False, status_code=200)
async def check_in_at_kiosk(request: AnyRequest, slug: FromPath[str]) -> Template:
    """Check in; the page goes back to its beginning by itself."""
    event, form = await _event(request, slug), OneselfForm(await read_form(request))
    if not form.validate():
        return await _kiosk_page(request, event, form)
    actor, now, device = actor_of(request), clock.now(), await device_of(request)
    await limit("oneself", str(device or actor.id), uses=TRIES, window=timedelta(minutes=10), now=now)
    door = actor.name[:60] if device else _("Self check-in")
    answer = await actions.check_in(event, form.said, door=door, desk=actor, now=now)
    return await _kiosk_page(request, event, OneselfForm(), answer=answer, asked=True)


@get("/kiosk/{slug:str}/code", guards=GUARDS, include_in_schema=False)
async def code_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """The changing code, as large as the screen lets it be."""
    event = await _event(request, slug)
    return page(request, "checkin/oneself/code.html", event=event, qr=await _drawn(event))


@get("/kiosk/{slug:str}/code.svg", guards=GUARDS, include_in_schema=False)
async def code_picture(request: AnyRequest, slug: FromPath[str]) -> Response[str]:
    """The code of this half minute."""
    return Response(await _drawn(await _event(request, slug)), media_type="image/svg+xml")


@get("/here/{slug:str}/{secret:str}", opt=PUBLIC, include_in_schema=False)
async def here(request: AnyRequest, slug: FromPath[str], secret: FromPath[str]) -> Template:
    """What the code of a poster opens on one's own phone; opening it changes nothing."""
    event, chosen = await _poster_of(slug)
    if not actions.opens(secret, event, chosen, clock.now(), back=SCANNED_WITHIN):
        return _over(request, event)
    return _here_page(request, event, OneselfForm())


@post("/here/{slug:str}/{secret:str}", opt=PUBLIC, include_in_schema=False, status_code=200)
async def check_in_here(request: AnyRequest, slug: FromPath[str], secret: FromPath[str]) -> Template:
    """Check in on one's own phone."""
    event, chosen = await _poster_of(slug)
    form, now = OneselfForm(await read_form(request)), clock.now()
    if not actions.opens(secret, event, chosen, now, back=SENT_WITHIN):
        return _over(request, event)
    if not form.validate():
        return _here_page(request, event, form)
    host = network_of(request.client.host if request.client else "")
    await limit("oneself", host, uses=TRIES, window=timedelta(minutes=10), now=now)
    answer = await actions.check_in(event, form.said, door=_("Self check-in"), desk=None, now=now)
    if answer is None:
        form.form_errors.append(_("We did not find you. Check what you wrote, or ask at the door."))
        return _here_page(request, event, form)
    return page(request, "checkin/oneself/done.html", event=event, answer=answer, path="/")


async def _event(request: AnyRequest, slug: str) -> DoorEvent:
    return await queries.door_event(slug, actor_of(request), clock.now(), action=Action.CHECK_IN_ONESELF)


async def _poster_of(slug: str) -> tuple[DoorEvent, Chosen]:
    event = await queries.public_event(slug, clock.now())
    if event is None:
        raise NotFound
    return event, await settings.chosen(event.id)


async def _drawn(event: DoorEvent) -> Markup:
    """Draw the changing code; raises NotFound where none was chosen."""
    chosen = await settings.chosen(event.id)
    if chosen.poster is not Poster.ROTATING:
        raise NotFound
    url = absolute(f"/here/{event.slug}/{actions.poster_code(event.id, chosen, clock.now())}")
    return Markup(qr.svg(url))  # noqa: S704 - drawn by us from a secret of ours


async def _kiosk_page(
    request: AnyRequest, event: DoorEvent, form: OneselfForm, *, answer: Answer | None = None, asked: bool = False
) -> Template:
    context: dict[str, Any] = {"event": event, "form": form, "answer": answer, "asked": asked}
    context["over"] = event.ends_at <= clock.now()
    context["rotating"] = (await settings.chosen(event.id)).poster is Poster.ROTATING
    status = 422 if form.errors and not form.only_language_changes else 200
    return page(request, "checkin/oneself/kiosk.html", status=status, headers=HEADERS, **context)


def _here_page(request: AnyRequest, event: DoorEvent, form: OneselfForm) -> Template:
    status = 422 if form.errors and not form.only_language_changes else 200
    return page(request, "checkin/oneself/here.html", status=status, event=event, form=form)


def _over(request: AnyRequest, event: DoorEvent) -> Template:
    return page(request, "checkin/oneself/over.html", status=410, event=event, path="/")


ROUTES: list[ControllerRouterHandler] = [
    kiosk_start,
    kiosk,
    check_in_at_kiosk,
    code_page,
    code_picture,
    here,
    check_in_here,
]
