"""The start page of staff: what needs doing next."""

from litestar import get
from litestar.response import Template

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import START, Action
from events.core import clock
from events.core.cards import CardMaker
from events.core.web import AnyRequest, page


@get(START, guards=[Requires(Action.SEE_STAFF_PAGES)], include_in_schema=False)
async def start_page(request: AnyRequest) -> Template:
    """Cards of every feature, the urgent ones first."""
    actor, now = actor_of(request), clock.now()
    makers: tuple[CardMaker, ...] = tuple(request.app.state.cards)
    cards = [card for make in makers for card in await make(actor, now)]
    return page(
        request,
        "accounts/start.html",
        urgent=[card for card in cards if card.urgent],
        cards=[card for card in cards if not card.urgent],
    )


ROUTES = [start_page]
