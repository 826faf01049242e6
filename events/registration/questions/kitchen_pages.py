"""The catering of an event: a page of numbers, the same as a PDF, and the mark that they were ordered."""

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import NotFound
from events.core.web import AnyRequest, page, see_other
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration.questions.kitchen import kitchen_of, kitchen_pdf, mark_ordered

PATH = "/staff/events/{slug:str}/kitchen"
GUARDS = [Requires(Action.SEE_HEALTH)]
PRIVATE = {"cache-control": "no-store"}


@get(PATH, guards=GUARDS, include_in_schema=False)
async def kitchen_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """Heads and diets per site, and what has changed since they were ordered."""
    event = await _event(request, slug)
    return page(
        request,
        "registration/kitchen.html",
        headers=PRIVATE,
        event=event,
        kitchen=await kitchen_of(event),
        saved=request.query_params.get("saved", ""),
    )


@get(f"{PATH}.pdf", guards=GUARDS, include_in_schema=False)
async def kitchen_file(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """The numbers for those who cook; no names."""
    event = await _event(request, slug)
    headers = {**PRIVATE, "content-disposition": f'attachment; filename="{event.slug}-catering.pdf"'}
    return Response(await kitchen_pdf(event, now=clock.now()), media_type="application/pdf", headers=headers)


@post(f"{PATH}/ordered", guards=GUARDS, include_in_schema=False)
async def order(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """Mark the numbers as ordered."""
    event = await _event(request, slug)
    await mark_ordered(event, actor=actor_of(request), now=clock.now())
    return see_other(f"/staff/events/{event.slug}/kitchen?saved=1")


async def _event(request: AnyRequest, slug: str) -> EventView:
    event, now = await programme.by_slug(slug), clock.now()
    if event is None or not may(
        actor_of(request), Action.SEE_HEALTH, now=now, event_id=event.id, region=event.host_region
    ):
        raise NotFound
    return event


ROUTES: list[ControllerRouterHandler] = [kitchen_page, kitchen_file, order]
