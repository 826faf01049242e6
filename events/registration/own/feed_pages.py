"""The private calendar feed of a person: all their confirmed places, made and revoked behind a private link."""

from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC
from events.core import clock, database, feeds
from events.core.errors import Gone, NotFound
from events.core.i18n import in_language
from events.core.web import AnyRequest, see_other
from events.programme import queries as programme
from events.registration import calendar, queries
from events.registration.items.chosen import agenda_lines
from events.registration.own.link import mailed_by
from events.registration.places import place_names
from events.registration.queries import RegistrationView

KIND = "person"


@post("/r/{token:str}/feed", opt=PUBLIC, include_in_schema=False)
async def make_feed(request: AnyRequest, token: FromPath[str]) -> Redirect:
    """Give the person of this link a feed."""
    await feeds.make(KIND, await _person(await mailed_by(request, token)), now=clock.now())
    return see_other(f"/r/{token}?saved=feed#calendar-feed")


@post("/r/{token:str}/feed/revoke", opt=PUBLIC, include_in_schema=False)
async def revoke_feed(request: AnyRequest, token: FromPath[str]) -> Redirect:
    """Let the address of the feed open nothing any more."""
    await feeds.revoke(KIND, await _person(await mailed_by(request, token)))
    return see_other(f"/r/{token}?saved=feed#calendar-feed")


@get("/feeds/person/{secret:str}/calendar.ics", opt=PUBLIC, include_in_schema=False)
async def feed(secret: FromPath[str]) -> Response[str]:
    """Every confirmed place of the feed's owner, in the language of their latest registration."""
    person = await feeds.owner_of(KIND, secret)
    if person is None:
        raise NotFound
    if await database.fetchval("SELECT erased_at IS NOT NULL FROM person WHERE id = $1", person):
        raise Gone  # who asks to be erased has no feed left: its time was over
    registrations = [each for each in await queries.places_of(person) if not each.expired(clock.now())]
    events = await programme.by_ids({registration.event for registration in registrations})
    with in_language(registrations[0].language if registrations else ""):
        names = {event.id: await place_names(event) for event in events.values()}
        places = []
        for registration in registrations:
            event = events[registration.event]
            site = next(site for site in event.sites if site.id == registration.site)
            agenda = await agenda_lines(event, site.id, registration.id)
            places.append((registration, event, calendar.Place(site, names[event.id][site.id], agenda)))
        text = calendar.feed(places, now=clock.now())
    return Response(text, media_type=calendar.CONTENT_TYPE)


async def address_of(registration: RegistrationView) -> str:
    """Return the address of the feed that the person of a registration has, or ""; for their mail's link alone."""
    return "" if not registration.by_mail else await feeds.address(KIND, await _person(registration))


async def _person(registration: RegistrationView) -> UUID:
    person: UUID = await database.fetchval("SELECT person FROM registration WHERE id = $1", registration.id)
    return person


ROUTES: list[ControllerRouterHandler] = [make_feed, revoke_feed, feed]
