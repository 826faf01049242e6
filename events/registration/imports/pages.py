"""Importing participants in the browser: choose a file, see what each column and word becomes, confirm."""

import asyncio
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.documents.queries import own_about, page_of
from events.core.errors import Conflict, NotFound
from events.core.forms import FormData, read_form
from events.core.importing import MAX_REQUEST, read_upload
from events.core.tabular import Table, Unreadable, read_table
from events.core.web import AnyRequest, page, see_other
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration.imports import work
from events.registration.imports.actions import import_participants
from events.registration.imports.columns import HEADINGS
from events.registration.questions.importing import answerable

PATH = "/staff/events/{slug:str}/import"
GUARDS = [Requires(Action.EDIT_REGISTRATIONS)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def import_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """Choose a file."""
    return await _page(request, await _event(request, slug))


@post(PATH, guards=GUARDS, include_in_schema=False, request_max_body_size=MAX_REQUEST)
async def import_it(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Show what a file would do; write it once that is confirmed."""
    event = await _event(request, slug)
    sent, actor, now = await read_form(request), actor_of(request), clock.now()
    try:
        upload = await read_upload(sent)
        table = await asyncio.to_thread(read_table, upload.content, upload.name)
        answers = _chosen(sent, table)
        if upload.confirmed and "look" not in sent:
            send = "send" in sent
            ordered = await work.order(event, table, upload.name, answers=answers, send=send, actor=actor, now=now)
            return see_other(page_of(ordered))
        report = await import_participants(table, event.id, actor=actor, now=now, dry_run=True, answers=answers)
    except Unreadable as error:
        return await _page(request, event, status=422, error=error.message)
    except Conflict as error:
        return await _page(request, event, status=409, error=error.message)
    return await _page(request, event, report=report, upload=upload, name=upload.name, send="send" in sent)


def _chosen(sent: FormData, table: Table) -> dict[str, str]:
    """Return which column was chosen to answer which question; a field is named by the place of its column."""
    fields = {f"answer.{place}": heading for place, heading in enumerate(table.headers)}
    return {heading: sent.text(field) for field, heading in fields.items() if field in sent}


async def _event(request: AnyRequest, slug: str) -> EventView:
    event = await programme.by_slug(slug)
    if event is None or not may(
        actor_of(request), Action.EDIT_REGISTRATIONS, now=clock.now(), event_id=event.id, region=event.host_region
    ):
        raise NotFound
    return event


async def _page(request: AnyRequest, event: EventView, *, status: int = 200, **context: Any) -> Template:
    empty: dict[str, Any] = {"report": None, "upload": None, "name": "", "error": "", "send": False}
    return page(
        request,
        "registration/import.html",
        status=status,
        event=event,
        headings=[[names[0] for names in by_language.values()] for by_language in HEADINGS.values()],
        under_way=await own_about("event", event.id, actor_of(request).id, clock.now(), kinds="registrations.import"),
        questions=await answerable(event.id) if "report" in context else [],
        **{**empty, **context},
    )


ROUTES: list[ControllerRouterHandler] = [import_page, import_it]
