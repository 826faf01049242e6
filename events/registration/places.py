"""Where one attends, in words of the present language."""

from uuid import UUID

from events.core.i18n import gettext as _
from events.core.remembering import remembered
from events.network import queries as network
from events.programme import rules
from events.programme.queries import EventView, SiteView
from events.programme.rules import venue_with_town
from events.programme.tables import SiteMode


@remembered(lambda event: event.id)
async def place_names(event: EventView) -> dict[UUID, str]:
    """Return how each site of an event is called: a venue with its municipality, or that it is online."""
    towns = await network.municipality_names(site.municipality for site in event.sites)
    return {site.id: place_name(site, towns.get(site.municipality or "", "")) for site in event.sites}


def place_name(site: SiteView, town: str) -> str:
    """Return how a site is called; `town` is the name of its municipality."""
    if site.mode == SiteMode.ONLINE:
        return _("Online")
    return venue_with_town(site.name, town) or _("Place to be announced")


def has_room(site: SiteView) -> bool:
    """Say whether who comes now gets a place."""
    return rules.has_room(site)
