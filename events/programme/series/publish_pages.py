"""Publishing the drafts of a series at once: what is to be mended in them and what publishing does, then the step."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.web import AnyRequest, page, see_other
from events.programme import rules
from events.programme.queries import EventView
from events.programme.series.actions import drafts_among, publish_drafts
from events.programme.series.pages import SERIES, series_for
from events.programme.steps import checklist, standing
from events.programme.steps.parts import to_mend
from events.programme.steps.registered import counts

PUBLISH = f"{SERIES}/{{identity:uuid}}/publish"
GUARDS = [Requires(Action.EDIT_EVENTS)]


class Draft(Struct, frozen=True):
    """A draft and what publishing sets going: `opens_later`, and how many reminders are still to come."""

    event: EventView
    opens_later: bool
    reminders: int
    registered: int


@get(PUBLISH, guards=GUARDS, include_in_schema=False)
async def publish_series_page(request: AnyRequest, identity: FromPath[UUID]) -> Template:
    """What to mend in which of the drafts, and what publishing them does."""
    now, events = clock.now(), await series_for(request, identity)
    drafts = drafts_among(events, actor_of(request), now)
    counted = await counts([event.id for event in drafts])
    found = [(event, await to_mend(event, now)) for event in drafts]
    return page(
        request,
        "programme/staff_series_publish.html",
        first=events[0],
        drafts=[
            Draft(
                event,
                rules.opens_later(event, now),
                len(standing.coming_reminders(event, now)),
                counted[event.id].registered,
            )
            for event in drafts
        ],
        shared=checklist.shared(found),
    )


@post(PUBLISH, guards=GUARDS, include_in_schema=False)
async def publish_series(request: AnyRequest, identity: FromPath[UUID]) -> Redirect:
    """Publish all drafts of a series that are still to come."""
    await series_for(request, identity)
    published = await publish_drafts(identity, actor=actor_of(request), now=clock.now())
    return see_other(f"{SERIES}/{identity}?published={published}")


ROUTES: list[ControllerRouterHandler] = [publish_series_page, publish_series]
