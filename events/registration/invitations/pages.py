"""The page behind an invitation's personal link: yes, no or later, by a button; opening it changes nothing."""

import re

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC
from events.core import clock
from events.core.errors import Conflict, Gone, NotFound
from events.core.forms import read_form
from events.core.http import speak
from events.core.retention import kept_until
from events.core.text import as_uuid
from events.core.web import AnyRequest, page, see_other
from events.programme.queries import EventView
from events.registration.invitations import answers as invitation_answers
from events.registration.invitations import queries as invitation_queries
from events.registration.invitations.queries import InvitationView
from events.registration.invitations.tables import InvitationState
from events.registration.own.link import event_of
from events.registration.places import has_room, place_names
from events.registration.unsubscribing import pages as unsubscribing

_TOKEN = re.compile("[a-z0-9]{26}")


@get("/i/{token:str}", opt=PUBLIC, include_in_schema=False)
async def invitation_page(request: AnyRequest, token: FromPath[str]) -> Template:
    """What one is invited to, and what was answered."""
    return await _page(request, await _found(request, token))


@post("/i/{token:str}", opt=PUBLIC, include_in_schema=False)
async def answer(request: AnyRequest, token: FromPath[str]) -> Template | Redirect:
    """Take an answer; a yes that leaves something to ask leads to the form."""
    invitation, sent = await _found(request, token), await read_form(request)
    now, wanted = clock.now(), sent.text("answer")
    try:
        if wanted in {InvitationState.NO, InvitationState.LATER}:
            await invitation_answers.refuse(invitation.id, InvitationState(wanted), now=now)
        else:
            event = await event_of(invitation.event)
            new = await invitation_answers.one_press(invitation, event, as_uuid(sent.text("site")))
            if new is None:
                return see_other(_form_of(invitation, event))
            await invitation_answers.accept(invitation.id, new, now=now)
    except Conflict as conflict:
        return await _page(request, await _found(request, token), status=409, refusal=conflict.message)
    return see_other(f"{invitation.path}?saved={wanted if wanted in set(InvitationState) else 'yes'}")


@get("/i/{token:str}/unsubscribe", opt=PUBLIC, include_in_schema=False)
async def unsubscribe_page(request: AnyRequest, token: FromPath[str]) -> Template:
    """Say whether the address is invited, and ask whether it is to be no more."""
    return await unsubscribing.show(request, await _unsubscribing(request, token))


@post("/i/{token:str}/unsubscribe", opt={**PUBLIC, "machine": True}, include_in_schema=False, status_code=200)
async def leave_the_list(request: AnyRequest, token: FromPath[str]) -> Template:
    """Invite the address no more, to events on the themes of this one alone or to any."""
    return await unsubscribing.leave(request, await _unsubscribing(request, token))


@post("/i/{token:str}/unsubscribe/undo", opt=PUBLIC, include_in_schema=False)
async def join_the_list_again(request: AnyRequest, token: FromPath[str]) -> Redirect:
    """Take that back."""
    return await unsubscribing.undo(request, await _unsubscribing(request, token))


async def _found(request: AnyRequest, token: str) -> InvitationView:
    invitation = await invitation_queries.by_token(token) if _TOKEN.fullmatch(token) else None
    if invitation is None:
        raise NotFound
    speak(request.scope, invitation.language)
    event = await event_of(invitation.event)
    if not invitation.email or clock.now() >= kept_until(event.ends_at, event.zone):
        raise Gone
    return invitation


async def _page(request: AnyRequest, invitation: InvitationView, *, status: int = 200, refusal: str = "") -> Template:
    event = await event_of(invitation.event)
    names = await place_names(event)
    return page(
        request,
        "registration/invitation.html",
        status=status,
        invitation=invitation,
        event=event,
        where=", ".join(dict.fromkeys(names.values())),
        sites=[(site, names[site.id], has_room(site)) for site in event.open_sites],
        form_path=_form_of(invitation, event),
        may_answer=_may_answer(invitation, event),
        others=await invitation_queries.along_with(invitation, event, clock.now()),
        refusal=refusal,
        saved=request.query_params.get("saved", ""),
    )


def _form_of(invitation: InvitationView, event: EventView) -> str:
    return f"/events/{event.slug}/register?invitation={invitation.path.rpartition('/')[2]}"


def _may_answer(invitation: InvitationView, event: EventView) -> bool:
    open_event = event.state == "published" and clock.now() < event.starts_at
    return open_event and invitation.answer is not InvitationState.WITHDRAWN


async def _unsubscribing(request: AnyRequest, token: str) -> unsubscribing.Link:
    invitation = await _found(request, token)
    themes = (await event_of(invitation.event)).themes
    path = f"{invitation.path}/unsubscribe"
    return unsubscribing.Link(invitation.email, invitation.language, themes, path, back=invitation.path)


ROUTES: list[ControllerRouterHandler] = [
    *(invitation_page, answer, unsubscribe_page, leave_the_list, join_the_list_again),
]
