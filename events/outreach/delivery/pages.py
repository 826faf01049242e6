"""What became of the messages about an event, for its organisers; sending one again, there and in the mailbox.

Organisers see to whom a message went and what became of it, not what it says: a letter holds private links.
"""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import Conflict, NotFound
from events.core.forms import read_form
from events.core.web import AnyRequest, page, see_other, told_number
from events.messaging.listing import MAILBOX, back_to, composers_of, listed, show_mailbox
from events.outreach.delivery.actions import SHOWN, send_again
from events.programme import queries as programme
from events.programme.queries import EventView

PATH = "/staff/events/{slug:str}/messages"


@get(PATH, guards=[Requires(Action.SEE_REGISTRATIONS)], include_in_schema=False)
async def messages_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """The messages about an event, the newest first; filtered, in pages."""
    return await _messages(request, await _event(request, slug, Action.SEE_REGISTRATIONS))


@post(f"{PATH}/{{identity:uuid}}/again", guards=[Requires(Action.EDIT_REGISTRATIONS)], include_in_schema=False)
async def again(request: AnyRequest, slug: FromPath[str], identity: FromPath[UUID]) -> Template | Redirect:
    """Send one of them once more."""
    event = await _event(request, slug, Action.EDIT_REGISTRATIONS)
    number = told_number((await read_form(request)).text("number"))
    try:
        await send_again(identity, number, composers_of(request), actor=actor_of(request), now=clock.now(), event=event)
    except Conflict as conflict:
        return await _messages(request, event, status=409, refusal=conflict.message)
    return see_other(back_to(f"/staff/events/{event.slug}/messages", request))


@post(f"{MAILBOX}/{{identity:uuid}}/again", guards=[Requires(Action.SEE_MAILBOX)], include_in_schema=False)
async def again_in_mailbox(request: AnyRequest, identity: FromPath[UUID]) -> Template | Redirect:
    """Send any message of the network once more."""
    number = told_number((await read_form(request)).text("number"))
    try:
        await send_again(identity, number, composers_of(request), actor=actor_of(request), now=clock.now())
    except Conflict as conflict:
        return await show_mailbox(request, conflict.message)
    return see_other(back_to(MAILBOX, request))


async def _messages(request: AnyRequest, event: EventView, *, status: int = 200, refusal: str = "") -> Template:
    here = f"/staff/events/{event.slug}/messages"
    return page(
        request,
        "outreach/messages.html",
        status=status,
        event=event,
        here=here,
        may_send=_may(request, event, Action.EDIT_REGISTRATIONS),
        refusal=refusal,
        **await listed(request, SHOWN, here, event=event.id),
    )


async def _event(request: AnyRequest, slug: str, action: Action) -> EventView:
    event = await programme.by_slug(slug)
    if event is None or not _may(request, event, action):
        raise NotFound
    return event


def _may(request: AnyRequest, event: EventView, action: Action) -> bool:
    return may(actor_of(request), action, now=clock.now(), **event.where)


ROUTES: list[ControllerRouterHandler] = [messages_page, again, again_in_mailbox]
