"""The live board of an event's doors: for the organiser's desk, or on a screen in the hall without names."""

from collections.abc import AsyncIterator

import msgspec
from litestar import get
from litestar.params import FromPath
from litestar.response import ServerSentEvent, ServerSentEventMessage, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.checkin import queries
from events.checkin.board.queries import arrivals
from events.checkin.queries import DoorEvent
from events.core import clock
from events.core.i18n import in_language, language
from events.core.live import Live
from events.core.web import AnyRequest, page, render

PATH = "/door/{slug:str}/board"
GUARDS = [Requires(Action.CHECK_IN)]

_arrivals = Live(arrivals)


@get(PATH, guards=GUARDS, include_in_schema=False)
async def board_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """Who has come so far; with `names=no` without the names, for a screen that everybody sees.

    Where no script does it, the page looks again by itself, but for `still`.
    """
    event = await _event(request, slug)
    seen = (await arrivals([event.id]))[event.id]
    names = _with_names(request)
    return page(
        request,
        "checkin/board.html",
        event=event,
        seen=seen,
        names=names,
        still="still" in request.query_params,
        now=clock.now(),
    )


@get(f"{PATH}/live", guards=GUARDS, include_in_schema=False)
async def board_live(request: AnyRequest, slug: FromPath[str]) -> ServerSentEvent:
    """The changing part of the board, in the language of the page, whenever it changes."""
    event = await _event(request, slug)
    headers = {"x-accel-buffering": "no"}
    return ServerSentEvent(_told(event, language(), names=_with_names(request)), headers=headers)


async def _told(event: DoorEvent, code: str, *, names: bool) -> AsyncIterator[ServerSentEventMessage]:
    async for seen in _arrivals.follow(event.id):
        if seen is None:
            yield ServerSentEventMessage(comment="alive")
            continue
        with in_language(code):  # a stream outlives the request whose language this was
            part = render("checkin/_board.html", event=event, seen=seen, names=names, now=clock.now())
        yield ServerSentEventMessage(event="board", data=msgspec.json.encode(part).decode())


def _with_names(request: AnyRequest) -> bool:
    return request.query_params.get("names", "") != "no"


async def _event(request: AnyRequest, slug: str) -> DoorEvent:
    return await queries.door_event(slug, actor_of(request), clock.now())


ROUTES: list[ControllerRouterHandler] = [board_page, board_live]
