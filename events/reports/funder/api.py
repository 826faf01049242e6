"""Frozen reports as JSON."""

from datetime import date, datetime
from uuid import UUID

from litestar import get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.actor import ActorKind
from events.core.errors import NotFound
from events.core.i18n import language
from events.core.web import AnyRequest
from events.reports.funder import freezing, queries, work
from events.reports.funder.shapes import FunderReportView


class FrozenHead(Struct, frozen=True, kw_only=True):
    """A report that was frozen, and how often."""

    id: UUID
    project: str
    starts_on: date
    ends_on: date
    revision: int
    frozen_at: datetime


class FrozenList(Struct, frozen=True):
    """The reports that were frozen, the latest period first."""

    items: list[FrozenHead]
    total: int


@get("/api/v1/reports/funder", guards=[Requires(Action.SEE_REPORTS)], opt={"machine": True})
async def frozen_reports(request: AnyRequest) -> FrozenList:
    """The frozen reports with their last revision."""
    _require(request)
    items = [
        FrozenHead(
            id=head.id,
            project=head.project_code,
            starts_on=head.starts_on,
            ends_on=head.ends_on,
            revision=head.revision,
            frozen_at=head.frozen_at,
        )
        for head in await queries.reports()
        if head.frozen_at is not None
    ]
    return FrozenList(items, len(items))


@get(
    "/api/v1/reports/funder/{report_id:uuid}/{revision:int}",
    guards=[Requires(Action.SEE_REPORTS)],
    opt={"machine": True},
)
async def frozen_report(request: AnyRequest, report_id: FromPath[UUID], revision: FromPath[int]) -> FunderReportView:
    """A revision as it was frozen, in the request's language: the same for ever.

    Who may not see persons gets the last one alone, without what differs from the one before.
    """
    _require(request)
    head = await queries.report(report_id)
    if head is None:
        raise NotFound
    actor = actor_of(request)
    whole = actor.kind is ActorKind.TOKEN or work.sees_whole(actor, clock.now())
    return await freezing.frozen(report_id, revision, language(), whole=whole)


def _require(request: AnyRequest) -> None:
    """Whole projects are seen everywhere or not at all."""
    if not may(actor_of(request), Action.SEE_REPORTS, now=clock.now()):
        raise NotFound


ROUTES: list[ControllerRouterHandler] = [frozen_reports, frozen_report]
