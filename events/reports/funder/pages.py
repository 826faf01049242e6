"""Staff pages of funder's reports: the list, a draft, its revisions, their files."""

from datetime import date, datetime
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler
from msgspec.structs import replace

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.actor import Actor
from events.core.documents.queries import own_about, page_of
from events.core.errors import BadRequest, Conflict, Invalid, NotFound
from events.core.forms import FormData, read_form
from events.core.i18n import LANGUAGES, language
from events.core.i18n import gettext as _
from events.core.web import AnyRequest, page, see_other
from events.network import queries as network
from events.programme.rules import ZONE, to_local
from events.reports.funder import actions, freezing, freezing_work, making, papers, queries, rules, work
from events.reports.funder.changes import ChangeLine, change_lines
from events.reports.funder.forms import FileForm, FreezeForm, ReportForm
from events.reports.funder.freezing_work import FreezeWanted
from events.reports.funder.queries import ReportHead
from events.reports.funder.shapes import FunderReportView
from events.reports.funder.tables import Rule
from events.reports.funder.work import FileWanted

PATH = "/staff/reports/funder"
ONE = f"{PATH}/{{report_id:uuid}}"
SEES = [Requires(Action.SEE_REPORTS)]
EDITS = [Requires(Action.EDIT_REPORTS)]


@get(PATH, guards=SEES, include_in_schema=False)
async def list_page(request: AnyRequest) -> Template:
    """All reports, and making one."""
    return await _list(request, None)


@post(PATH, guards=EDITS, include_in_schema=False)
async def make_report(request: AnyRequest) -> Template | Redirect:
    """Make a report on a project in a period."""
    form = await _report_form(await read_form(request))
    if form.validate():
        try:
            made = await actions.create_report(
                *(UUID(form.project.data), form.starts_on.data, form.ends_on.data),
                actor=actor_of(request),
                now=clock.now(),
            )
        except Invalid as error:
            form.show(error.errors)
        else:
            return see_other(f"{PATH}/{made}")
    return await _list(request, form)


@get(ONE, guards=SEES, include_in_schema=False)
async def report_page(request: AnyRequest, report_id: FromPath[UUID]) -> Template:
    """A report: for who sees it whole the draft, for others what was frozen."""
    return await _report(request, await known(request, report_id))


@post(f"{ONE}/freeze", guards=EDITS, include_in_schema=False)
async def freeze_report(request: AnyRequest, report_id: FromPath[UUID]) -> Template | Redirect:
    """Have the report frozen as it is now."""
    head = await known(request, report_id)
    form = FreezeForm(await read_form(request))
    valid = form.validate()
    if form.seen.errors:
        raise BadRequest
    if form.only_language_changes:
        return await _report(request, head, form=form)
    try:
        wanted, actor, now = FreezeWanted(form.seen.data, form.why.data or ""), actor_of(request), clock.now()
        lacking = await _lacking(head, wanted, actor, now, sure=form.sure.data)
        if lacking or not valid:
            form.show(lacking)
            return await _report(request, head, form=form)
        document = await freezing_work.order(report_id, wanted, actor=actor, now=now)
    except Conflict as error:
        return await _report(request, head, refused=error.message)
    return see_other(page_of(document))


@get(f"{ONE}/revisions/{{revision:int}}", guards=SEES, include_in_schema=False)
async def revision_page(request: AnyRequest, report_id: FromPath[UUID], revision: FromPath[int]) -> Template | Redirect:
    """A revision as it was frozen, with what differs from the one before.

    Who may read the last one alone is led to it, which says that it replaced an earlier one.
    """
    head = await known(request, report_id)
    if not 0 < revision <= head.revision:
        raise NotFound
    whole = work.sees_whole(actor_of(request), clock.now())
    if not rules.may_read(revision, head.revision, whole=whole):
        return see_other(f"{PATH}/{report_id}/revisions/{head.revision}")
    view = await freezing.frozen(report_id, revision, language(), whole=whole)
    return page(
        request,
        "reports/funder/revision.html",
        head=head,
        view=view,
        whole=whole,
        changed=change_lines(view),
        files=FileForm(),
        papers=papers,
    )


@post(f"{ONE}/files/{{revision:int}}", guards=SEES, include_in_schema=False)
async def make_file(request: AnyRequest, report_id: FromPath[UUID], revision: FromPath[int]) -> Redirect:
    """Have a file of a revision made; revision 0 is the draft."""
    head, actor, now = await known(request, report_id), actor_of(request), clock.now()
    form = FileForm(await read_form(request))
    whole = work.sees_whole(actor, now)
    if not (whole if revision == 0 else rules.may_read(revision, head.revision, whole=whole)):
        raise NotFound
    if not form.validate():
        raise BadRequest
    wanted = FileWanted(format=form.format.data, language=form.language.data, revision=revision, whole=whole)
    return see_other(page_of(await work.order(head, wanted, actor=actor, now=now)))


@get(f"{ONE}/revisions/{{revision:int}}/report.json", guards=SEES, include_in_schema=False)
async def revision_json(request: AnyRequest, report_id: FromPath[UUID], revision: FromPath[int]) -> Response[bytes]:
    """A revision as JSON, at once."""
    head = await known(request, report_id)
    whole = work.sees_whole(actor_of(request), clock.now())
    view = await freezing.frozen(report_id, revision, language(), whole=whole)
    name = f"report-{head.ends_on}-r{revision}.json"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(await work.file(view, "json"), media_type="application/json", headers=headers)


async def _lacking(
    head: ReportHead, wanted: FreezeWanted, actor: Actor, now: datetime, *, sure: bool
) -> dict[str, list[str]]:
    """Return all that is wrong with freezing so, by field. Raises as `freezing.checked`, but no Invalid."""
    errors: dict[str, list[str]] = {}
    try:
        await freezing.checked(head.id, seen=wanted.seen, why=wanted.why, actor=actor, now=now)
    except Invalid as error:
        errors |= {field: list(messages) for field, messages in error.errors.items()}
    if not sure and rules.is_unfinished(await making.make(head, now=now, whole=True), _today(now)):
        errors["sure"] = [_("Something is unfinished: see above. Tick the box to freeze it as it is.")]
    return errors


def _today(now: datetime) -> date:
    return to_local(now, ZONE).date()


async def known(request: AnyRequest, report_id: UUID) -> ReportHead:
    """Return a report that exists, for who may see reports everywhere; raises NotFound."""
    head = await queries.report(report_id)
    if head is None or not may(actor_of(request), Action.SEE_REPORTS, now=clock.now()):
        raise NotFound
    return head


async def _list(request: AnyRequest, form: ReportForm | None) -> Template:
    actor, now = actor_of(request), clock.now()
    if not may(actor, Action.SEE_REPORTS, now=now):
        raise NotFound
    editable = actions.may_edit(actor, now)
    heads = await queries.reports()
    return page(
        request,
        "reports/funder/list.html",
        status=422 if form is not None and not form.only_language_changes else 200,
        heads=heads if work.sees_whole(actor, now) else [head for head in heads if head.revision],
        form=form or (await _report_form(None)),
        projects=await network.projects(),
        editable=editable,
    )


async def _report_form(sent: FormData | None) -> ReportForm:
    return ReportForm(sent, projects=[(str(project.id), project.code) for project in await network.projects()])


async def _report(
    request: AnyRequest, head: ReportHead, *, form: FreezeForm | None = None, refused: str = ""
) -> Template:
    actor, now = actor_of(request), clock.now()
    whole = work.sees_whole(actor, now)
    if not whole and not head.revision:
        raise NotFound
    wrong = form is not None and not form.only_language_changes
    view = await making.make(head, now=now, whole=True) if whole else None
    frozen = await queries.revisions(head.id)
    return page(
        request,
        "reports/funder/report.html",
        status=409 if refused else 422 if wrong else 200,
        head=head,
        view=view,
        differences=await _differences(head, view) if view else [],
        saved=request.query_params.get("saved", ""),
        lasts=head.ends_on >= _today(now),
        unfinished=view is not None and rules.is_unfinished(view, _today(now)),
        revisions=[each for each in frozen if rules.may_read(each.revision, head.revision, whole=whole)],
        texts=await queries.texts(head.id) if whole else [],
        documents=await own_about("funder_report", head.id, actor.id, now, kinds="funder."),
        form=form or FreezeForm(),
        files=FileForm(),
        refused=refused,
        editable=actions.may_edit(actor, now),
        by_hand=Rule.BY_HAND.value,
        languages=LANGUAGES,
        papers=papers,
    )


async def _differences(head: ReportHead, draft: FunderReportView) -> list[ChangeLine]:
    """Return what differs in a draft from the last frozen revision."""
    if not head.revision:
        return []
    last = await freezing.frozen(head.id, head.revision, language(), whole=True)
    return change_lines(replace(draft, changes=rules.difference(last, draft)))


ROUTES: list[ControllerRouterHandler] = [
    *(list_page, make_report, report_page, freeze_report, revision_page, make_file, revision_json),
]
