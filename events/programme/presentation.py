"""What pages say of an event, in the present language and the event's zone."""

from datetime import date, datetime

from babel import dates
from msgspec import Struct

from events.core.i18n import babel_locale
from events.core.i18n import gettext as _
from events.network import queries as network
from events.network.queries import Named
from events.programme import rules
from events.programme.queries import EventView, SiteView
from events.programme.rules import Openness
from events.programme.tables import SiteMode


class Place(Struct, frozen=True):
    """A site as pages show it; `left` None is without limit, `open` whether who comes now gets a place."""

    site: SiteView
    name: str
    town: str
    online: bool
    left: int | None
    open: bool


class Card(Struct, frozen=True):
    """An event in a list; `year` says that it is in another year than the present one.

    `places` are those to which one can still come, `closed` the others.
    """

    event: EventView
    year: bool
    places: list[Place]
    closed: list[Place]
    regions: list[Named]
    openness: str
    phase: str

    @property
    def where(self) -> str:
        """The names of its places, one after the other."""
        return ", ".join(dict.fromkeys(place.name for place in self.places))

    @property
    def region(self) -> str:
        """The names of the regions in which it is held, its host's first."""
        return ", ".join(region.name for region in self.regions)

    @property
    def limited(self) -> bool:
        """Whether the places of any site can run out."""
        return any(place.site.capacity is not None for place in self.places)

    @property
    def left(self) -> int | None:
        """Places that can be had now at all sites together; None when one of them has no limit."""
        free = [place.left for place in self.places if place.open]
        return None if None in free else sum(left for left in free if left is not None)


def month_name(month: str) -> str:
    """Write a month given as YYYY-MM: syyskuu 2026."""
    return str(dates.format_date(date.fromisoformat(f"{month}-01"), "LLLL y", locale=babel_locale()))


def spoken(codes: list[str]) -> list[str]:
    """Name languages in the present one: suomi, englanti."""
    names = babel_locale().languages
    return [str(names.get(code, code)) for code in codes]


def places(event: EventView, municipalities: dict[str, str], *, closed: bool = False) -> list[Place]:
    """Return the sites of an event, the open or the closed ones, by name.

    That is a venue's own and its municipality's, once when they are the same.
    """
    shown = []
    for site in event.sites:
        if site.closed != closed:
            continue
        online = site.mode == SiteMode.ONLINE
        town = municipalities.get(site.municipality or "", "")
        name = _("Online") if online else rules.venue_with_town(site.name, town) or _("Place to be announced")
        shown.append(Place(site, name, town, online, site.left, rules.has_room(site)))
    return shown


async def cards(events: list[EventView], now: datetime) -> list[Card]:
    """Return events as a list shows them."""
    towns = await network.municipality_names(site.municipality for event in events for site in event.sites)
    regions = {region.code: region for region in await network.regions()}
    return [
        Card(
            event,
            event.starts_at.year != now.year,
            places(event, towns),
            places(event, towns, closed=True),
            [regions[code] for code in event.regions],
            rules.openness(event, now).value,
            rules.phase(event, now),
        )
        for event in events
    ]


async def card(event: EventView, now: datetime) -> Card:
    """Return one event as lists and its own page show it."""
    return (await cards([event], now))[0]


def may_register(openness: str) -> bool:
    """Say whether the button to register stands on the page."""
    return openness in {Openness.OPEN, Openness.WAITING}
