"""Writing what was planned of a table: some rows at a time, and by halves where one of them must be looked at alone."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

import msgspec
from msgspec import Struct

from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, Invalid, ServiceError, Unavailable
from events.core.tabular import ImportReport, Refused
from events.programme.queries import EventView
from events.registration.imports.attendance import mark
from events.registration.imports.plan import Planned
from events.registration.imports.preview import ColumnUse, ValueUse
from events.registration.queries import Registered
from events.registration.questions.asked import Value
from events.registration.questions.importing import AnswerColumns, Imported, store_imported
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
    """An import that writes: for which event, who does it, when and how, and what its lines answer.

    `again` says that an earlier try with the same `now` may have written some of it: that is its own.
    """

    event: EventView
    report: ParticipantsReport
    columns: AnswerColumns
    answers: Mapping[int, Mapping[str, Value]]
    actor: Actor
    now: datetime
    send: bool
    again: bool


async def write(planned: Sequence[Planned], run: Run, progress: Advance | None) -> None:
    """Register some rows at a time, so that who registers meanwhile need not wait for the end; the report is filled."""
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
    people, report = [one.new for one in new], run.report
    asked = partial(register_together, actor=run.actor, now=run.now, source="import", send=run.send)
    try:
        async with transaction():
            made = await asked(run.event.id, people)
            wrong = await _answer(new, made or (), run)
    except database.BUSY:  # someone at another place of the event holds the options crosswise
        return None
    if made is not None:
        report.added += len(made)
        report.waiting += sum(not holds_place(each.state) for each in made)
        report.warnings += wrong
    return made


async def _add_one(one: Planned, run: Run) -> UUID | None:
    wrong: list[Refused] = []
    report = run.report
    asked = partial(register, actor=run.actor, now=run.now, source="import", send_to_known=False, any_time=True)
    try:
        async with transaction():
            made = await asked(run.event.id, one.new, send=run.send)
            if not made.already:
                wrong = await _answer([one], [made], run)
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


async def _answer(new: Sequence[Planned], made: Sequence[Registered], run: Run) -> list[Refused]:
    """Store what rows answer, in the transaction in which they were registered; returns what could not be taken."""
    rows = [
        Imported(each.id, holds_place(each.state), one.new.language, run.answers.get(one.line, {}))
        for one, each in zip(new, made, strict=False)
    ]
    wrong = await store_imported(rows, run.columns, run.now)
    return [Refused(one.line, words) for one, said in zip(new, wrong, strict=False) for words in said]


def _reason(error: ServiceError) -> str:
    if isinstance(error, Invalid):
        return " ".join(message for messages in error.errors.values() for message in messages)
    return error.message
