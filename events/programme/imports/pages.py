"""Importing a programme in the browser: choose a file, look at what it would do, confirm."""

from typing import Any

from litestar import get, post
from litestar.response import Response, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, reach
from events.core import clock
from events.core.forms import read_form
from events.core.importing import MAX_REQUEST, read_upload
from events.core.tabular import Unreadable
from events.core.web import AnyRequest, page
from events.network import queries as network
from events.programme.imports.actions import import_programme
from events.programme.imports.columns import COLUMNS, sample

PATH = "/staff/events/import"
GUARDS = [Requires(Action.EDIT_EVENTS)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def import_page(request: AnyRequest) -> Template:
    """Choose a file."""
    return await _page(request)


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
        return await _page(request, status=422, error=error.message)
    return await _page(request, report=report, upload=upload)


@get(f"{PATH}/sample.csv", guards=GUARDS, include_in_schema=False)
async def sample_file(request: AnyRequest) -> Response[bytes]:
    """A table to begin with, in a region in which its reader may make events."""
    _everywhere, regions, _events = reach(actor_of(request), Action.EDIT_EVENTS, now=clock.now())
    headers = {"content-disposition": 'attachment; filename="programme.csv"'}
    return Response(sample(min(regions, default="")), media_type="text/csv; charset=utf-8", headers=headers)


async def _page(request: AnyRequest, *, status: int = 200, **context: Any) -> Template:
    empty = {"report": None, "upload": None, "error": ""}
    return page(
        request,
        "programme/staff_import.html",
        status=status,
        columns=COLUMNS,
        known={
            "region": await network.regions(),
            "project": await network.projects(),
            "themes": await network.themes(),
        },
        **{**empty, **context},
    )


ROUTES: list[ControllerRouterHandler] = [import_page, import_it, sample_file]
