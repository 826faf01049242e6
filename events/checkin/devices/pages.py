"""The phones at an event's doors: pairing one by a QR code, what each last said of itself, ending its right."""

from datetime import datetime, timedelta
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler
from markupsafe import Markup

from events.accounts.devices import actions
from events.accounts.devices import queries as devices
from events.accounts.devices.rules import last_moment
from events.accounts.devices.tables import DeviceKind
from events.accounts.guards import PUBLIC, Requires, actor_of, device_cookie, device_token
from events.accounts.rules import Action, may
from events.checkin import queries
from events.checkin.devices import states
from events.checkin.devices.forms import PairForm
from events.checkin.queries import DoorEvent
from events.checkin.settings import queries as settings
from events.checkin.settings.forms import DoorSettingsForm
from events.core import clock, qr
from events.core.errors import NotFound
from events.core.forms import FormData, read_form
from events.core.limits import limit, network_of
from events.core.links import absolute
from events.core.web import AnyRequest, page, see_other
from events.programme import queries as programme
from events.programme.scopes import offer_scopes, read_told

PATH = "/staff/events/{slug:str}/doors"
GUARDS = [Requires(Action.ADD_CO_ORGANISERS)]
NEAR = timedelta(days=3)
"""Events that begin within this of each other may share a phone."""

TRIES = 20
"""Codes that one network may try in ten minutes."""


@get(PATH, guards=GUARDS, include_in_schema=False)
async def devices_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """The devices of an event, and the form for another."""
    event = await _event(request, slug)
    return await _page(request, event, await _form(request, event))


@post(PATH, guards=GUARDS, include_in_schema=False, status_code=200)
async def offer(request: AnyRequest, slug: FromPath[str]) -> Template:
    """Make a pairing code and show it, this once."""
    event, now = await _event(request, slug), clock.now()
    form = await _form(request, event, await read_form(request))
    if not form.validate():
        return await _page(request, event, form, form.status)
    served = {event.id: event.host_region}
    for other in await _others(request, event):
        if other.slug in form.also.data:
            served[other.id] = other.host_region
    until = last_moment(form.ends(event.ends_at), event.ends_at, now)
    kind = DeviceKind(form.kind.data)
    secret = await actions.offer(form.name.data, kind, served, until=until, actor=actor_of(request), now=now)
    url = absolute(f"/door/pair/{secret}")
    code = Markup(qr.svg(url))  # noqa: S704 - drawn by us from a secret of ours
    shown = {"event": event, "name": form.name.data, "until": until, "url": url, "qr": code}
    shown["kiosk"] = kind is DeviceKind.KIOSK
    return page(request, "checkin/device_code.html", path=f"/staff/events/{slug}/doors", **shown)


@post(f"{PATH}/{{device_id:uuid}}/revoke", guards=GUARDS, include_in_schema=False)
async def revoke(request: AnyRequest, slug: FromPath[str], device_id: FromPath[UUID]) -> Redirect:
    """End what a device may do."""
    event = await _event(request, slug)
    await actions.revoke(device_id, event.id, actor=actor_of(request), now=clock.now())
    return see_other(f"/staff/events/{slug}/doors?saved=revoked")


@get("/door/pair/{secret:str}", opt=PUBLIC, include_in_schema=False)
async def pair_page(request: AnyRequest, secret: FromPath[str]) -> Template:
    """What the code makes of this phone; opening it changes nothing."""
    now = clock.now()
    found = await devices.pairing(secret, now)
    status = 200 if found else 404
    events = await queries.named(found.events, now) if found else []
    return page(request, "checkin/pair.html", status=status, found=found, events=events)


@post("/door/pair/{secret:str}", opt=PUBLIC, include_in_schema=False)
async def pair(request: AnyRequest, secret: FromPath[str]) -> Redirect | Template:
    """Make this phone a door."""
    now = clock.now()
    host = network_of(request.client.host if request.client else "")
    await limit("pair", host, uses=TRIES, window=timedelta(minutes=10), now=now)
    try:
        paired = await actions.pair(secret, had=device_token(request.scope), now=now)
    except NotFound:
        return page(request, "checkin/pair.html", status=404, found=None, events=[])
    (first, *more) = await queries.named(paired.events, now)
    start = "/kiosk" if paired.kind is DeviceKind.KIOSK else "/door"
    answer = see_other(start if more else f"{start}/{first.slug}")
    answer.set_cookie(device_cookie(paired.token, lasts=paired.until - now))
    return answer


@post("/door/{slug:str}/own", guards=[Requires(Action.CHECK_IN)], include_in_schema=False)
async def pair_own(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """Let the phone of someone who is signed in go on as a door when the sign-in ends."""
    actor, now = actor_of(request), clock.now()
    event = await queries.door_event(slug, actor, now)
    until, had = last_moment(None, event.ends_at, now), device_token(request.scope)
    paired = await actions.pair_own(event.id, event.host_region, until=until, had=had, actor=actor, now=now)
    answer = see_other(f"/door/{slug}")
    answer.set_cookie(device_cookie(paired.token, lasts=paired.until - now))
    return answer


async def _event(request: AnyRequest, slug: str) -> DoorEvent:
    actor, now = actor_of(request), clock.now()
    event = await queries.door_event(slug, actor, now)
    if not _may_pair(request, event, now):
        raise NotFound
    return event


def _may_pair(request: AnyRequest, event: DoorEvent, now: datetime) -> bool:
    actor = actor_of(request)
    return may(actor, Action.ADD_CO_ORGANISERS, now=now, event_id=event.id, region=event.host_region)


async def _others(request: AnyRequest, event: DoorEvent) -> list[DoorEvent]:
    """Return the events near this one whose doors the same phone may serve."""
    now = clock.now()
    return [
        other
        for other in await queries.door_events(actor_of(request), now)
        if other.id != event.id and abs(other.starts_at - event.starts_at) <= NEAR and _may_pair(request, other, now)
    ]


async def _form(request: AnyRequest, event: DoorEvent, sent: FormData | None = None) -> PairForm:
    form = PairForm(sent)
    form.offer((other.slug, other.title) for other in await _others(request, event))
    return form


async def _page(request: AnyRequest, event: DoorEvent, form: PairForm, status: int = 200) -> Template:
    listed, chosen = await devices.of_event(event.id), await settings.chosen(event.id)
    ways = DoorSettingsForm(data={"exits": chosen.exits, "poster": chosen.poster.value})
    whole = await programme.by_id(event.id)
    return page(
        request,
        "checkin/devices.html",
        status=status,
        event=event,
        form=form,
        devices=listed,
        settings=ways,
        together=whole is not None and await offer_scopes(ways, whole, actor_of(request), clock.now()),
        told=read_told(request),
        heard=await states.of_devices([device.id for device in listed]),
        now=clock.now(),
        saved=request.query_params.get("saved", ""),
    )


ROUTES: list[ControllerRouterHandler] = [devices_page, offer, revoke, pair_page, pair, pair_own]
