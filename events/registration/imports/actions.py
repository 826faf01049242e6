"""Importing the participants of an event from a table: one row per person (design.md §6)."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from events.accounts.rules import Action, may
from events.core.actor import Actor
from events.core.errors import Conflict, NotFound
from events.core.i18n import gettext as _
from events.core.tabular import Refused, Table, read_table
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration.imports.foretelling import foretell
from events.registration.imports.plan import BREATH, Planned, plan
from events.registration.imports.preview import preview
from events.registration.imports.writing import Advance, ParticipantsReport, Run, write
from events.registration.questions.asked import Value
from events.registration.questions.importing import AnswerColumns, answer_columns, answers_in

__all__ = ["ParticipantsReport", "import_participants", "open_event"]


async def import_participants(
    source: Path | bytes | Table,
    event_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    dry_run: bool = False,
    send: bool = False,
    health_consent: str | None = None,
    answers: Mapping[str, str] | None = None,
    filename: str = "",
    progress: Advance | None = None,
    again: bool = False,
) -> ParticipantsReport:
    """Register everyone in a table who is not registered yet; each row stands or falls alone, with line and reason.

    The registration window does not count, the places do: the rest wait. Who is registered, or has cancelled, is left
    as they are, so a second run adds nothing; an attendance that is news is noted. Mail goes out only with `send`.
    `answers` says which column answers which question (heading → code, "" for none); others do so by their heading.
    `progress` hears how many rows are done, of how many. An import that was interrupted is repeated `again` with the
    same `now`: it goes on, and its report is that of the whole. Raises Unreadable for a file that is no such table,
    NotFound for an event out of reach, Conflict for one that takes nobody ("draft", "cancelled", "reconciled"), for
    a `health_consent` where no question of the event asks what some column holds ("health_data"), and for `answers`
    of columns or to questions that are not there ("answers").
    """
    event = await open_event(event_id, actor, now)
    whole = source if isinstance(source, Table) else await asyncio.to_thread(read_table, source, filename)
    columns = await answer_columns(whole.headers, event.id, chosen=answers or {}, health_consent=health_consent)
    table = msgspec.structs.replace(whole, headers=[each for each in whole.headers if each not in columns.columns])
    report = ParticipantsReport(dry_run=dry_run, rows=len(table.rows))
    planned = await plan(table, event, now=now, report=report, again=again)
    report.columns, report.values = await preview(whole, columns, event, now=now)
    read = await _read_answers(planned, whole, columns, event, report)
    if dry_run:
        foretell(planned, event, report, columns=columns, answers=read)
    else:
        run = Run(
            event=event, report=report, columns=columns, answers=read, actor=actor, now=now, send=send, again=again
        )
        await write(planned, run, progress)
    for notes in (report.refused, report.warnings):
        notes.sort(key=lambda note: note.line)
    return report


async def _read_answers(
    planned: Sequence[Planned], table: Table, columns: AnswerColumns, event: EventView, report: ParticipantsReport
) -> dict[int, Mapping[str, Value]]:
    """Return what the lines of those who are to be registered answer; what of it cannot be taken is reported."""
    cells = {row.line: row.cells for row in table.rows}
    answers: dict[int, Mapping[str, Value]] = {}
    for number, one in enumerate(planned):
        if number % BREATH == 0:
            await asyncio.sleep(0)
        if one.known is None or one.own:
            site = one.new.site or event.open_sites[0].id
            answers[one.line], wrong = answers_in(cells[one.line], columns, site)
            report.warnings += [Refused(one.line, words) for words in wrong]
    return answers


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
