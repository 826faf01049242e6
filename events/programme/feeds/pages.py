"""The programme for other programs: calendars (iCalendar) and news readers (Atom), filtered as the front page is."""

from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC, actor_of
from events.core import clock
from events.core.i18n import LANGUAGES, language, set_language
from events.core.text import clean_line
from events.core.web import AnyRequest
from events.programme import listing, presentation, queries
from events.programme.agenda import rules as agenda_rules
from events.programme.feeds import atom, calendar
from events.programme.listing import Filters, Span
from events.programme.public_pages import visible


@get("/calendar.ics", opt=PUBLIC, include_in_schema=False)
async def calendar_feed(request: AnyRequest) -> Response[bytes]:
    """Published and cancelled events, past ones too."""
    now, filters = clock.now(), _filters(request)
    found = await listing.find(filters, Span(), newest_first=True, limit=calendar.FEED_LIMIT)
    cards = await presentation.cards(found.items[::-1], now)
    return Response(calendar.feed(cards, now), media_type=calendar.CONTENT_TYPE)


@get("/feed.atom", opt=PUBLIC, include_in_schema=False)
async def atom_feed(request: AnyRequest) -> Response[bytes]:
    """Coming events, cancelled ones too, what changed last first."""
    now, filters = clock.now(), _filters(request)
    found = await listing.find(filters, Span(ends_after=now), limit=atom.LIMIT)
    cards = await presentation.cards(found.items, now)
    path, page = f"/feed.atom?{filters.query(language=language())}", f"/?{filters.query()}".rstrip("?")
    return Response(atom.feed(cards, path=path, page=page, now=now), media_type=atom.CONTENT_TYPE)


@get("/events/{slug:str}/calendar.ics", opt=PUBLIC, include_in_schema=False)
async def event_calendar(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """One event for a calendar."""
    now = clock.now()
    event = await visible(slug, actor_of(request))
    lines = agenda_rules.lines(await queries.agenda(event.id), event.zone, {})
    return Response(
        calendar.feed([await presentation.card(event, now)], now, lines),
        media_type=calendar.CONTENT_TYPE,
        headers={"content-disposition": f'attachment; filename="{event.slug}.ics"'},
    )


def _filters(request: AnyRequest) -> Filters:
    """Read the filters, and the language that the address names: programs have no switch and no cookie."""
    asked = {name: clean_line(value) for name, value in request.query_params.items()}
    if asked.get("language") in LANGUAGES:
        set_language(asked["language"])
    return listing.read_filters(asked)


ROUTES: list[ControllerRouterHandler] = [calendar_feed, atom_feed, event_calendar]
