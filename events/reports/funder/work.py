"""Files of a funder's report, made by a worker: who asks gets them on their page of documents."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct, to_builtins

from events.accounts.rules import Action, may
from events.core.actor import Actor
from events.core.documents.actions import ask
from events.core.documents.shapes import Kind, Task, Tell, Wanted
from events.core.errors import NotFound
from events.core.file_types import MEDIA_TYPES
from events.core.i18n import in_language
from events.reports.funder import freezing, making, papers, queries, sheets
from events.reports.funder.queries import ReportHead
from events.reports.funder.shapes import FunderReportView

FORMATS = ("pdf", "xlsx", "json")


class FileWanted(Struct, frozen=True, kw_only=True):
    """Which revision (0: the draft), in which format and language, whole or without small groups."""

    format: str
    language: str
    revision: int
    whole: bool


async def order(head: ReportHead, wanted: FileWanted, *, actor: Actor, now: datetime) -> UUID:
    """Have a file of a report made; returns the document."""
    revision = f"r{wanted.revision}" if wanted.revision else "draft"
    return await ask(
        Wanted(
            kind=f"funder.{'whole' if wanted.whole else 'shown'}.{wanted.format}",
            subject_kind="funder_report",
            subject_id=head.id,
            title=head.name,
            filename=f"{head.project_code}-{head.ends_on}-{revision}-{wanted.language}.{wanted.format}",
            back=f"/staff/reports/funder/{head.id}",
            parameters=to_builtins(wanted),
            total=2,
        ),
        actor=actor,
        now=now,
    )


async def make(task: Task, tell: Tell, now: datetime) -> bytes:
    """Make the file that was asked for; raises NotFound when the report is gone, DrawingFailed."""
    wanted = msgspec.convert(task.parameters, FileWanted)
    view = await _view(task.subject_id, wanted, now)
    await tell(1)
    content = await file(view, wanted.format)
    await tell(2)
    return content


async def file(view: FunderReportView, kind: str) -> bytes:
    """Return a report as a file: pdf, xlsx or json. The same report gives the same bytes."""
    if kind == "json":
        return msgspec.json.format(msgspec.json.encode(view), indent=2)
    return sheets.xlsx_file(view) if kind == "xlsx" else await papers.pdf_file(view)


async def _view(report_id: UUID, wanted: FileWanted, now: datetime) -> FunderReportView:
    if wanted.revision:
        return await freezing.frozen(report_id, wanted.revision, wanted.language, whole=wanted.whole)
    head = await queries.report(report_id)
    if head is None:
        raise NotFound
    with in_language(wanted.language):
        return await making.make(head, now=now, whole=wanted.whole)


async def may_see(actor: Actor, _report: UUID, now: datetime) -> bool:
    """Say whether the actor may see funder's reports: whole projects, so everywhere or not at all."""
    return may(actor, Action.SEE_REPORTS, now=now)


async def may_see_whole(actor: Actor, _report: UUID, now: datetime) -> bool:
    """Say whether the actor may see persons in the reports of the whole network."""
    return may(actor, Action.SEE_PERSONS_IN_REPORTS, now=now)


def sees_whole(actor: Actor, now: datetime) -> bool:
    """Say whether an actor gets the whole report, and the draft: staff who may see persons everywhere."""
    return may(actor, Action.SEE_PERSONS_IN_REPORTS, now=now)


KINDS: Mapping[str, Kind] = {
    f"funder.{how}.{name}": Kind(make, allowed, media_type=MEDIA_TYPES[name])
    for how, allowed in (("whole", may_see_whole), ("shown", may_see))
    for name in FORMATS
}
"""Who may no longer see small groups does not get a whole file either that they asked for before."""
