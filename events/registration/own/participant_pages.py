"""The page behind the private link that tells who else is coming."""

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC
from events.core import clock
from events.core.actor import Actor, ActorKind
from events.core.errors import NotFound
from events.core.forms import read_form
from events.core.i18n import language
from events.core.web import AnyRequest, page, see_other
from events.programme.queries import EventView
from events.registration import consents
from events.registration.own import participants
from events.registration.own.link import event_of, own_by
from events.registration.queries import RegistrationView
from events.registration.tables import ConsentKind

PARTICIPANTS = "/r/{token:str}/participants"
_ASKED = frozenset({ConsentKind.PARTICIPANT_LIST})


@get(PARTICIPANTS, opt=PUBLIC, include_in_schema=False)
async def participants_page(request: AnyRequest, token: FromPath[str]) -> Template:
    """Who else is coming, and whether one is seen oneself."""
    registration, event = await _seen_by(request, token)
    return page(
        request,
        "registration/participants.html",
        token=token,
        event=event,
        participants=await participants.agreed(event.id),
        until=event.ends_at + participants.SHOWN_AFTER,
        listed=ConsentKind.PARTICIPANT_LIST in await consents.given(registration.id),
        saved=request.query_params.get("saved", ""),
    )


@post(PARTICIPANTS, opt=PUBLIC, include_in_schema=False)
async def join_or_leave(request: AnyRequest, token: FromPath[str]) -> Redirect:
    """Be seen from now on, or not any more: the button's name says which."""
    registration, _event = await _seen_by(request, token)
    wanted = _ASKED if "join" in await read_form(request) else frozenset[ConsentKind]()
    actor = Actor(ActorKind.PARTICIPANT, registration.id)
    await consents.settle(registration.id, wanted, asked=_ASKED, language=language(), actor=actor, now=clock.now())
    return see_other(f"/r/{token}/participants?saved=1")


async def _seen_by(request: AnyRequest, token: str) -> tuple[RegistrationView, EventView]:
    """Return registration and event of a private link; raises NotFound for who does not see the list (any more)."""
    registration = await own_by(request, token)
    event = await event_of(registration.event)
    if not participants.may_see(registration.state, event, clock.now()):
        raise NotFound
    return registration, event


ROUTES: list[ControllerRouterHandler] = [participants_page, join_or_leave]
