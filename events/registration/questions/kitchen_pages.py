"""The catering of an event: a page of numbers, the same as a PDF, and the mark that they were ordered."""

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.forms import read_form
from events.core.web import AnyRequest, page, see_other
from events.registration.questions.kitchen import kitchen_of, kitchen_pdf, mark_ordered
from events.registration.staff.reach import event_for

PATH = "/staff/events/{slug:str}/kitchen"
GUARDS = [Requires(Action.SEE_HEALTH)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def kitchen_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """Heads and diets per site, and what has changed since they were ordered."""
    event = await event_for(request, slug, Action.SEE_HEALTH)
    return page(
        request,
        "registration/kitchen.html",
        event=event,
        kitchen=await kitchen_of(event),
        saved="saved" in request.query_params,
        moved="moved" in request.query_params,
    )


@get(f"{PATH}.pdf", guards=GUARDS, include_in_schema=False)
async def kitchen_file(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """The numbers for those who cook; no names."""
    event = await event_for(request, slug, Action.SEE_HEALTH)
    headers = {"content-disposition": f'attachment; filename="{event.slug}-catering.pdf"'}
    return Response(await kitchen_pdf(event, now=clock.now()), media_type="application/pdf", headers=headers)


@post(f"{PATH}/ordered", guards=GUARDS, include_in_schema=False)
async def order(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """Mark the numbers as ordered, unless others stand there by now."""
    event = await event_for(request, slug, Action.SEE_HEALTH)
    stand = (await read_form(request)).text("stand")
    kept = await mark_ordered(event, stand, actor=actor_of(request), now=clock.now())
    return see_other(f"/staff/events/{event.slug}/kitchen?{'saved' if kept else 'moved'}=1")


ROUTES: list[ControllerRouterHandler] = [kitchen_page, kitchen_file, order]
