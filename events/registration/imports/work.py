"""An import that was confirmed in the browser: short ones are done at once, long ones by a worker.

What is kept until then is the table as it was read, without the columns that are not taken: nothing of what people
sent beyond what is imported (diets among it) lies about on a disk, and that is deleted once it is imported.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from events.accounts.queries import staff_actor
from events.accounts.rules import Action, may
from events.core.actor import Actor
from events.core.documents.actions import ask, make_at_once
from events.core.documents.shapes import Kind, Shown, Task, Tell, Wanted
from events.core.errors import NotFound
from events.core.i18n import gettext as _
from events.core.tabular import Table
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration.imports.actions import ParticipantsReport, import_participants, open_event
from events.registration.imports.columns import read_columns
from events.registration.imports.plan import require_columns
from events.registration.questions.importing import answer_columns

AT_ONCE = 200
"""Rows up to which one waits for the report; beyond, a worker imports them and the page shows how far it is."""


class Parcel(Struct, frozen=True):
    """What a worker is given: the table, the name of its file, which column answers what, whether mail goes out."""

    table: Table
    answers: dict[str, str]
    name: str
    send: bool


class Outcome(Struct, frozen=True):
    """What an import came to, and the name of its file."""

    name: str
    report: ParticipantsReport


async def order(
    event: EventView, table: Table, name: str, *, answers: Mapping[str, str], send: bool, actor: Actor, now: datetime
) -> UUID:
    """Have a table imported; returns the document that shows how far it is. Raises as `import_participants`."""
    await open_event(event.id, actor, now)
    columns = await answer_columns(table.headers, event.id, chosen=answers, health_consent=None)
    answering = {heading: question.code for heading, question in columns.columns.items()}
    table = _taken(table, answering)
    wanted = Wanted(
        kind="registrations.import",
        subject_kind="event",
        subject_id=event.id,
        title=f"{_('Import participants')}: {event.title}",
        filename="",
        back=f"/staff/events/{event.slug}/import",
        parameters={},
        total=len(table.rows),
        content=msgspec.json.encode(Parcel(table, answering, name, send)),
    )
    if len(table.rows) > AT_ONCE:
        return await ask(wanted, actor=actor, now=now)
    return await make_at_once(wanted, KINDS, actor=actor, now=now)


def _taken(table: Table, answering: Collection[str]) -> Table:
    """Return a table without the columns that are not read; a row keeps that it had too many cells, not what."""
    columns = read_columns([heading for heading in table.headers if heading not in answering])
    require_columns(columns)
    headers = [heading for heading in table.headers if heading not in columns.dropped]
    rows = [
        msgspec.structs.replace(
            row, cells={heading: row.get(heading) for heading in headers}, surplus=("",) if row.surplus else ()
        )
        for row in table.rows
    ]
    return Table(headers, rows, table.line)


async def make(task: Task, tell: Tell, now: datetime) -> bytes:  # noqa: ARG001 - it is imported as of when it was asked for
    """Import a table, or go on with one whose import was interrupted; returns the report."""
    parcel = msgspec.json.decode(task.content, type=Parcel)
    found = await staff_actor(task.staff) if task.staff else None
    if found is None:
        raise NotFound

    async def advance(done: int, _total: int) -> None:
        await tell(done)

    report = await import_participants(
        parcel.table,
        task.subject_id,
        actor=found[0],
        now=task.asked_at,
        send=parcel.send,
        answers=parcel.answers,
        progress=advance,
        again=task.tries > 1,
    )
    return msgspec.json.encode(Outcome(parcel.name, msgspec.structs.replace(report, columns=[], values=[])))


async def may_see(actor: Actor, event_id: UUID, now: datetime) -> bool:
    """Say whether someone may (still) import into an event."""
    event = await programme.by_id(event_id)
    region = event.host_region if event else None
    return event is not None and may(actor, Action.EDIT_REGISTRATIONS, now=now, event_id=event_id, region=region)


async def shown(event_id: UUID, content: bytes) -> Mapping[str, Any]:
    """Return what the page of an import that is done shows."""
    outcome = msgspec.json.decode(content, type=Outcome)
    return {
        "event": await programme.by_id(event_id),
        "report": outcome.report,
        "name": outcome.name,
        "upload": None,
        "questions": [],
        "error": "",
    }


KINDS: Mapping[str, Kind] = {
    "registrations.import": Kind(make, may_see, shown=Shown("registration/import.html", shown)),
}
