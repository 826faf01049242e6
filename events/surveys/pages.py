"""All pages of surveys: answering, building, results."""

from litestar.types import ControllerRouterHandler

from events.surveys.answering import pages as answering
from events.surveys.building import bank_pages, list_pages, renewing_pages, survey_pages
from events.surveys.building import pages as building
from events.surveys.comparing import pages as comparing
from events.surveys.results import pages as results
from events.surveys.sending import pages as sending
from events.surveys.tagging import pages as tagging

ROUTES: list[ControllerRouterHandler] = [
    *answering.ROUTES,
    *results.ROUTES,
    *tagging.ROUTES,
    *survey_pages.ROUTES,
    *list_pages.ROUTES,
    *building.ROUTES,
    *renewing_pages.ROUTES,
    *bank_pages.ROUTES,
    *sending.ROUTES,
    *comparing.ROUTES,
]
