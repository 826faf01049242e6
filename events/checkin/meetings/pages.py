"""Importing reports of online meetings in the browser: choose files, see what becomes of everyone, confirm."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.checkin import staff_queries
from events.checkin.meetings import queries, rules
from events.checkin.meetings.actions import Imported, import_reports
from events.checkin.meetings.choices import read_choices
from events.checkin.meetings.plan import USUAL_MINIMUM, Plan, make_plan
from events.checkin.meetings.reading import Report, read_report
from events.checkin.meetings.tables import Fate
from events.core import clock
from events.core.errors import Conflict, ServiceError
from events.core.forms import FormData, read_form
from events.core.i18n import gettext as _
from events.core.importing import Upload, read_uploads
from events.core.tabular import Unreadable
from events.core.web import AnyRequest, page, see_other, told_number
from events.programme.queries import EventView

PATH = "/staff/events/{slug:str}/meeting"
GUARDS = [Requires(Action.RECONCILE)]

MAX_REQUEST = 24 * 1024 * 1024
"""Bytes of a request: a file that is too large shall be told so, not cut off; several of them go along as text."""

MOST_FILES = 10
MOST_FIELDS = 20_000
"""Six for each person in the meeting."""

LONGEST_MINIMUM = 600

TOLD = ("attended", "minutes", "walk_ins", "roles", "gone", "open")


@get(PATH, guards=GUARDS, include_in_schema=False)
async def meeting_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """Choose files; after an import, what it did."""
    event = await _event(request, slug)
    told = {name: told_number(request.query_params.get(name, "")) for name in TOLD}
    return await _choose(request, event, told=told if "saved" in request.query_params else None)


@post(PATH, guards=GUARDS, include_in_schema=False, request_max_body_size=MAX_REQUEST, status_code=200)
async def import_meeting(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Show what becomes of everyone whom the files name; write it once that is confirmed."""
    event, sent = await _event(request, slug), await read_form(request, most=MOST_FIELDS)
    if event.reconciled_at:
        error = _("The attendance of this event is closed. Open it again first.")
        return await _choose(request, event, status=409, error=error)
    minimum, wrong = _minimum(sent)
    try:
        uploads = [] if "stored" in sent else await read_uploads(sent)
        reports = _reports(uploads, event)
    except Unreadable as error:
        return await _choose(request, event, status=422, error=error.message, minimum=sent.text("minimum"))
    if wrong and "looked" not in sent:
        return await _choose(request, event, status=422, wrong=wrong, minimum=sent.text("minimum"))
    choices = read_choices(sent) if "looked" in sent else None
    if sent.text("deed") != "confirm" or wrong:
        walk_in_all = sent.text("deed") == "walk_in_all"
        plan = await make_plan(event.id, reports, minimum=minimum, choices=choices, walk_in_all=walk_in_all)
        return _look(request, event, plan, reports, uploads, wrong=wrong, typed=sent.text("minimum"))
    try:
        done = await import_reports(
            event.id, reports, choices or {}, minimum=minimum, actor=actor_of(request), now=clock.now()
        )
    except Conflict as error:
        plan = await make_plan(event.id, reports, minimum=minimum, choices=choices)
        return _look(request, event, plan, reports, uploads, refused=error)
    return _told(event, done) if done.done else _look(request, event, done.plan, reports, uploads)


def _told(event: EventView, done: Imported) -> Redirect:
    told = {"saved": 1, **{name: getattr(done, name) for name in TOLD if getattr(done, name)}}
    return see_other(f"/staff/events/{event.slug}/meeting?{urlencode(told)}")


def _reports(uploads: Sequence[Upload], event: EventView) -> list[Report]:
    if len(uploads) > MOST_FILES:
        raise Unreadable(_("Choose at most %(n)s files at a time.", n=MOST_FILES))
    reports = []
    for upload in uploads:
        try:
            reports.append(read_report(upload.content, upload.name, zone=event.zone, near=event.starts_at))
        except Unreadable as error:
            raise Unreadable(f"{upload.name}: {error.message}" if upload.name else error.message) from error
    return reports


def _minimum(sent: FormData) -> tuple[int, str]:
    """Return the minutes from which someone counts, and what is wrong with what was typed."""
    text = sent.text("minimum").strip()
    if text.isascii() and text.isdecimal() and len(text) < 5 and int(text) <= LONGEST_MINIMUM:  # noqa: PLR2004
        return int(text), ""
    return USUAL_MINIMUM, _("Write a number of minutes from 0 to %(n)s.", n=LONGEST_MINIMUM)


async def _event(request: AnyRequest, slug: str) -> EventView:
    return await staff_queries.event_to_reconcile(slug, actor_of(request), clock.now())


async def _choose(request: AnyRequest, event: EventView, *, status: int = 200, **context: Any) -> Template:
    chosen = await queries.minimum(event.id)
    usual: dict[str, Any] = {
        "event": event,
        "imported": await queries.imported(event.id),
        "minimum": str(USUAL_MINIMUM if chosen is None else chosen),
        "told": None,
        "error": "",
        "wrong": "",
    }
    return page(request, "checkin/meeting.html", status=status, **{**usual, **context})


def _look(
    request: AnyRequest,
    event: EventView,
    plan: Plan,
    reports: Sequence[Report],
    uploads: Sequence[Upload],
    *,
    wrong: str = "",
    typed: str = "",
    refused: ServiceError | None = None,
) -> Template:
    outcomes = plan.outcomes()
    to_decide = {"error", "open"}
    spans = [each.span for row in plan.rows for each in row.stays if each.span != rules.EVER]
    context: dict[str, Any] = {
        "event": event,
        "plan": plan,
        "reports": reports,
        "uploads": uploads,
        "outcomes": outcomes,
        "counts": Counter(outcomes.values()),
        "open_rows": [row for row in plan.rows if outcomes[row.code] in to_decide],
        "rows": [row for row in plan.rows if outcomes[row.code] not in to_decide],
        "elsewhere": not rules.touches(spans, (event.starts_at, event.ends_at)),
        "waiting": sum(report.waiting for report in reports),
        "ever": rules.EVER,
        "fates": Fate,
        "wrong": wrong,
        "typed": typed if wrong else str(plan.minimum),
        "error": refused.message if refused else "",
    }
    status = refused.status if refused else 422 if wrong or plan.errors else 200
    return page(request, "checkin/meeting_look.html", status=status, **context)


ROUTES: list[ControllerRouterHandler] = [meeting_page, import_meeting]
