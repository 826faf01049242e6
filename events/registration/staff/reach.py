"""The event behind a page of its registrations, for those who may."""

from events.accounts.guards import actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import NotFound
from events.core.web import AnyRequest
from events.programme import queries as programme
from events.programme.queries import EventView


async def event_for(request: AnyRequest, slug: str, action: Action) -> EventView:
    """Return the event of a slug; raises NotFound when there is none to which the actor may do this."""
    event = await programme.by_slug(slug)
    if event is None or not allowed(request, event, action):
        raise NotFound
    return event


def allowed(request: AnyRequest, event: EventView, action: Action) -> bool:
    """Say whether who makes the request may do something to an event."""
    return may(actor_of(request), action, now=clock.now(), event_id=event.id, region=event.host_region)
