"""The door's pages: choosing the event, reading tickets, finding people by name, the live count."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, ServerSentEvent, ServerSentEventMessage, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of, device_of
from events.accounts.rules import Action
from events.checkin import actions, queries
from events.checkin.forms import ScanForm
from events.checkin.queries import Count, DoorEvent, Found
from events.checkin.settings import queries as settings
from events.checkin.shapes import Answer, Scanned
from events.checkin.tables import ScanType
from events.core import clock
from events.core.actor import ActorKind
from events.core.forms import read_form
from events.core.http import CONTENT_SECURITY_POLICY
from events.core.live import Live
from events.core.web import AnyRequest, page, see_other

GUARDS = [Requires(Action.CHECK_IN)]

HEADERS = {
    "content-security-policy": f"{CONTENT_SECURITY_POLICY}; script-src 'self' 'wasm-unsafe-eval'",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), screen-wake-lock=(self)",
}
"""The reader of QR codes is WebAssembly, needs the camera, and keeps the screen awake."""


@get("/door", guards=GUARDS, include_in_schema=False)
async def choose_event(request: AnyRequest, event: FromQuery[str] = "") -> Template | Redirect:
    """The events at whose door one may stand, today's first; with `event`, straight to its door."""
    if event:
        return see_other(f"/door/{quote(event, safe='')}")
    events = await queries.door_events(actor_of(request), clock.now())
    counted = await queries.counts([event.id for event in events])
    return page(request, "checkin/events.html", headers=HEADERS, events=events, counts=counted)


@get("/door/{slug:str}", guards=GUARDS, include_in_schema=False)
async def door(request: AnyRequest, slug: FromPath[str], q: FromQuery[str] = "", door: FromQuery[str] = "") -> Template:
    """The door of one event; with `q`, whom that name finds."""
    event = await _event(request, slug)
    return await _door_page(request, event, name=door, words=q)


@post("/door/{slug:str}", guards=GUARDS, include_in_schema=False, status_code=200)
async def scan_by_form(request: AnyRequest, slug: FromPath[str]) -> Template:
    """Read a ticket without JavaScript; sent again, it gives the same answer."""
    event = await _event(request, slug)
    form = ScanForm(await read_form(request))
    if not form.validate():
        return await _door_page(request, event, name=form.door.data or "", form=form)
    scan = Scanned(
        secret=form.secret.data,
        event=slug,
        nonce=form.nonce.data,
        at=clock.now(),
        door=form.door.data or "",
        type=ScanType(form.kind.data),
        force=bool(form.force.data),
    )
    answer = await actions.redeem(scan, actor=actor_of(request), now=clock.now())
    return await _door_page(request, event, name=scan.door, scan=scan, answer=answer)


@get("/door/{slug:str}/people", guards=GUARDS, include_in_schema=False)
async def find_people(request: AnyRequest, slug: FromPath[str], q: FromQuery[str] = "") -> Response[list[Found]]:
    """Whom a name finds, for the page's script."""
    event = await _event(request, slug)
    return Response(await queries.by_name(event.id, q))


@get("/door/{slug:str}/count", guards=GUARDS, include_in_schema=False)
async def count(request: AnyRequest, slug: FromPath[str]) -> Response[Count]:
    """How many have come, for browsers whose network lets no stream through."""
    event = await _event(request, slug)
    return Response((await queries.counts([event.id]))[event.id])


@get("/door/{slug:str}/live", guards=GUARDS, include_in_schema=False)
async def live(request: AnyRequest, slug: FromPath[str]) -> ServerSentEvent:
    """How many have come, told whenever it changes."""
    event = await _event(request, slug)
    headers = {"x-accel-buffering": "no"}
    return ServerSentEvent(_counts(event.id), headers=headers)


_counted = Live(queries.counts)


async def _counts(event: UUID) -> AsyncIterator[ServerSentEventMessage]:
    async for seen in _counted.follow(event):
        if seen is None:
            yield ServerSentEventMessage(comment="alive")
        else:
            yield ServerSentEventMessage(event="count", data=msgspec.json.encode(seen).decode())


async def _event(request: AnyRequest, slug: str) -> DoorEvent:
    return await queries.door_event(slug, actor_of(request), clock.now())


async def _door_page(
    request: AnyRequest,
    event: DoorEvent,
    *,
    name: str,
    words: str = "",
    form: ScanForm | None = None,
    scan: Scanned | None = None,
    answer: Answer | None = None,
) -> Template:
    context: dict[str, Any] = {
        "event": event,
        "sites": await queries.sites(event.id),
        "exits": (await settings.chosen(event.id)).exits,
        "own": actor_of(request).kind is ActorKind.STAFF and await device_of(request) is None,
        "count": (await queries.counts([event.id]))[event.id],
        "door": name,
        "words": words,
        "found": await queries.by_name(event.id, words) if words else None,
        "form": form or ScanForm(),
        "scan": scan,
        "answer": answer,
        "nonce": str(uuid4()),
        "now": clock.now(),
    }
    status = 422 if form and not form.only_language_changes else 200
    return page(request, "checkin/door.html", status=status, headers=HEADERS, **context)


ROUTES: list[ControllerRouterHandler] = [choose_event, door, scan_by_form, find_people, count, live]
