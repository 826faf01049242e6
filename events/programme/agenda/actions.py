"""Use cases of the agenda: add, change, move and delete its items.

A change raises the event's SEQUENCE, for calendars carry the programme. Who has signed up for an item that moves or
goes is told; everybody else when an organiser says so (`telling`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct

from events.accounts import audit
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Invalid, NotFound
from events.core.i18n import LANGUAGES, ngettext
from events.core.i18n import gettext as _
from events.programme.actions import editable, raise_sequence
from events.programme.agenda import queries as agenda_queries
from events.programme.agenda.rules import ItemView
from events.programme.agenda.telling import remembering
from events.programme.queries import EventView


class ItemValues(Struct, frozen=True, kw_only=True):
    """An item as staff want it; times are aware, `site` None is all of them, `capacity` None is without limit.

    `speakers` are the lines that name who is not registered; those who are stand beside the item.
    """

    titles: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime
    kind: str = "talk"
    site: UUID | None = None
    room: str = ""
    descriptions: Mapping[str, str] = {}
    speakers: Sequence[str] = ()
    sign_up: bool = False
    capacity: int | None = None


_COLUMNS = (
    *("starts_at", "ends_at", "kind", "site", "room", "speakers", "sign_up", "capacity"),
    *(f"{name}_{code}" for name in ("title", "description") for code in LANGUAGES),
)


async def add_item(event_id: UUID, new: ItemValues, *, actor: Actor, now: datetime) -> UUID:
    """Add an item. Raises NotFound for an event that the actor may not edit, Invalid for what does not hold."""
    identity = uuid4()
    async with transaction():
        event = await editable(event_id, actor, now)
        _check(event, new, signed=0)
        places = ", ".join(f"${number}" for number in range(3, len(_COLUMNS) + 3))
        async with remembering(event, now):
            await database.execute(
                f"INSERT INTO agenda_item (id, event, {', '.join(_COLUMNS)}) VALUES ($1, $2, {places})",
                *(identity, event_id, *_values(new)),
            )
        await _changed(event, "added", identity, actor, now)
    return identity


async def change_item(event_id: UUID, item_id: UUID, new: ItemValues, *, actor: Actor, now: datetime) -> None:
    """Change an item; raises NotFound, and Invalid also for fewer places than are taken."""
    async with transaction():
        event = await editable(event_id, actor, now)
        # the row is locked first, then counted: who signs up meanwhile waits for it
        await database.execute("SELECT FROM agenda_item WHERE id = $1 FOR UPDATE", item_id)
        known = await agenda_queries.item(event_id, item_id)
        if known is None:
            raise NotFound
        _check(event, new, signed=known.signed)
        changes = ", ".join(f"{name} = ${number}" for number, name in enumerate(_COLUMNS, 3))
        async with remembering(event, now):
            await database.execute(
                f"UPDATE agenda_item SET {changes}, taken = $2 WHERE id = $1",
                *(item_id, 0 if new.capacity is None else known.signed, *_values(new)),
            )
        await _changed(event, "changed", item_id, actor, now)


async def delete_item(event_id: UUID, item_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take an item out of the agenda, with what people signed up for it; raises NotFound."""
    async with transaction():
        event = await editable(event_id, actor, now)
        async with remembering(event, now):
            if not await database.execute("DELETE FROM agenda_item WHERE event = $1 AND id = $2", event_id, item_id):
                raise NotFound
        await _changed(event, "deleted", item_id, actor, now)


async def move_item(event_id: UUID, item_id: UUID, *, earlier: bool, actor: Actor, now: datetime) -> bool:
    """Let an item and the one before (or after) it in its room change places, each as long as it was.

    Returns False where there is none. Raises NotFound.
    """
    async with transaction():
        event = await editable(event_id, actor, now)
        items = await agenda_queries.agenda(event_id)
        known = next((item for item in items if item.id == item_id), None)
        if known is None:
            raise NotFound
        pair = _neighbours(items, known, earlier=earlier)
        if pair is None:
            return False
        first, second = pair
        pause = second.starts_at - first.ends_at
        middle = first.starts_at + (second.ends_at - second.starts_at)
        async with remembering(event, now):
            await _set_times(second.id, first.starts_at, middle)
            await _set_times(first.id, middle + pause, second.ends_at)
        await _changed(event, "changed", item_id, actor, now)
    return True


def _neighbours(items: Sequence[ItemView], known: ItemView, *, earlier: bool) -> tuple[ItemView, ItemView] | None:
    """Return the two items that are to change places, in their order; they follow each other in one room."""
    row = [item for item in items if _placed(item) == _placed(known)]
    row = [item for item in row if item is known or item.ends_at <= known.starts_at or item.starts_at >= known.ends_at]
    at = row.index(known)
    if earlier:
        return (row[at - 1], known) if at > 0 else None
    return (known, row[at + 1]) if at + 1 < len(row) else None


def _placed(item: ItemView) -> tuple[UUID | None, str]:
    return item.site, item.room.casefold()


async def _set_times(item_id: UUID, starts_at: datetime, ends_at: datetime) -> None:
    await database.execute(
        "UPDATE agenda_item SET starts_at = $2, ends_at = $3 WHERE id = $1", item_id, starts_at, ends_at
    )


def _check(event: EventView, new: ItemValues, *, signed: int) -> None:
    errors: dict[str, list[str]] = {}
    if not any(new.titles.values()):
        errors["titles"] = [_("Give the item a title.")]
    if new.ends_at <= new.starts_at:
        errors["ends"] = [_("The item must end after it starts.")]
    if new.site is not None and new.site not in {site.id for site in event.sites}:
        errors["site"] = [_("The event has no such place to attend.")]
    if signed and not new.sign_up:
        errors["sign_up"] = [_("People have signed up for it already.")]
    if new.capacity is not None and new.capacity < signed:
        errors["capacity"] = [ngettext("%(n)s place is taken already.", "%(n)s places are taken already.", signed)]
    if errors:
        raise Invalid(errors)


def _values(new: ItemValues) -> list[object]:
    texts = [many.get(code, "") for many in (new.titles, new.descriptions) for code in LANGUAGES]
    plain = (new.starts_at, new.ends_at, new.kind, new.site, new.room, "\n".join(new.speakers))
    return [*plain, new.sign_up, new.capacity if new.sign_up else None, *texts]


async def _changed(event: EventView, how: str, item_id: UUID, actor: Actor, now: datetime) -> None:
    await raise_sequence(event.id)
    await audit.record(actor, f"agenda.{how}", "event", event.id, now, item=str(item_id))
