"""The page of the data dictionary, and the same as JSON."""

from litestar import get
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires
from events.accounts.rules import Action
from events.core.web import AnyRequest, page
from events.reports.dictionary import Dictionary, dictionary


@get("/staff/reports/dictionary", guards=[Requires(Action.SEE_REPORTS)], include_in_schema=False)
async def dictionary_page(request: AnyRequest) -> Template:
    """What each column is called, holds and means."""
    return page(request, "reports/dictionary.html", dictionary=dictionary())


@get("/api/v1/reports/dictionary", guards=[Requires(Action.SEE_REPORTS)], opt={"machine": True})
async def dictionary_json() -> Dictionary:
    """The data dictionary: names, types, meanings and codes, in the request's language."""
    return dictionary()


ROUTES: list[ControllerRouterHandler] = [dictionary_page, dictionary_json]
