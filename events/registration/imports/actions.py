"""Importing the participants of an event from a table: one row per person (design.md §6)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

import msgspec

from events.accounts.rules import Action, may
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, Invalid, NotFound, ServiceError, Unavailable
from events.core.i18n import gettext as _
from events.core.tabular import ImportReport, Progress, Refused, Table, read_table
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration.imports.attendance import mark
from events.registration.imports.plan import Planned, plan
from events.registration.imports.preview import ColumnUse, ValueUse, preview
from events.registration.questions.importing import OfHealth, health_columns, store_imported
from events.registration.registering import register, register_together
from events.registration.rules import holds_place

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


async def import_participants(
    source: Path | bytes,
    event_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    dry_run: bool = False,
    send: bool = False,
    health_consent: str | None = None,
    filename: str = "",
    progress: Progress | None = None,
) -> ParticipantsReport:
    """Register everyone in a table who is not registered yet; each row stands or falls alone, with line and reason.

    The registration window does not count, the places do: the rest wait. Who is registered, or has cancelled, is left
    as they are, so a second run adds nothing; an attendance that is news is noted. Mail goes out only with `send`.
    `progress` hears how many rows are done, of how many. Raises Unreadable for a file that is no such table, NotFound
    for an event out of reach, Conflict for one that takes nobody ("draft", "cancelled", "reconciled") and for a
    `health_consent` where no question of the event asks what some column holds ("health_data").
    """
    event = await _event(event_id, actor, now)
    whole = await asyncio.to_thread(read_table, source, filename)
    health = await _of_health(whole, event, health_consent) if health_consent else OfHealth()
    table = msgspec.structs.replace(whole, headers=[each for each in whole.headers if each not in health.columns])
    report = ParticipantsReport(dry_run=dry_run, rows=len(table.rows))
    planned = await plan(table, event, now=now, report=report)
    report.columns, report.values = await preview(table, event, now=now)
    report.columns += [ColumnUse(heading, _("answer about health"), read=True) for heading in health.columns]
    if dry_run:
        _foretell(planned, event, report)
    else:
        await _write(planned, event, report, health=health, actor=actor, now=now, send=send, progress=progress)
    for notes in (report.refused, report.warnings):
        notes.sort(key=lambda note: note.line)
    return report


async def _of_health(table: Table, event: EventView, consent: str) -> OfHealth:
    columns = await health_columns(table.headers, event.id)
    if not columns:
        message = _("No column has the text of a question about health of this event as its heading.")
        raise Conflict(message, code="health_data")
    return OfHealth(columns, {row.line: row.cells for row in table.rows}, consent)


async def _event(event_id: UUID, actor: Actor, now: datetime) -> EventView:
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
    left = {site.id: site.left for site in event.open_sites}
    for one in planned:
        if one.known is not None:
            report.changed += one.attendance_is_news
            report.unchanged += not one.attendance_is_news
            report.attended += one.attendance_is_news
            continue
        site = one.new.site or event.open_sites[0].id
        places = left[site]
        if not event.needs_approval and places == 0 and event.waiting_list == "none":
            report.refused.append(Refused(one.line, _("The event is full.")))
            continue
        report.added += 1
        report.attended += one.attended is not None
        report.waiting += event.needs_approval or places == 0
        if places and not event.needs_approval:
            left[site] = places - 1


async def _write(
    planned: Sequence[Planned],
    event: EventView,
    report: ParticipantsReport,
    *,
    health: OfHealth,
    actor: Actor,
    now: datetime,
    send: bool,
    progress: Progress | None,
) -> None:
    """Register some rows at a time, so that who registers meanwhile need not wait for the end."""
    said: dict[UUID, bool] = {}
    before = {one.known for one in planned if one.known is not None}
    for begin in range(0, len(planned), TOGETHER):
        rows = planned[begin : begin + TOGETHER]
        registered = await _add(rows, event, report, health=health, actor=actor, now=now, send=send)
        for one, registration in zip(rows, registered, strict=True):
            if registration is not None and one.attended is not None:
                said[registration] = one.attended
        if progress:
            progress(report.rows - len(planned) + begin + len(rows), report.rows)
    news = await mark(event.id, said, actor=actor, now=now, report=report)
    report.attended = len(news)
    report.changed = len(news & before)
    report.unchanged += len(before) - report.changed


async def _add(
    rows: Sequence[Planned],
    event: EventView,
    report: ParticipantsReport,
    *,
    health: OfHealth,
    actor: Actor,
    now: datetime,
    send: bool,
) -> list[UUID | None]:
    """Register who is not known, in one transaction or, where that does not do, row by row; returns their ids."""
    new, wrong = [one for one in rows if one.known is None], []
    if not new:
        return [one.known for one in rows]
    async with transaction():
        people = [one.new for one in new]
        made = await register_together(event.id, people, actor=actor, now=now, source="import", send=send)
        for one, each in zip(new, made or (), strict=False):
            wrong += await _health_of(each.id, one, health, now)
    if made is None:
        alone = partial(_add_one, event=event, report=report, health=health, actor=actor, now=now, send=send)
        return [one.known or await alone(one) for one in rows]
    report.added += len(made)
    report.waiting += sum(not holds_place(each.state) for each in made)
    report.warnings += wrong
    fresh = iter(made)
    return [one.known or next(fresh).id for one in rows]


async def _add_one(
    one: Planned,
    *,
    event: EventView,
    report: ParticipantsReport,
    health: OfHealth,
    actor: Actor,
    now: datetime,
    send: bool,
) -> UUID | None:
    wrong = []
    try:
        async with transaction():
            made = await register(
                event.id, one.new, actor=actor, now=now, source="import", send=send, send_to_known=False, any_time=True
            )
            if not made.already:
                wrong = await _health_of(made.id, one, health, now)
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


async def _health_of(registration: UUID, one: Planned, health: OfHealth, now: datetime) -> list[Refused]:
    wrong = await store_imported(registration, one.line, health, language=one.new.language, now=now)
    return [Refused(one.line, words) for words in wrong]


def _reason(error: ServiceError) -> str:
    if isinstance(error, Invalid):
        return " ".join(message for messages in error.errors.values() for message in messages)
    return error.message
