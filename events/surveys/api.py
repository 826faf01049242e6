"""Everything of surveys as JSON: results, and one question compared over events."""

from litestar.types import ControllerRouterHandler

from events.surveys.comparing import api as comparing
from events.surveys.results import api as results

ROUTES: list[ControllerRouterHandler] = [*results.ROUTES, *comparing.ROUTES]
