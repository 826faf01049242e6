"""Importing a programme in the browser: choose a file, look at what it would do, confirm."""

from typing import Any

from litestar import get, post
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.forms import read_form
from events.core.importing import MAX_REQUEST, read_upload
from events.core.tabular import Unreadable
from events.core.web import AnyRequest, page
from events.programme.imports.actions import HEADINGS, import_programme

PATH = "/staff/events/import"
GUARDS = [Requires(Action.EDIT_EVENTS)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def import_page(request: AnyRequest) -> Template:
    """Choose a file."""
    return _page(request)


@post(PATH, guards=GUARDS, include_in_schema=False, request_max_body_size=MAX_REQUEST)
async def import_it(request: AnyRequest) -> Template:
    """Show what a file would do; write it once that is confirmed."""
    try:
        upload = await read_upload(await read_form(request))
        report = await import_programme(
            upload.content,
            actor=actor_of(request),
            now=clock.now(),
            dry_run=not upload.confirmed,
            filename=upload.name,
        )
    except Unreadable as error:
        return _page(request, status=422, error=error.message)
    return _page(request, report=report, upload=upload)


def _page(request: AnyRequest, *, status: int = 200, **context: Any) -> Template:
    empty = {"report": None, "upload": None, "error": ""}
    return page(request, "programme/staff_import.html", status=status, columns=list(HEADINGS), **{**empty, **context})


ROUTES: list[ControllerRouterHandler] = [import_page, import_it]
