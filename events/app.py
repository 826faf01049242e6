"""create_app(): the routers, plugins, lifespan and error handlers of the web service; nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Router
from litestar.datastructures import CacheControlHeader, State
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.static_files import create_static_files_router
from litestar.template import TemplateConfig

from events.accounts import pages as accounts
from events.accounts.authentication import Authentication, session_cookie_name
from events.accounts.guards import PUBLIC, Requires
from events.accounts.navigation import current_entry, navigation
from events.accounts.rules import Action
from events.cards import CARDS
from events.checkin import api as checkin_api
from events.checkin import pages as checkin
from events.checkin import staff_pages as checkin_staff
from events.checkin.board import pages as checkin_board
from events.checkin.devices import pages as checkin_devices
from events.checkin.door import pages as checkin_door
from events.checkin.meetings import pages as checkin_meetings
from events.checkin.oneself import pages as checkin_oneself
from events.checkin.papers import pages as checkin_papers
from events.checkin.settings import pages as checkin_settings
from events.checkin.walk_in import pages as checkin_walk_in
from events.core import database, health, jobs, live, logs, openapi, replica
from events.core.assets import asset_dir
from events.core.broker import make_broker
from events.core.documents import pages as documents
from events.core.http import Language, SameOrigin, add_headers
from events.core.observing import Observing
from events.core.page_cache import PageCache
from events.core.settings import get_settings
from events.core.web import answer_error, environment
from events.documents import KINDS
from events.letters import answer
from events.mailbox import MAILBOX
from events.messaging import pages as messaging
from events.messaging.incoming import pages as incoming
from events.metrics import metrics
from events.network import duplicate_pages, organisation_pages, project_pages
from events.network import pages as network
from events.network.groups import pages as group_pages
from events.outreach import pages as outreach
from events.outreach.delivery import pages as outreach_delivery
from events.outreach.delivery import suppressed_pages as outreach_suppressed
from events.outreach.templates import pages as outreach_templates
from events.outreach.webhooks.description import WEBHOOKS
from events.programme import api as programme_api
from events.programme import pages as programme
from events.programme.public_pages import is_kept
from events.registration import api as registration_api
from events.registration import pages as registration
from events.reports import api as reports_api
from events.reports import dictionary_pages as reports_dictionary
from events.reports import pages as reports
from events.reports import rows_pages as report_rows
from events.reports.dashboard import pages as dashboard
from events.reports.dashboard import steps_pages as dashboard_steps
from events.reports.effect import pages as effect
from events.reports.funder import api as funder_api
from events.reports.funder import editing_pages as funder_editing
from events.reports.funder import filing_pages as funder_filing
from events.reports.funder import indicator_pages as funder_indicators
from events.reports.funder import pages as funder
from events.surveys import api as surveys_api
from events.surveys import pages as surveys
from events.wording import WORDING

ROUTES = [
    *health.ROUTES,
    *openapi.ROUTES,
    Router(path="/", route_handlers=documents.ROUTES, guards=[Requires(Action.SEE_STAFF_PAGES)]),
    Router(path="/", route_handlers=messaging.ROUTES, guards=[Requires(Action.SEE_MAILBOX)]),
    *incoming.ROUTES,
    *accounts.ROUTES,
    *network.ROUTES,
    *duplicate_pages.ROUTES,
    *organisation_pages.ROUTES,
    *project_pages.ROUTES,
    *group_pages.ROUTES,
    *programme.ROUTES,
    *programme_api.ROUTES,
    *registration.ROUTES,
    *registration_api.ROUTES,
    *checkin_board.ROUTES,
    *checkin_devices.ROUTES,
    *checkin_door.ROUTES,
    *checkin.ROUTES,
    *checkin_staff.ROUTES,
    *checkin_walk_in.ROUTES,
    *checkin_meetings.ROUTES,
    *checkin_oneself.ROUTES,
    *checkin_papers.ROUTES,
    *checkin_settings.ROUTES,
    *checkin_api.ROUTES,
    *surveys.ROUTES,
    *surveys_api.ROUTES,
    *outreach.ROUTES,
    *outreach_delivery.ROUTES,
    *outreach_suppressed.ROUTES,
    *outreach_templates.ROUTES,
    *reports.ROUTES,
    *report_rows.ROUTES,
    *dashboard_steps.ROUTES,
    *dashboard.ROUTES,
    *effect.ROUTES,
    *reports_api.ROUTES,
    *reports_dictionary.ROUTES,
    *funder.ROUTES,
    *funder_editing.ROUTES,
    *funder_indicators.ROUTES,
    *funder_filing.ROUTES,
    *funder_api.ROUTES,
]

MAX_BODY = 2 * 1024 * 1024
"""Bytes; imports of files have a limit of their own."""


@asynccontextmanager
async def lifespan(_: Litestar) -> AsyncIterator[None]:
    """Hold the database pool and the broker while the process serves."""
    settings = get_settings()
    if settings.database_url is None:
        raise RuntimeError("SIXNET_DATABASE_URL is not set; `sixnet serve` sets it for the embedded database")
    async with (
        database.pooled(settings.database_url, size=settings.pool_size),
        replica.reading_from(settings.replica_url),
    ):
        broker = make_broker(settings, middleware=[])
        jobs.use(broker)
        try:
            with live.streaming():
                yield
        finally:
            jobs.flush()
            jobs.use(None)
            broker.close()


class Service(Litestar):
    """The application with its kept pages in front: they are answered before any routing."""

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        self._cached = PageCache(super().__call__, session_cookie=session_cookie_name(), wanted=is_kept)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._cached(scope, receive, send)


def create_app(*, with_lifespan: bool = True) -> Litestar:
    """Make the web application; tests that hold a pool of their own do without the lifespan and the kept pages."""
    logs.configure()
    environment.globals.update(staff_navigation=navigation, staff_entry=current_entry)
    assets = create_static_files_router(
        path="/assets",
        directories=[asset_dir()],
        cache_control=CacheControlHeader(max_age=31536000, public=True, immutable=True),
        opt=PUBLIC,
        include_in_schema=False,
    )
    return (Service if with_lifespan else Litestar)(
        route_handlers=[assets, metrics, *ROUTES],
        state=State({"cards": CARDS, "mailbox": MAILBOX, "documents": KINDS, "wording": WORDING, "answer": answer}),
        lifespan=[lifespan] if with_lifespan else [],
        middleware=[Observing(), Language(), SameOrigin(), Authentication()],
        exception_handlers={Exception: answer_error},
        before_send=[add_headers],
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment)),
        openapi_config=openapi.config(WEBHOOKS),
        request_max_body_size=MAX_BODY,
        logging_config=None,
    )
