"""What a door says to the server (design.md §6)."""

from litestar import post
from litestar.params import JSONBody
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.checkin import actions
from events.checkin.shapes import Answer, Answers, Batch, Scanned
from events.core import clock
from events.core.web import AnyRequest


@post("/api/v1/checkin/redeem", guards=[Requires(Action.CHECK_IN)], status_code=200)
async def redeem(request: AnyRequest, data: JSONBody[Scanned]) -> Answer:
    """Ask whether a ticket opens the door, and record the reading."""
    return await actions.redeem(data, actor=actor_of(request), now=clock.now())


@post("/api/v1/checkin/sync", guards=[Requires(Action.CHECK_IN)], status_code=200)
async def sync(request: AnyRequest, data: JSONBody[Batch]) -> Answers:
    """Upload what a door has read by itself; safe to repeat."""
    return Answers(results=await actions.upload(data, actor=actor_of(request), now=clock.now()))


ROUTES: list[ControllerRouterHandler] = [redeem, sync]
