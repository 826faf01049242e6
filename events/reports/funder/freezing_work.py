"""Having a report frozen: a worker counts and keeps it, who asked sees how far it is and then the revision.

The revision has the id of the document by which it was asked for: where a worker dies after it was kept, the next try
finds it, and where one dies before, there is nothing of it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from events.accounts.queries import staff_actor
from events.core.actor import Actor
from events.core.documents.actions import ask
from events.core.documents.queries import own_about
from events.core.documents.shapes import Kind, Shown, Task, Tell, Wanted
from events.core.documents.tables import DocumentState
from events.core.errors import NotFound
from events.core.i18n import gettext as _
from events.reports.funder import actions, freezing, queries

KIND = "report.freeze"
_UNDER_WAY = (DocumentState.WAITING, DocumentState.MAKING)


class FreezeWanted(Struct, frozen=True):
    """The last revision that who asks has seen, and why it is corrected."""

    seen: int
    why: str


async def order(report_id: UUID, wanted: FreezeWanted, *, actor: Actor, now: datetime) -> UUID:
    """Have a report frozen; returns the document that shows how far it is, the same one while it is under way.

    Raises as `freezing.freeze` does for what is known at once.
    """
    head = await freezing.checked(report_id, seen=wanted.seen, why=wanted.why, actor=actor, now=now)
    for document in await own_about("funder_report", report_id, actor.id, now, kinds=KIND):
        if document.state in _UNDER_WAY:
            return document.id
    return await ask(
        Wanted(
            kind=KIND,
            subject_kind="funder_report",
            subject_id=report_id,
            title=_("Freezing: %(report)s", report=head.name),
            filename="",
            back=f"/staff/reports/funder/{report_id}",
            parameters={},
            total=freezing.STEPS,
            content=msgspec.json.encode(wanted),
        ),
        actor=actor,
        now=now,
    )


async def make(task: Task, tell: Tell, now: datetime) -> bytes:
    """Freeze the report that was asked for; what was made is the number of its revision."""
    wanted = msgspec.json.decode(task.content, type=FreezeWanted)
    found = await staff_actor(task.staff) if task.staff else None
    if found is None:
        raise NotFound
    revision = await freezing.freeze(
        task.subject_id, seen=wanted.seen, why=wanted.why, actor=found[0], now=now, identity=task.id, tell=tell
    )
    return msgspec.json.encode(revision)


async def may_freeze(actor: Actor, _report: UUID, now: datetime) -> bool:
    """Say whether the actor may (still) freeze reports."""
    return actions.may_edit(actor, now)


async def shown(report_id: UUID, content: bytes) -> Mapping[str, Any]:
    """Return what the page of a report that is frozen shows."""
    number = msgspec.json.decode(content, type=int)
    found = [revision for revision in await queries.revisions(report_id) if revision.revision == number]
    return {"head": await queries.report(report_id), "revision": found[0]}


KINDS: Mapping[str, Kind] = {
    KIND: Kind(make, may_freeze, shown=Shown("reports/funder/frozen.html", shown, all_or_nothing=True))
}
