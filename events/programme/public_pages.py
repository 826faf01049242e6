"""Public pages of the programme."""

from typing import Any
from uuid import UUID

from litestar import get
from litestar.params import FromPath
from litestar.response import Template
from msgspec import Struct, structs

from events.accounts.guards import PUBLIC, Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.actor import Actor
from events.core.errors import NotFound
from events.core.http import FRAMED
from events.core.i18n import set_language
from events.core.text import clean_line
from events.core.web import AnyRequest, page, page_number
from events.network import queries as network
from events.programme import listing, presentation, queries
from events.programme.agenda import rules as agenda_rules
from events.programme.feeds import structured
from events.programme.listing import Span
from events.programme.materials.queries import materials_for
from events.programme.materials.tables import Audience
from events.programme.queries import EventView
from events.programme.tables import EventState


class Tile(Struct, frozen=True):
    """A region on the map: how many events are coming there and the page that lists them."""

    code: str
    name: str
    count: int
    url: str


def is_kept(path: str) -> bool:
    """Say whether a page may be kept rendered for a second: the front page, the pages of events and the feeds."""
    return path in {"/", "/feed.atom", "/calendar.ics"} or (path.startswith("/events/") and path.count("/") == 2)  # noqa: PLR2004


@get("/", opt=PUBLIC, include_in_schema=False)
async def front_page(request: AnyRequest) -> Template:
    """Coming events, or past ones with `?past=1`, by region, theme, kind and month."""
    now = clock.now()
    asked = {name: clean_line(value) for name, value in request.query_params.items()}
    filters = listing.read_filters(asked)
    past = asked.get("past") == "1"
    number = page_number(request)
    found = await listing.find(
        filters,
        Span(ends_before=now, archived=False) if past else Span(ends_after=now, archived=False),
        newest_first=past,
        offset=(number - 1) * listing.PAGE_SIZE,
    )
    regions = await network.regions()
    counts = await listing.counts_by_region(filters, now)
    return page(
        request,
        "programme/front.html",
        cards=await presentation.cards(found.items, now),
        past=past,
        number=number,
        pages=-(-found.total // listing.PAGE_SIZE),
        filters=filters,
        regions=regions,
        themes=await network.themes(),
        kinds=listing.KINDS,
        months=[(month, presentation.month_name(month)) for month in await listing.months(now, past=past)],
        tiles=[
            Tile(region.code, region.name, counts.get(region.code, 0), f"/?{filters.query(region=region.code)}")
            for region in regions
        ],
    )


@get("/events/{slug:str}", opt=PUBLIC, include_in_schema=False)
async def event_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """One event; a draft is shown to those who may edit it."""
    event = await visible(slug, actor_of(request))
    headers = {} if event.listed else {"x-robots-tag": "noindex"}
    return page(request, "programme/event.html", headers=headers, **await event_context(event))


@get("/staff/events/{slug:str}/preview/page", guards=[Requires(Action.EDIT_EVENTS)], include_in_schema=False)
async def preview(request: AnyRequest, slug: FromPath[str]) -> Template:
    """The page as it will be for everyone once it is published, in the language of the switch, for a frame."""
    event = await queries.by_slug(slug)
    if event is None or not may_edit(actor_of(request), event):
        raise NotFound
    set_language(request.query_params.get("language", ""))
    if event.state == EventState.DRAFT:
        event = structs.replace(event, state=EventState.PUBLISHED.value)
    answer = page(request, "programme/event.html", headers=FRAMED, **await event_context(event))
    answer.context.update(staff=None, path=f"/events/{event.slug}")
    return answer


async def event_context(event: EventView) -> dict[str, Any]:
    """Return what the description of an event needs, on its own page and in its preview."""
    now = clock.now()
    card = await presentation.card(event, now)
    closed = {place.site.id for place in card.closed}
    items = [item for item in await queries.agenda(event.id) if item.site not in closed]
    themes = {theme.code: theme.name for theme in await network.themes()}
    return {
        "event": event,
        "card": card,
        "now": now,
        "projects": await network.projects(event.projects),
        "themes": [(code, themes.get(code, code)) for code in event.themes],
        "spoken": presentation.spoken(event.languages),
        "invited_from": await queries.invited_from(event),
        "may_register": presentation.may_register(card.openness),
        "days": agenda_rules.by_day(items, event.zone),
        "site_names": {str(place.site.id): place.name for place in card.places} if len(card.places) > 1 else {},
        "arrivals": await queries.arrivals(event.id),
        "open_materials": await materials_for(event.id, Audience.EVERYONE, now),
        "json_ld": structured.json_ld(card),
    }


async def visible(slug: str, actor: Actor) -> EventView:
    """Return an event that `actor` may look at; raises NotFound for drafts of others."""
    event = await queries.by_slug(slug)
    if event is None or (event.state == "draft" and not may_edit(actor, event)):
        raise NotFound
    return event


def may_edit(actor: Actor, event: EventView) -> bool:
    """Say whether `actor` may change this event."""
    identity: UUID = event.id
    return may(actor, Action.EDIT_EVENTS, now=clock.now(), event_id=identity, region=event.host_region)


ROUTES = [front_page, event_page, preview]
