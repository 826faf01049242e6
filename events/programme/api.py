"""The programme as JSON."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import get
from litestar.params import FromPath, QueryParameter
from msgspec import Struct

from events.accounts.guards import PUBLIC
from events.core import clock
from events.core.errors import Invalid
from events.core.i18n import gettext as _
from events.core.links import absolute
from events.core.text import clean_line
from events.programme import listing, presentation, queries, rules
from events.programme.agenda.rules import ItemView
from events.programme.listing import Filters, Span
from events.programme.presentation import Card

MOST = 500


class ApiSite(Struct, frozen=True):
    """Where one attends; `capacity` and `left` are null without limit, `open` whether a place can be had now."""

    id: UUID
    mode: str
    name: str
    address: str
    municipality: str | None
    capacity: int | None
    left: int | None
    waiting: int
    open: bool


class ApiEvent(Struct, frozen=True, kw_only=True):
    """An event; `title` is in the language of the request or the first there is, times are UTC."""

    slug: str
    url: str
    kind: str
    state: str
    title: str
    title_language: str
    titles: dict[str, str]
    starts_at: datetime
    ends_at: datetime
    zone: str
    region: str
    regions: list[str]
    languages: list[str]
    themes: list[str]
    projects: list[str]
    registration: str
    registration_opens_at: datetime | None
    registration_closes_at: datetime
    waiting_list: str
    sequence: int
    sites: list[ApiSite]


class ApiItem(Struct, frozen=True, kw_only=True):
    """An item of an agenda; `site` null is all of them, times are UTC.

    With `sign_up` one registers for it separately, by its `id` among the `items` of a registration; `capacity` and
    `left` are null without limit.
    """

    id: UUID
    kind: str
    title: str
    title_language: str
    titles: dict[str, str]
    descriptions: dict[str, str]
    speakers: list[str]
    site: UUID | None
    room: str
    starts_at: datetime
    ends_at: datetime
    sign_up: bool
    capacity: int | None
    left: int | None


class ApiEventPage(ApiEvent, frozen=True, kw_only=True):
    """One event with its descriptions in Markdown and its agenda by the hour."""

    descriptions: dict[str, str]
    agenda: list[ApiItem]
    contact_name: str
    contact_email: str


class ApiEvents(Struct, frozen=True):
    """Events by start; `total` counts all that the filters let through."""

    items: list[ApiEvent]
    total: int


@get("/api/v1/events", opt=PUBLIC, tags=["programme"])
async def list_events(
    *,
    region: Annotated[str, QueryParameter(name="region", description="code of a region in which it is held")] = "",
    theme: Annotated[str, QueryParameter(name="theme", description="code of a theme")] = "",
    kind: Annotated[str, QueryParameter(name="kind", description="meeting, workshop or experience_exchange")] = "",
    since: Annotated[str, QueryParameter(name="from", description="date or time; now unless given")] = "",
    until: Annotated[str, QueryParameter(name="to", description="date (inclusive) or time")] = "",
    limit: Annotated[int, QueryParameter(name="limit", ge=1, le=MOST)] = 100,
    offset: Annotated[int, QueryParameter(name="offset", ge=0, le=1_000_000)] = 0,
) -> ApiEvents:
    """Published events that have not ended at `from` and start before `to`, by start."""
    now = clock.now()
    errors: dict[str, list[str]] = {}
    if kind and kind not in listing.KINDS:
        errors["kind"] = [_("Unknown kind of event: %(word)s.", word=clean_line(kind)[:40])]
    span = Span(
        ends_after=_moment(since, "from", errors) or now, starts_before=_moment(until, "to", errors, whole_day=True)
    )
    if errors:
        raise Invalid(errors)
    filters = Filters(region=clean_line(region), theme=clean_line(theme), kind=kind)
    found = await listing.find(filters, span, states=("published",), limit=limit, offset=offset)
    cards = await presentation.cards(found.items, now)
    return ApiEvents([ApiEvent(**_values(card)) for card in cards], found.total)


@get("/api/v1/events/{slug:str}", opt=PUBLIC, tags=["programme"])
async def get_event(slug: FromPath[str]) -> ApiEventPage:
    """One published or cancelled event."""
    event = await queries.announced(slug)
    return ApiEventPage(
        **_values(await presentation.card(event, clock.now())),
        descriptions=event.descriptions,
        agenda=[_item(item) for item in await queries.agenda(event.id)],
        contact_name=event.contact_name,
        contact_email=event.contact_email,
    )


def _values(card: Card) -> dict[str, Any]:
    event = card.event
    same = ("slug", "kind", "state", "title", "title_language", "titles", "starts_at", "ends_at", "zone", "languages")
    more = ("themes", "projects", "registration_opens_at", "waiting_list", "sequence")
    return {
        **{name: getattr(event, name) for name in same + more},
        "url": absolute(f"/events/{event.slug}"),
        "region": event.host_region,
        "regions": event.regions,
        "registration": card.openness,
        "registration_closes_at": rules.closes_at(event),
        "sites": [
            ApiSite(
                id=place.site.id,
                mode=place.site.mode,
                name=place.site.name,
                address=place.site.address,
                municipality=place.site.municipality,
                capacity=place.site.capacity,
                left=place.left,
                waiting=place.site.waiting,
                open=place.open,
            )
            for place in card.places
        ],
    }


def _item(item: ItemView) -> ApiItem:
    title, language = item.title
    same = (name for name in ApiItem.__struct_fields__ if name not in {"title", "title_language"})
    return ApiItem(title=title, title_language=language, **{name: getattr(item, name) for name in same})


def _moment(text: str, name: str, errors: dict[str, list[str]], *, whole_day: bool = False) -> datetime | None:
    """Read a date, as Finland counts it, or a time with its offset; a date that ends a span is taken whole."""
    if not text:
        return None
    try:
        if len(text) == len("2026-09-01"):
            day = date.fromisoformat(text) + timedelta(days=whole_day)
            return rules.to_utc(day, time(0), rules.ZONE)
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.tzinfo is None:
        errors[name] = [_("Not a date (2026-09-01) or a time with its offset (2026-09-01T09:00:00Z).")]
        return None
    return moment


ROUTES = [list_events, get_event]
