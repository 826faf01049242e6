"""What a door says to the server (design.md §6)."""

from datetime import datetime

from litestar import Response, get, post
from litestar.params import FromQuery, JSONBody
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of, device_of
from events.accounts.rules import Action
from events.checkin import actions, queries
from events.checkin.devices import states
from events.checkin.door.pack import Pack, pack
from events.checkin.shapes import Answer, Answers, Batch, Scanned
from events.core import clock
from events.core.errors import BadRequest
from events.core.web import AnyRequest


@post("/api/v1/checkin/redeem", guards=[Requires(Action.CHECK_IN)], status_code=200)
async def redeem(request: AnyRequest, data: JSONBody[Scanned]) -> Answer:
    """Ask whether a ticket opens the door, and record the reading."""
    return await actions.redeem(data, actor=actor_of(request), now=clock.now())


@post("/api/v1/checkin/sync", guards=[Requires(Action.CHECK_IN)], status_code=200)
async def sync(request: AnyRequest, data: JSONBody[Batch]) -> Answers:
    """Upload what a door has read by itself; safe to repeat."""
    actor, now = actor_of(request), clock.now()
    taken = await actions.upload(data, actor=actor, now=now)
    device = await device_of(request)
    if device and data.device:
        await states.note(device, data.device, sent_at=data.sent_at, now=now)
    return taken


@get("/api/v1/checkin/pack", guards=[Requires(Action.CHECK_IN)])
async def get_pack(
    request: AnyRequest, event: FromQuery[str], since: FromQuery[datetime | None] = None
) -> Response[Pack]:
    """What a door must know of an event to work without network: all of it, or what has changed `since`."""
    now = clock.now()
    if since and since.tzinfo is None:
        raise BadRequest
    found = await queries.door_event(event, actor_of(request), now)
    return Response(await pack(found, since, now=now))


ROUTES: list[ControllerRouterHandler] = [redeem, sync, get_pack]
