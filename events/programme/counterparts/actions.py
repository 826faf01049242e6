"""Whatever is done to what hangs on one event of a series, done to its counterparts in others: all, or nothing."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from piccolo.columns import Timestamptz
from piccolo.table import Table

from events.accounts import audit
from events.core import database
from events.core.actor import Actor
from events.core.copying import COPIED, name_of, target
from events.core.database import transaction
from events.core.errors import Conflict, Invalid
from events.core.i18n import gettext as _
from events.programme import rules
from events.programme.actions import raise_sequence
from events.programme.counterparts.queries import hanging
from events.programme.counterparts.rules import ORDER, Asked, Change, Key, Rows, Values, asked_of, parent_of
from events.programme.queries import EventView
from events.programme.series.actions import editable_together
from events.programme.series.queries import Scope, reached, series_of
from events.programme.series.refusing import saying_the_day


async def _nothing_to_check(_event: EventView, _changes: Sequence[Change]) -> None:
    """Let every change be."""


async def _nothing_to_settle(_event_id: UUID) -> None:
    """Leave all as it is."""


async def _ready_as_it_is(_events: Sequence[EventView]) -> None:
    """Leave all as it is."""


def _nothing_around(_event: EventView, _now: datetime) -> AbstractAsyncContextManager[None]:
    """Let the change be all there is."""
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Part:
    """What of an event changes as one, by its tables, each after those that its rows hang on.

    `check` looks at what is asked of another event before it is written, and raises Invalid or Conflict where people
    would lose something; `settle` mends afterwards what no row says by itself; `around` is what the change happens
    within. With `in_calendars` a change raises the event's SEQUENCE. `ready` gives the events (the changed one first)
    the rows that say what holds of them so far.

    With `spares` what refuses or was changed by hand keeps an event out of the change, not all of them.
    """

    tables: tuple[type[Table], ...]
    check: Callable[[EventView, Sequence[Change]], Awaitable[None]] = _nothing_to_check
    settle: Callable[[UUID], Awaitable[None]] = _nothing_to_settle
    around: Callable[[EventView, datetime], AbstractAsyncContextManager[None]] = _nothing_around
    in_calendars: bool = False
    ready: Callable[[Sequence[EventView]], Awaitable[None]] = _ready_as_it_is
    spares: bool = False

    @property
    def names(self) -> list[str]:
        """The names of the tables in the database."""
        return [name_of(table) for table in self.tables]


@dataclass(slots=True)
class Alike:
    """The other events that were meant: where something was changed, something by hand kept, the change refused."""

    meant: list[EventView] = field(default_factory=list)
    changed: list[EventView] = field(default_factory=list)
    by_hand: list[EventView] = field(default_factory=list)
    refused: list[tuple[EventView, str]] = field(default_factory=list)

    @property
    def others(self) -> int:
        """In how many other events something was changed."""
        return len(self.changed)

    @property
    def kept(self) -> int:
        """In how many other events something that was changed by hand was kept."""
        return len(self.by_hand)


@asynccontextmanager
async def done_alike(event_id: UUID, part: Part, scope: Scope, *, actor: Actor, now: datetime) -> AsyncIterator[Alike]:
    """Carry what is done to `part` of an event within the block to the others of its series that `scope` means.

    Nobody registers, answers or signs up at any of them meanwhile. Raises NotFound, and Invalid ("") for what another
    event refuses, with its day; then nothing is changed, in the event itself neither.
    """
    alike = Alike()
    async with transaction():
        if scope == Scope.THIS:
            yield alike
            return
        event, others = await _hold(event_id, scope, actor, now)
        await part.ready([event, *others])
        before = await hanging([event, *others], part.names)
        yield alike
        after = (await hanging([event], part.names))[event.id]
        alike.meant += others
        for other in others:
            asked = asked_of(before[event.id], after, before[other.id], part.names)
            if asked.kept:
                alike.by_hand.append(other)
            if not (asked.changes or asked.orders) or (part.spares and asked.kept):
                continue
            refusal = await _carry(other, part, asked, before[other.id], now)
            if refusal:
                alike.refused.append((other, refusal))
                continue
            alike.changed.append(other)
            tables = sorted({*(change.table for change in asked.changes), *asked.orders})
            await audit.record(actor, "series.carried", "event", other.id, now, of=event.slug, tables=tables)


async def _carry(other: EventView, part: Part, asked: Asked, before: Rows, now: datetime) -> str:
    """Change another event; returns what it refuses where `part` spares it then, else raises Invalid with its day."""
    try:
        async with transaction():
            with nullcontext() if part.spares else saying_the_day(other):
                async with part.around(other, now):
                    await _change(other, part, asked, before)
    except (Invalid, Conflict) as refusal:
        if not part.spares:
            raise
        said = refusal.errors.values() if isinstance(refusal, Invalid) else [[refusal.message]]
        return " ".join(message for messages in said for message in messages)
    return ""


async def _hold(event_id: UUID, scope: Scope, actor: Actor, now: datetime) -> tuple[EventView, list[EventView]]:
    """Lock the events of a series in the order of their ids, then their sites: so does whoever registers.

    Returns the event and the others that the change is for.
    """
    event = await editable_together(event_id, actor, now)
    if event.series is None:
        return event, []
    events = reached(await series_of(event.series, lock=True), event, scope, actor, now)
    others = [other for other in events if other.id != event_id]
    await hold_sites([event.id, *(other.id for other in others)])
    return event, others


async def hold_sites(event_ids: Sequence[UUID]) -> None:
    """Lock the sites of events in the order of their ids: whoever registers, answers or signs up waits for them."""
    await database.execute("SELECT FROM site WHERE event = ANY($1) ORDER BY id FOR NO KEY UPDATE", event_ids)


async def _change(event: EventView, part: Part, asked: Asked, theirs: Rows) -> None:
    await part.check(event, asked.changes)
    ids = {(table, key): row.id for table, rows in theirs.items() for key, row in rows.items()}
    for change in asked.changes:
        await _write(event, change, ids)
    for table, orders in asked.orders.items():
        for keys in orders:
            await database.execute(
                f'UPDATE "{table}" SET "{ORDER}" = place.number - 1'
                " FROM unnest($1::uuid[]) WITH ORDINALITY AS place (id, number)"
                f' WHERE place.id = "{table}"."id"',
                [ids[table, key] for key in keys],
            )
    await part.settle(event.id)
    if part.in_calendars:
        await raise_sequence(event.id)


async def _write(event: EventView, change: Change, ids: dict[tuple[str, Key], UUID]) -> None:
    if change.new is None:
        await database.execute(f'DELETE FROM "{change.table}" WHERE "id" = $1', change.id)
        return
    has = change.old or {}
    stored = {
        name: _stored(change.table, name, value, event, ids)
        for name, value in change.new.items()
        if change.id is None or value != has[name]
    }
    if change.id is None:
        ids[change.table, change.key] = identity = uuid4()
        copied = COPIED[change.table]
        above = event.id if copied.above == "event" else ids[copied.above, parent_of(change.table, change.key)]
        stored |= {"id": identity, copied.parent: above}
        names, places = (", ".join(each) for each in ([f'"{name}"' for name in stored], _numbered(stored)))
        await database.execute(f'INSERT INTO "{change.table}" ({names}) VALUES ({places})', *stored.values())
    else:
        assignments = ", ".join(f'"{name}" = {place}' for name, place in zip(stored, _numbered(stored), strict=True))
        sql = f'UPDATE "{change.table}" SET {assignments} WHERE "id" = ${len(stored) + 1}'
        await database.execute(sql, *stored.values(), change.id)


def _numbered(values: Values) -> list[str]:
    return [f"${number}" for number in range(1, len(values) + 1)]


def _stored(table: str, name: str, value: Any, event: EventView, ids: Mapping[tuple[str, Key], UUID]) -> Any:
    """Return what is stored for a value in an event; raises Invalid for what it has no counterpart of."""
    column = COPIED[table].columns[name]
    if value is None:
        return None
    if isinstance(column, Timestamptz):
        local = rules.wall_clock(event.starts_at, event.zone) + value
        return rules.to_utc(local.date(), local.time(), event.zone)
    leads_to = target(column)
    if leads_to not in COPIED:
        return value
    if (leads_to, value) not in ids:
        raise Invalid({"": [_("The place or the item of the agenda that this belongs to is not there.")]})
    return ids[leads_to, value]
