"""Pages for handing a report in: figures to be copied, the list of enterprises, the evidence."""

from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts import audit
from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.documents.queries import page_of
from events.core.errors import NotFound
from events.core.file_types import MEDIA_TYPES
from events.core.i18n import language, typed_number
from events.core.web import AnyRequest, page, see_other
from events.reports.funder import enterprises, freezing, making, work
from events.reports.funder.evidence import pack
from events.reports.funder.pages import ONE, SEES, known
from events.reports.funder.queries import ReportHead
from events.reports.funder.shapes import FunderReportView

SEES_PERSONS = [Requires(Action.SEE_PERSONS_IN_REPORTS)]


@get(f"{ONE}/filing", guards=SEES, include_in_schema=False)
async def filing_page(request: AnyRequest, report_id: FromPath[UUID]) -> Template:
    """The figures in the order of the funder's form: of the last frozen revision, or with `draft` as they are now."""
    head, actor = await known(request, report_id), actor_of(request)
    whole = work.sees_whole(actor, clock.now())
    view = await _filed(head, draft=whole and "draft" in request.query_params, whole=whole)
    return page(request, "reports/funder/filing.html", head=head, view=view, whole=whole, typed=typed_number)


async def _filed(head: ReportHead, *, draft: bool, whole: bool) -> FunderReportView:
    if head.revision and not draft:
        return await freezing.frozen(head.id, head.revision, language(), whole=whole)
    if not whole:
        raise NotFound
    return await making.make(head, now=clock.now(), whole=True)


@get(f"{ONE}/enterprises.xlsx", guards=SEES_PERSONS, include_in_schema=False)
async def enterprise_list(request: AnyRequest, report_id: FromPath[UUID]) -> Response[bytes]:
    """The enterprises that took part, as a workbook."""
    head, actor, now = await known(request, report_id), actor_of(request), clock.now()
    if not may(actor, Action.SEE_PERSONS_IN_REPORTS, now=now):
        raise NotFound
    content = await enterprises.xlsx_file(head, now)
    await audit.record(actor, "report.enterprises_seen", "funder_report", head.id, now)
    headers = {"content-disposition": f'attachment; filename="enterprises-{head.ends_on}.xlsx"'}
    return Response(content, media_type=MEDIA_TYPES["xlsx"], headers=headers)


@post(f"{ONE}/evidence", guards=SEES_PERSONS, include_in_schema=False)
async def gather_evidence(request: AnyRequest, report_id: FromPath[UUID]) -> Redirect:
    """Have the evidence gathered."""
    head = await known(request, report_id)
    return see_other(page_of(await pack.order(head, actor=actor_of(request), now=clock.now())))


ROUTES: list[ControllerRouterHandler] = [filing_page, enterprise_list, gather_evidence]
