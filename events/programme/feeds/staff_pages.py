"""The private calendar feed of a member of staff: the events that they may edit, with numbers."""

from datetime import timedelta
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts import audit
from events.accounts import queries as accounts
from events.accounts.guards import PUBLIC, Requires, actor_of
from events.accounts.rules import Action
from events.core import clock, feeds
from events.core.database import transaction
from events.core.errors import NotFound
from events.core.i18n import in_language
from events.core.web import AnyRequest, page, see_other
from events.programme import presentation, staff_queries
from events.programme.feeds import calendar
from events.programme.staff_pages import EVENTS
from events.programme.steps.registered import counts

PATH = f"{EVENTS}/calendar"
GUARDS = [Requires(Action.EDIT_EVENTS)]
KIND = "staff"

BACK = timedelta(days=90)
"""How long a held event stays in the feed."""


@get(PATH, guards=GUARDS, include_in_schema=False)
async def own_feed_page(request: AnyRequest) -> Template:
    """The address of one's feed, and the buttons to make and to revoke it."""
    address = await feeds.address(KIND, _staff(request))
    saved = request.query_params.get("saved", "")
    return page(
        request,
        "programme/staff_calendar.html",
        address=address,
        saved=saved,
    )


@post(PATH, guards=GUARDS, include_in_schema=False)
async def make_own_feed(request: AnyRequest) -> Redirect:
    """Make one's feed."""
    staff, now = _staff(request), clock.now()
    async with transaction():
        await feeds.make(KIND, staff, now=now)
        await audit.record(actor_of(request), "feed.made", "staff", staff, now)
    return see_other(f"{PATH}?saved=made")


@post(f"{PATH}/revoke", guards=GUARDS, include_in_schema=False)
async def revoke_own_feed(request: AnyRequest) -> Redirect:
    """Let the present address open nothing any more."""
    staff, now = _staff(request), clock.now()
    async with transaction():
        if await feeds.revoke(KIND, staff):
            await audit.record(actor_of(request), "feed.revoked", "staff", staff, now)
    return see_other(f"{PATH}?saved=revoked")


@get("/feeds/staff/{secret:str}/calendar.ics", opt=PUBLIC, include_in_schema=False)
async def own_feed(secret: FromPath[str]) -> Response[bytes]:
    """The feed itself, by what its owner may edit at this moment."""
    now = clock.now()
    owner = await feeds.owner_of(KIND, secret)
    found = await accounts.staff_actor(owner) if owner else None
    if found is None:
        raise NotFound
    actor, language = found
    events = await staff_queries.followed(actor, now - BACK, now=now)
    counted = await counts([event.id for event in events])
    with in_language(language):
        content = calendar.staff_feed(await presentation.cards(events, now), counted, now)
    return Response(content, media_type=calendar.CONTENT_TYPE)


def _staff(request: AnyRequest) -> UUID:
    identity = actor_of(request).id
    if identity is None or request.scope["user"].kind != "staff":
        raise NotFound
    return identity


ROUTES: list[ControllerRouterHandler] = [own_feed_page, make_own_feed, revoke_own_feed, own_feed]
