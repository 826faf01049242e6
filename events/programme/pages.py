"""Every page of the feature; each module names its own."""

from events.programme import edit_pages, public_pages, staff_pages
from events.programme.agenda import pages as agenda_pages
from events.programme.agenda import sheet_pages
from events.programme.arrivals import pages as arrival_pages
from events.programme.feeds import pages as feed_pages
from events.programme.feeds import staff_pages as staff_feed_pages
from events.programme.imports import pages as import_pages
from events.programme.materials import pages as material_pages
from events.programme.plan import pages as plan_pages
from events.programme.series import pages as series_pages
from events.programme.series import publish_pages as series_publish_pages
from events.programme.steps import pages as step_pages

ROUTES = [
    *public_pages.ROUTES,
    *feed_pages.ROUTES,
    *staff_pages.ROUTES,
    *staff_feed_pages.ROUTES,
    *edit_pages.ROUTES,
    *step_pages.ROUTES,
    *series_pages.ROUTES,
    *series_publish_pages.ROUTES,
    *plan_pages.ROUTES,
    *import_pages.ROUTES,
    *material_pages.ROUTES,
    *agenda_pages.ROUTES,
    *sheet_pages.ROUTES,
    *arrival_pages.ROUTES,
]
