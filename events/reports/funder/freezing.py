"""Freezing a report as it is handed in, and reading what was frozen.

A correction is a new revision; no revision changes. Two who freeze at once make one: whoever comes second finds that
the revision they saw is no longer the last.
"""

import asyncio
from collections.abc import Mapping
from contextvars import copy_context
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from events.accounts import audit
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.documents.shapes import Tell
from events.core.errors import Conflict, Invalid, NotFound, require
from events.core.i18n import LANGUAGES, in_language
from events.core.i18n import gettext as _
from events.core.replica import snapshot
from events.reports.funder import making, queries, rules
from events.reports.funder.actions import lock_project, lock_report, may_edit
from events.reports.funder.queries import ReportHead
from events.reports.funder.shapes import FunderReportView

PerLanguage = dict[str, FunderReportView]


STEPS = 2 * len(LANGUAGES) + 1
"""What `freeze` tells of: the report in each language, whole and without small groups, and that it is kept."""


async def freeze(
    report_id: UUID,
    *,
    seen: int,
    why: str,
    actor: Actor,
    now: datetime,
    identity: UUID | None = None,
    tell: Tell | None = None,
) -> int:
    """Freeze a report; returns the number of the revision. `seen` is the last one that who asks knew, 0 for none.

    With `identity`, the revision's own, asking again for what was frozen changes nothing. `tell` hears of each step, of
    the last one in the transaction that keeps the revision: it is all there, or nothing of it.

    Raises NotAllowed, NotFound, Invalid for a correction that says not why, Conflict when somebody froze it meanwhile.
    """
    tell = tell or _tell_nobody
    known = await queries.revision_with(identity) if identity else None
    if known is not None:
        return known
    head = await checked(report_id, seen=seen, why=why, actor=actor, now=now)
    overlaps = await queries.overlaps_earlier(head)
    whole, shown = await _counted(head, now, seen + 1, tell)
    whole = await _compared(head, whole, why)
    shown = {code: msgspec.structs.replace(view, why=why) for code, view in shown.items()}
    async with transaction():
        await lock_project(head.project)
        await lock_report(report_id)
        require_last(await queries.last_revision(report_id), seen)
        _require_same(overlaps, await queries.overlaps_earlier(head))
        await tell(STEPS)
        await _insert(report_id, identity or uuid4(), whole, shown, actor)
        await audit.record(actor, "report.frozen", "funder_report", report_id, now, revision=seen + 1)
    return seen + 1


async def checked(report_id: UUID, *, seen: int, why: str, actor: Actor, now: datetime) -> ReportHead:
    """Return the report that is to be frozen; raises as `freeze` does."""
    require(allowed=may_edit(actor, now))
    head = await queries.report(report_id)
    if head is None:
        raise NotFound
    if seen and not why:
        raise Invalid({"why": [_("Say why it is corrected: it stands beside the difference.")]})
    require_last(head.revision, seen)
    return head


def require_last(last: int, seen: int) -> None:
    """Raise Conflict unless the revision that somebody saw is the last one."""
    if last != seen:
        raise Conflict(
            _("Somebody else has frozen this report since you opened the page. Look at that revision first."),
            code="stale",
        )


def _require_same(before: bool, now: bool) -> None:
    """Raise Conflict where meanwhile a report was frozen with which this one may not tell different persons."""
    if before != now:
        raise Conflict(_("Another report of the project has just been frozen. Freeze this one again."), code="stale")


async def frozen(report_id: UUID, revision: int, language: str, *, whole: bool) -> FunderReportView:
    """Return a revision in a language as it was frozen, not `whole` without what differs from the one before.

    Raises NotFound, also where `rules.may_read` refuses it.
    """
    if not rules.may_read(revision, await queries.last_revision(report_id), whole=whole):
        raise NotFound
    content = await queries.frozen(report_id, revision, whole=whole)
    if content is None:
        raise NotFound
    view = _read(content)[language]
    return view if whole else msgspec.structs.replace(view, changes=[])


async def _counted(head: ReportHead, now: datetime, revision: int, tell: Tell) -> tuple[PerLanguage, PerLanguage]:
    """Make the report whole and without small groups in each language, all from one snapshot of the newest data."""
    # The snapshot only reads: how far it is, is told beside it.
    beside = copy_context()
    made: tuple[PerLanguage, PerLanguage] = {}, {}
    async with snapshot(newest=True):
        for step, (full, code) in enumerate([(full, code) for full in (True, False) for code in LANGUAGES], start=1):
            with in_language(code):
                view = await making.make(head, now=now, whole=full)
            made[0 if full else 1][code] = msgspec.structs.replace(view, revision=revision)
            await asyncio.create_task(_told(tell, step), context=beside)
    return made


async def _told(tell: Tell, step: int) -> None:
    await tell(step)


async def _tell_nobody(done: int, so_far: Mapping[str, Any] | None = None) -> None:
    """Stand in for who waits where nobody does."""


async def _compared(head: ReportHead, made: PerLanguage, why: str) -> PerLanguage:
    """Write into each language of the whole report what differs from the revision before."""
    revision = next(iter(made.values())).revision
    content = await queries.frozen(head.id, revision - 1, whole=True) if revision > 1 else None
    known = _read(content) if content else {}
    return {
        code: msgspec.structs.replace(
            view, why=why, changes=rules.difference(known[code], view) if code in known else []
        )
        for code, view in made.items()
    }


def _read(content: bytes) -> PerLanguage:
    return msgspec.json.decode(content, type=PerLanguage)


async def _insert(report_id: UUID, identity: UUID, whole: PerLanguage, shown: PerLanguage, actor: Actor) -> None:
    one = whole["fi"]
    await database.execute(
        "INSERT INTO frozen_report (id, report, revision, whole, shown, input_hash, code_version, frozen_at, frozen_by,"
        " why, changes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        *(identity, report_id, one.revision, msgspec.json.encode(whole), msgspec.json.encode(shown)),
        *(bytes.fromhex(one.input_hash), one.code_version, one.made_at, actor.id, one.why),
        msgspec.json.encode(one.changes).decode(),
    )
