"""Telling people of a changed agenda: all of them by a button, whom an item concerns that moved in any case."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from events.accounts import audit
from events.core import database, jobs
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict
from events.core.i18n import gettext as _
from events.messaging import ledger
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason
from events.programme import rules
from events.programme.actions import editable
from events.programme.agenda import queries as agenda_queries
from events.programme.agenda.differences import Difference, Span, Told, moved, told
from events.programme.agenda.tables import Way
from events.programme.queries import EventView
from events.programme.steps import duties, standing
from events.programme.tables import EventState

GRACE = timedelta(minutes=10)
"""How long letters about an item wait: who puts an agenda in order moves one more than once."""


def is_told(event: EventView, now: datetime) -> bool:
    """Say whether there is anybody to tell: the event can be read, and is not over."""
    return event.state == EventState.PUBLISHED and now < event.ends_at


@asynccontextmanager
async def remembering(event: EventView, now: datetime) -> AsyncIterator[None]:
    """Remember how people knew the agenda of a published event before a change of it within the block.

    Who has signed up for an item that is moved or left out, or speaks in it, is owed a letter; reminders that count
    from the items are dated anew. The caller holds the event and a transaction.
    """
    starts = await _starts(event.id)
    async with _remembering_what_was_told(event, now):
        yield
    if await _starts(event.id) != starts:
        await database.execute("UPDATE event SET reminders_set_at = $2 WHERE id = $1", event.id, now)


async def _starts(event_id: UUID) -> list[tuple[UUID, datetime]]:
    rows = await database.fetch("SELECT id, starts_at FROM agenda_item WHERE event = $1 ORDER BY id", event_id)
    return [(row["id"], row["starts_at"]) for row in rows]


@asynccontextmanager
async def _remembering_what_was_told(event: EventView, now: datetime) -> AsyncIterator[None]:
    if not is_told(event, now):
        yield
        return
    before = {item.id: item for item in await _present(event)}
    concerned = await _concerned(event.id)
    await _write(event, 0, Way.READ, list(before.values()), now)
    yield
    after = {item.id: item for item in await _present(event)}
    for item, people in concerned.items():
        if moved(Difference(before[item], after.get(item))):
            await _owe(event, before[item], people, now)


async def tell_agenda(event_id: UUID, *, seen: int, with_reminder: bool, actor: Actor, now: datetime) -> int:
    """Tell everyone registered what has changed in the agenda since they were told last; returns to how many.

    `seen` is the event's SEQUENCE of the agenda that is to be told. `with_reminder` writes nothing now: it stands in
    the next reminder. What is told already is not told again. Raises NotFound; Conflict for what nobody can read or
    has been held, when the agenda has changed since it was seen ("stale"), and without a reminder to come.
    """
    async with transaction():
        event = await editable(event_id, actor, now)
        if not is_told(event, now):
            raise Conflict(_("Only a published event that is still to come has an agenda to tell of."))
        if not await agenda_queries.untold(event):
            return 0
        if seen != event.sequence:
            raise Conflict(_("The agenda has changed meanwhile. Look at it again, then press once more."), code="stale")
        if with_reminder and not standing.coming_reminders(event, now):
            raise Conflict(_("No reminder is to come any more: tell it by a mail of its own."), code="no_reminder")
        turn = await agenda_queries.last_turn(event.id) + 1
        way = Way.REMINDER if with_reminder else Way.MAIL
        await _write(event, turn, way, await _present(event), now)
        reached = 0
        if not with_reminder:
            what = f":{turn}{rules.AGENDA}"
            reached = await duties.owe(
                Reason.EVENT_CHANGED, event.id, sequence=event.sequence, states=duties.REGISTERED, now=now, what=what
            )
        await audit.record(actor, "agenda.told", "event", event.id, now, told=reached, way=way.value)
    jobs.nudge("mail.deliver")
    return reached


async def _present(event: EventView) -> list[Told]:
    span = Span(event.starts_at, event.zone)
    return [told(item, span) for item in await agenda_queries.agenda(event.id)]


async def _write(event: EventView, turn: int, way: Way, items: list[Told], now: datetime) -> None:
    await database.execute(
        "INSERT INTO agenda_telling (id, event, turn, way, items, told_at)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5)"
        " ON CONFLICT (event, turn) DO NOTHING",
        *(event.id, turn, way.value, msgspec.json.encode(items).decode(), now),
    )


async def _concerned(event_id: UUID) -> dict[UUID, list[UUID]]:
    """Return by item the registrations of those who have signed up for it or speak in it."""
    rows = await database.fetch(
        "SELECT item, registration FROM registration_item JOIN agenda_item ON agenda_item.id = item WHERE event = $1"
        " UNION SELECT item, registration FROM speaker JOIN agenda_item ON agenda_item.id = item WHERE event = $1",
        event_id,
    )
    concerned: dict[UUID, list[UUID]] = {}
    for row in rows:
        concerned.setdefault(row["item"], []).append(row["registration"])
    return concerned


async def _owe(event: EventView, before: Told, registrations: Collection[UUID], now: datetime) -> None:
    """Owe these people a letter about an item: the one that waits already, if there is one."""
    waiting = await database.fetchrow(
        "SELECT id, due_at FROM item_notice WHERE item = $1 AND due_at > $2", before.id, now
    )
    notice, due_at = waiting or (uuid4(), now + GRACE)
    if waiting is None:
        await database.execute(
            "INSERT INTO item_notice (id, event, item, before, due_at) VALUES ($1, $2, $3, $4, $5)",
            *(notice, event.id, before.id, msgspec.json.encode(before).decode(), due_at),
        )
    for row in await database.fetch(_PEOPLE, list(registrations)):
        to = Recipient(row["email"], row["name"], row["language"], row["person"])
        occurrence = f"{notice.hex}{rules.ITEM}"
        await ledger.add(
            *(Reason.EVENT_CHANGED, to, "registration", row["id"]), now=now, occurrence=occurrence, due_at=due_at
        )


_PEOPLE = """
SELECT registration.id, person.email, trim(given_name || ' ' || family_name) AS name, registration.language,
    person.id AS person
FROM registration JOIN person ON person.id = registration.person
WHERE registration.id = ANY($1) AND person.email IS NOT NULL AND person.erased_at IS NULL
"""
