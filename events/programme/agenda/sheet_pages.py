"""The agenda to be printed: a sheet for the door or the table of each site."""

from uuid import UUID

from litestar import get
from litestar.params import FromPath
from litestar.response import Template
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from events.accounts.guards import PUBLIC, actor_of
from events.core import clock
from events.core.errors import NotFound
from events.core.web import AnyRequest, page
from events.programme import presentation
from events.programme.agenda import rules as agenda_rules
from events.programme.agenda.queries import agenda
from events.programme.agenda.rules import Day
from events.programme.presentation import Place
from events.programme.public_pages import visible
from events.programme.words import ITEM_KINDS


class Sheet(Struct, frozen=True):
    """What hangs at the door of a site: its agenda by day."""

    place: Place
    days: list[Day]


@get("/events/{slug:str}/agenda", opt=PUBLIC, include_in_schema=False)
async def sheets(request: AnyRequest, slug: FromPath[str]) -> Template:
    """The agenda of each site on a page of its own, or of the one that `site` names."""
    event = await visible(slug, actor_of(request))
    items, card = await agenda(event.id), await presentation.card(event, clock.now())
    wanted = _site(request.query_params.get("site", ""))
    shown = [place for place in card.places if wanted in {None, place.site.id}]
    if not shown:
        raise NotFound
    return page(
        request,
        "programme/sheets.html",
        headers={} if event.listed else {"x-robots-tag": "noindex"},
        event=event,
        places=card.places,
        alone=wanted is not None,
        sheets=[
            Sheet(place, agenda_rules.by_day(agenda_rules.at_site(items, place.site.id), event.zone)) for place in shown
        ],
        kinds=ITEM_KINDS,
    )


def _site(asked: str) -> UUID | None:
    try:
        return UUID(asked) if asked else None
    except ValueError as error:
        raise NotFound from error


ROUTES: list[ControllerRouterHandler] = [sheets]
