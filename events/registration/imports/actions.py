"""Importing the participants of an event from a table: one row per person (design.md §6)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

import msgspec
from msgspec import Struct

from events.accounts.rules import Action, may
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, Invalid, NotFound, ServiceError, Unavailable
from events.core.i18n import gettext as _
from events.core.tabular import ImportReport, Refused, Table, read_table
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration.imports.attendance import mark
from events.registration.imports.plan import Planned, plan
from events.registration.imports.preview import ColumnUse, ValueUse, preview
from events.registration.queries import Registered
from events.registration.questions.importing import OfHealth, health_columns, store_imported
from events.registration.registering import register, register_together
from events.registration.rules import holds_place

Advance = Callable[[int, int], Awaitable[None]]
"""Is told, and waited for, after each transaction: how many rows are done, of how many."""

TOGETHER = 50
"""Rows that are committed at once: the site's row is held for less than a tenth of a second."""


class ParticipantsReport(ImportReport):
    """The report of an import of participants.

    Of those `added`, `waiting` got no place (in line, or awaiting approval). `attended` counts rows whose attendance
    was news. `columns` and `values` say what became of each column and of each word in those that are read by words.
    """

    waiting: int = 0
    attended: int = 0
    columns: list[ColumnUse] = msgspec.field(default_factory=list)
    values: list[ValueUse] = msgspec.field(default_factory=list)


class Run(Struct, frozen=True, kw_only=True):
    """An import that writes: for which event, who does it, when and how, and what it says of health.

    `again` says that an earlier try with the same `now` may have written some of it: that is its own.
    """

    event: EventView
    report: ParticipantsReport
    health: OfHealth
    actor: Actor
    now: datetime
    send: bool
    again: bool


async def import_participants(
    source: Path | bytes | Table,
    event_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    dry_run: bool = False,
    send: bool = False,
    health_consent: str | None = None,
    filename: str = "",
    progress: Advance | None = None,
    again: bool = False,
) -> ParticipantsReport:
    """Register everyone in a table who is not registered yet; each row stands or falls alone, with line and reason.

    The registration window does not count, the places do: the rest wait. Who is registered, or has cancelled, is left
    as they are, so a second run adds nothing; an attendance that is news is noted. Mail goes out only with `send`.
    `progress` hears how many rows are done, of how many. An import that was interrupted is repeated `again` with the
    same `now`: it goes on, and its report is that of the whole. Raises Unreadable for a file that is no such table,
    NotFound for an event out of reach, Conflict for one that takes nobody ("draft", "cancelled", "reconciled") and for
    a `health_consent` where no question of the event asks what some column holds ("health_data").
    """
    event = await open_event(event_id, actor, now)
    whole = source if isinstance(source, Table) else await asyncio.to_thread(read_table, source, filename)
    health = await _of_health(whole, event, health_consent) if health_consent else OfHealth()
    table = msgspec.structs.replace(whole, headers=[each for each in whole.headers if each not in health.columns])
    report = ParticipantsReport(dry_run=dry_run, rows=len(table.rows))
    planned = await plan(table, event, now=now, report=report, again=again)
    report.columns, report.values = await preview(table, event, now=now)
    report.columns += [ColumnUse(heading, _("answer about health"), read=True) for heading in health.columns]
    if dry_run:
        _foretell(planned, event, report)
    else:
        run = Run(event=event, report=report, health=health, actor=actor, now=now, send=send, again=again)
        await _write(planned, run, progress)
    for notes in (report.refused, report.warnings):
        notes.sort(key=lambda note: note.line)
    return report


async def _of_health(table: Table, event: EventView, consent: str) -> OfHealth:
    columns = await health_columns(table.headers, event.id)
    if not columns:
        message = _("No column has the text of a question about health of this event as its heading.")
        raise Conflict(message, code="health_data")
    return OfHealth(columns, {row.line: row.cells for row in table.rows}, consent)


async def open_event(event_id: UUID, actor: Actor, now: datetime) -> EventView:
    """Return an event that people can be imported into; raises as `import_participants`."""
    event = await programme.by_id(event_id)
    if event is None or not may(actor, Action.EDIT_REGISTRATIONS, now=now, event_id=event_id, region=event.host_region):
        raise NotFound
    if event.state == "draft":
        raise Conflict(_("Publish the event first: nobody can be registered for a draft."), code="draft")
    if event.state == "cancelled":
        raise Conflict(_("The event has been cancelled."), code="cancelled")
    if event.reconciled_at:
        raise Conflict(_("The attendance of this event is closed. Open it again first."), code="reconciled")
    return event


def _foretell(planned: Sequence[Planned], event: EventView, report: ParticipantsReport) -> None:
    """Count what writing would do, with the places as they are now."""
    left = {site.id: site.left for site in event.sites}
    for one in planned:
        if one.known is not None:
            report.changed += one.attendance_is_news
            report.unchanged += not one.attendance_is_news
            report.attended += one.attendance_is_news
            continue
        site = one.new.site or event.sites[0].id
        places = left[site]
        if not event.needs_approval and places == 0 and event.waiting_list == "none":
            report.refused.append(Refused(one.line, _("The event is full.")))
            continue
        report.added += 1
        report.attended += one.attended is not None
        report.waiting += event.needs_approval or places == 0
        if places and not event.needs_approval:
            left[site] = places - 1


async def _write(planned: Sequence[Planned], run: Run, progress: Advance | None) -> None:
    """Register some rows at a time, so that who registers meanwhile need not wait for the end."""
    report = run.report
    said: dict[UUID, bool] = {}
    before = {one.known for one in planned if one.known is not None and not one.own}
    for begin in range(0, len(planned), TOGETHER):
        rows = planned[begin : begin + TOGETHER]
        for one, registration in zip(rows, await _add(rows, run), strict=True):
            if registration is not None and one.attended is not None:
                said[registration] = one.attended
        if progress:
            await progress(report.rows - len(planned) + begin + len(rows), report.rows)
    own = [one for one in planned if one.own]
    report.added += len(own)
    report.waiting += sum(not holds_place(one.state) for one in own)
    news = await mark(run.event.id, said, actor=run.actor, now=run.now, report=report, again=run.again)
    report.attended = len(news)
    report.changed = len(news & before)
    report.unchanged += len(before) - report.changed


async def _add(rows: Sequence[Planned], run: Run) -> list[UUID | None]:
    """Register who is not known in one transaction; returns their ids, None of who cannot be.

    Where that does not do it is done by halves, so that who must be looked at alone costs few others their company.
    """
    new = [one for one in rows if one.known is None]
    if not new:
        return [one.known for one in rows]
    if len(new) == 1:
        return [one.known or await _add_one(one, run) for one in rows]
    made = await _add_together(new, run)
    if made is None:
        half = len(rows) // 2
        return await _add(rows[:half], run) + await _add(rows[half:], run)
    fresh = iter(made)
    return [one.known or next(fresh).id for one in rows]


async def _add_together(new: Sequence[Planned], run: Run) -> list[Registered] | None:
    wrong, report = [], run.report
    async with transaction():
        people = [one.new for one in new]
        made = await register_together(
            run.event.id, people, actor=run.actor, now=run.now, source="import", send=run.send
        )
        for one, each in zip(new, made or (), strict=False):
            wrong += await _health_of(each.id, one, run)
    if made is not None:
        report.added += len(made)
        report.waiting += sum(not holds_place(each.state) for each in made)
        report.warnings += wrong
    return made


async def _add_one(one: Planned, run: Run) -> UUID | None:
    wrong, report = [], run.report
    asked = partial(register, actor=run.actor, now=run.now, source="import", send_to_known=False, any_time=True)
    try:
        async with transaction():
            made = await asked(run.event.id, one.new, send=run.send)
            if not made.already:
                wrong = await _health_of(made.id, one, run)
    except (Conflict, Invalid, Unavailable) as error:
        report.refused.append(Refused(one.line, _reason(error)))
        return None
    if made.already:  # registered by someone else since the plan was made
        report.unchanged += 1
    else:
        report.added += 1
        report.waiting += not holds_place(made.state)
    report.warnings += wrong
    return made.id


async def _health_of(registration: UUID, one: Planned, run: Run) -> list[Refused]:
    wrong = await store_imported(registration, one.line, run.health, language=one.new.language, now=run.now)
    return [Refused(one.line, words) for words in wrong]


def _reason(error: ServiceError) -> str:
    if isinstance(error, Invalid):
        return " ".join(message for messages in error.errors.values() for message in messages)
    return error.message
