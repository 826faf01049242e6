"""Freezing a report as it is handed in, and reading what was frozen.

A correction is a new revision; no revision changes. Two who freeze at once make one: whoever comes second finds that
the revision they saw is no longer the last.
"""

from datetime import datetime
from uuid import UUID, uuid4

import msgspec

from events.accounts import audit
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, Invalid, NotFound, require
from events.core.i18n import LANGUAGES, in_language
from events.core.i18n import gettext as _
from events.core.replica import snapshot
from events.reports.funder import making, queries, rules
from events.reports.funder.actions import lock_report, may_edit
from events.reports.funder.queries import ReportHead
from events.reports.funder.shapes import FunderReportView

PerLanguage = dict[str, FunderReportView]


async def freeze(report_id: UUID, *, seen: int, why: str, actor: Actor, now: datetime) -> int:
    """Freeze a report; returns the number of the revision. `seen` is the last one that who asks knew, 0 for none.

    Raises NotAllowed, NotFound, Invalid for a correction that says not why, Conflict when somebody froze it meanwhile.
    """
    require(allowed=may_edit(actor, now))
    head = await queries.report(report_id)
    if head is None:
        raise NotFound
    if seen and not why:
        raise Invalid({"why": [_("Say why it is corrected: it stands beside the difference.")]})
    async with snapshot():
        whole, shown = [await _made(head, now, seen + 1, whole=full) for full in (True, False)]
    whole, shown = await _compared(head, whole, why, full=True), await _compared(head, shown, why, full=False)
    async with transaction():
        await lock_report(report_id)
        last = await database.fetchval(
            "SELECT coalesce(max(revision), 0) FROM frozen_report WHERE report = $1", report_id
        )
        if last != seen:
            raise Conflict(
                _("Somebody else has frozen this report since you opened the page. Look at that revision first."),
                code="stale",
            )
        await _insert(report_id, whole, shown, actor)
        await audit.record(actor, "report.frozen", "funder_report", report_id, now, revision=seen + 1)
    return seen + 1


async def frozen(report_id: UUID, revision: int, language: str, *, whole: bool) -> FunderReportView:
    """Return a revision in a language as it was frozen; raises NotFound."""
    content = await queries.frozen(report_id, revision, whole=whole)
    if content is None:
        raise NotFound
    return _read(content)[language]


async def _made(head: ReportHead, now: datetime, revision: int, *, whole: bool) -> PerLanguage:
    made = {}
    for code in LANGUAGES:
        with in_language(code):
            made[code] = msgspec.structs.replace(await making.make(head, now=now, whole=whole), revision=revision)
    return made


async def _compared(head: ReportHead, made: PerLanguage, why: str, *, full: bool) -> PerLanguage:
    """Write into each language what differs from the revision before."""
    revision = next(iter(made.values())).revision
    content = await queries.frozen(head.id, revision - 1, whole=full) if revision > 1 else None
    known = _read(content) if content else {}
    return {
        code: msgspec.structs.replace(
            view, why=why, changes=rules.difference(known[code], view) if code in known else []
        )
        for code, view in made.items()
    }


def _read(content: bytes) -> PerLanguage:
    return msgspec.json.decode(content, type=PerLanguage)


async def _insert(report_id: UUID, whole: PerLanguage, shown: PerLanguage, actor: Actor) -> None:
    one = whole["fi"]
    await database.execute(
        "INSERT INTO frozen_report (id, report, revision, whole, shown, input_hash, code_version, frozen_at, frozen_by,"
        " why, changes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        *(uuid4(), report_id, one.revision, msgspec.json.encode(whole), msgspec.json.encode(shown)),
        *(bytes.fromhex(one.input_hash), one.code_version, one.made_at, actor.id, one.why),
        msgspec.json.encode(one.changes).decode(),
    )
