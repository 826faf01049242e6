"""Importing a programme from a table: one row per event, known by its Finnish title and start (design.md §6)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from msgspec import Struct

from events.accounts.rules import Action, may
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.i18n import gettext as _
from events.core.tabular import ImportReport, Progress, Refused, Row, Table, Unreadable, read_table
from events.core.text import fold
from events.programme import queries
from events.programme.actions import NewEvent, create_event, publish
from events.programme.imports.columns import HEADINGS, REQUIRED
from events.programme.imports.rows import Codes, Wanted, read_row


class Planned(Struct, frozen=True):
    """What becomes of one row: an event to be made, or one that exists already."""

    line: int
    event: NewEvent
    publish: bool
    known: UUID | None


async def import_programme(
    source: Path | bytes,
    *,
    actor: Actor,
    now: datetime,
    dry_run: bool = False,
    filename: str = "",
    progress: Progress | None = None,
) -> ImportReport:
    """Make the events of a table that are not there yet; each row stands or falls alone, with its line and reason.

    An event that exists already is left as it is, with a warning where the row says otherwise: so a second run changes
    nothing, nor undoes what staff edited. `progress` hears how many rows are done, of how many. Raises Unreadable for a
    file that is no such table.
    """
    table = read_table(source, filename)
    report = ImportReport(dry_run=dry_run, rows=len(table.rows))
    rows = await plan(table, actor=actor, now=now, report=report)
    for number, planned in enumerate(rows, start=report.rows - len(rows) + 1):
        if planned.known is not None:
            report.unchanged += 1
            await _compare(planned, report)
        else:
            report.added += 1
            if not dry_run:
                await _make(planned, actor, now)
        if progress:
            progress(number, report.rows)
    return report


async def plan(table: Table, *, actor: Actor, now: datetime, report: ImportReport) -> list[Planned]:
    """Read every row; what cannot be taken is added to the report."""
    columns = {name: table.find(name, *others) for name, others in HEADINGS.items()}
    if missing := [name for name in REQUIRED if columns[name] is None]:
        raise Unreadable(_("The table lacks these columns: %(columns)s", columns=", ".join(missing)))
    codes = await _codes()
    planned: list[Planned] = []
    seen: dict[tuple[str, datetime], int] = {}
    for row in table.rows:
        wanted, reasons = read_row(_cells(row, columns), codes)
        if row.surplus:
            reasons.append(_("The row has more cells than the headings."))
        if wanted is not None and not may(actor, Action.EDIT_EVENTS, now=now, region=wanted.event.host_region):
            reasons.append(_("You have no right to make events in this region."))
        if wanted is not None and not reasons:
            key = (fold(wanted.event.titles["fi"]), wanted.event.starts_at)
            if key in seen:
                reasons.append(_("The same event stands on line %(line)s already.", line=seen[key]))
            seen.setdefault(key, row.line)
        if wanted is None or reasons:
            report.refused.append(Refused(row.line, " ".join(reasons)))
            continue
        planned.append(await _planned(row.line, wanted))
    return planned


async def _planned(line: int, wanted: Wanted) -> Planned:
    known = await database.fetchval(
        "SELECT id FROM event WHERE title_fi = $1 AND starts_at = $2 ORDER BY created_at LIMIT 1",
        wanted.event.titles["fi"],
        wanted.event.starts_at,
    )
    return Planned(line, wanted.event, wanted.publish, known)


async def _make(planned: Planned, actor: Actor, now: datetime) -> None:
    async with transaction():
        created = await create_event(planned.event, actor=actor, now=now)
        if planned.publish:
            await publish(created.id, actor=actor, now=now)


async def _compare(planned: Planned, report: ImportReport) -> None:
    event = await queries.by_id(planned.known) if planned.known else None
    if event is None:
        return
    row = planned.event
    pairs = {
        "kind": (event.kind, row.kind),
        "title_sv": (event.titles.get("sv", ""), row.titles.get("sv", "")),
        "title_en": (event.titles.get("en", ""), row.titles.get("en", "")),
        "ends": (event.ends_at, row.ends_at),
        "region": (event.host_region, row.host_region),
        "capacity": ([site.capacity for site in event.sites], [site.capacity for site in row.sites]),
        "project": (sorted(event.projects), sorted(row.projects)),
        "themes": (sorted(event.themes), sorted(row.themes)),
        "status": (event.state, "published" if planned.publish else "draft"),
    }
    if differing := [name for name, (there, here) in pairs.items() if there != here]:
        reason = _(
            "The event exists and was left as it is; the file differs in: %(columns)s", columns=", ".join(differing)
        )
        report.warnings.append(Refused(planned.line, reason))


def _cells(row: Row, columns: Mapping[str, str | None]) -> dict[str, str]:
    return {name: row.get(heading) for name, heading in columns.items()}


async def _codes() -> Codes:
    """Read by which words regions, municipalities, themes and projects are known."""
    names = "name_fi, name_sv, name_en"
    return Codes(
        regions=_by_any_name(await database.fetch(f"SELECT code, {names} FROM region")),
        municipalities=_by_any_name(await database.fetch("SELECT code, name_fi, name_sv FROM municipality")),
        themes=_by_any_name(await database.fetch(f"SELECT code, {names} FROM theme")),
        projects=_by_any_name(await database.fetch(f"SELECT code, {names} FROM project")),
    )


def _by_any_name(rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {fold(word): row["code"] for row in rows for word in dict(row).values() if word}
