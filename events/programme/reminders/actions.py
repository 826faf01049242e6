"""Setting reminder rules: those of an event, its choices about defaults, and the defaults of the network."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, time
from typing import Any
from uuid import UUID, uuid4

from msgspec import Struct, structs

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, NotFound, require
from events.core.i18n import LANGUAGES
from events.core.i18n import gettext as _
from events.programme.actions import editable
from events.programme.counterparts.actions import Part
from events.programme.queries import EventView
from events.programme.reminders import queries
from events.programme.reminders.queries import RuleView
from events.programme.reminders.tables import ReminderRule


class RuleValues(Struct, frozen=True, kw_only=True):
    """A rule as staff want it; `words` by column (subject_fi …), `kinds` for a default alone."""

    active: bool = True
    kinds: tuple[str, ...] = ()
    anchor: str = "start"
    agenda_item: UUID | None = None
    days: int = 0
    minutes: int = 0
    local_time: time | None = None
    site: UUID | None = None
    states: tuple[str, ...] = ()
    tag: str = ""
    attended: str = "any"
    answered: str = "any"
    words: Mapping[str, str] = {}


class Stale(Conflict):
    """Someone else saved the rule, or put one in its place, since the form was opened."""

    code = "stale"

    def default_message(self) -> str:
        return _("Someone else has changed this reminder since you opened the page. Nothing has been saved yet.")


TEXTS = tuple(f"{part}_{code}" for part in ("subject", "body") for code in LANGUAGES)
_COLUMNS = tuple(name for name in RuleValues.__struct_fields__ if name != "words")
_DATED = ("active", "anchor", "agenda_item", "days", "minutes", "local_time", "site", "states", "tag", "attended")
"""What changes when a rule goes out or to whom: a rule that stands otherwise here is another reminder."""

_SIGNED = f"SELECT id, ({', '.join((*_DATED, 'answered', 'kinds'))})::text AS sign FROM reminder_rule WHERE event = $1"


@asynccontextmanager
async def revising(event: EventView, now: datetime) -> AsyncIterator[None]:
    """Let rules of an event that mean other times or people after the block have their turn anew, asking if it passed.

    The caller holds the event and a transaction.
    """
    before = {row["id"]: row["sign"] for row in await database.fetch(_SIGNED, event.id)}
    yield
    after = {row["id"]: row["sign"] for row in await database.fetch(_SIGNED, event.id)}
    if after == before:
        return
    changed = [rule for rule, sign in after.items() if before.get(rule, sign) != sign]
    await database.execute("UPDATE reminder_rule SET revision = revision + 1 WHERE id = ANY($1)", changed)
    await database.execute("UPDATE event SET reminders_set_at = $2 WHERE id = $1", event.id, now)


REMINDERS = Part((ReminderRule,), around=revising)
"""The rules of an event; a rule about an item of the agenda needs its counterpart there."""


async def save_rule(
    event_id: UUID, rule_id: UUID | None, new: RuleValues, *, actor: Actor, now: datetime, version: str | None = None
) -> UUID:
    """Add a rule to an event (`rule_id` None), change one, or put one in the place of a default; returns its id.

    `version` is the one its editor saw. Raises NotFound for an event that the actor may not edit, and for a rule of
    another event; Stale.
    """
    async with transaction():
        event = await editable(event_id, actor, now)
        known = await _for_event(event_id, rule_id) if rule_id else None
        _require_seen(known, version)
        async with revising(event, now):
            if known is not None and known.event is not None:
                await _update(known.id, new)
                identity = known.id
            else:
                identity = await _insert(new, event_id, replaces=known.id if known else None, now=now)
        await audit.record(actor, "reminder.set", "event", event_id, now, rule=str(identity))
    return identity


async def switch_rule(event_id: UUID, rule_id: UUID, *, on: bool, actor: Actor, now: datetime) -> None:
    """Switch a rule of an event, or a default for it, on or off; raises as `save_rule`."""
    async with transaction():
        event = await editable(event_id, actor, now)
        known = await _for_event(event_id, rule_id)
        async with revising(event, now):
            if known.event is not None:
                await database.execute("UPDATE reminder_rule SET active = $2 WHERE id = $1", known.id, on)
            elif not on:
                await _insert(structs.replace(values_of(known), active=False), event_id, replaces=known.id, now=now)
        await audit.record(actor, "reminder.set", "event", event_id, now, rule=str(rule_id), on=on)


async def remove_rule(event_id: UUID, rule_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Remove a rule of an event; where it stood in the place of a default, that holds again. Raises NotFound."""
    async with transaction():
        event = await editable(event_id, actor, now)
        async with revising(event, now):
            if not await database.execute("DELETE FROM reminder_rule WHERE event = $1 AND id = $2", event_id, rule_id):
                raise NotFound
        await audit.record(actor, "reminder.removed", "event", event_id, now, rule=str(rule_id))


async def save_default(
    rule_id: UUID | None, new: RuleValues, *, actor: Actor, now: datetime, version: str | None = None
) -> UUID:
    """Add or change a default of the network, of which its editor saw `version`; raises NotAllowed, NotFound, Stale."""
    require(allowed=may(actor, Action.SET_REMINDERS, now=now))
    async with transaction():
        known = await queries.by_id(rule_id, lock=True) if rule_id else None
        if rule_id and (known is None or known.event is not None):
            raise NotFound
        _require_seen(known, version)
        if known is None:
            identity = await _insert(new, None, replaces=None, now=now)
        else:
            identity = known.id
            await _update(identity, new)
            if _dated(values_of(known)) != _dated(new):
                await database.execute(
                    "UPDATE reminder_rule SET revision = revision + 1, set_at = $2 WHERE id = $1", identity, now
                )
        await audit.record(actor, "reminder.default_set", "reminder_rule", identity, now)
    return identity


async def remove_default(rule_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Remove a default; what events have in its place stays theirs, being off included. Raises NotAllowed, NotFound."""
    require(allowed=may(actor, Action.SET_REMINDERS, now=now))
    async with transaction():
        if not await database.execute("DELETE FROM reminder_rule WHERE event IS NULL AND id = $1", rule_id):
            raise NotFound
        await database.execute("DELETE FROM reminder_rule WHERE replaces = $1 AND NOT active", rule_id)
        await database.execute("UPDATE reminder_rule SET replaces = NULL WHERE replaces = $1", rule_id)
        await audit.record(actor, "reminder.default_removed", "reminder_rule", rule_id, now)


def values_of(rule: RuleView) -> RuleValues:
    """Return what a rule says, to be written again."""
    lists = {"kinds": tuple(rule.kinds), "states": tuple(rule.states)}
    return RuleValues(**{name: getattr(rule, name) for name in _COLUMNS} | lists, words=rule.words.columns)


def _dated(values: RuleValues) -> list[Any]:
    return [getattr(values, name) for name in (*_DATED, "answered", "kinds")]


async def _for_event(event_id: UUID, rule_id: UUID) -> RuleView:
    """Return a rule that an event has, or may have in place of a default; raises Stale where it has that already."""
    known = await queries.by_id(rule_id, lock=True)
    if known is None or known.event not in {None, event_id}:
        raise NotFound
    if known.event is None and any(rule.replaces == rule_id for rule in await queries.own(event_id)):
        raise Stale
    return known


def _require_seen(known: RuleView | None, version: str | None) -> None:
    if known is not None and version is not None and version != known.version:
        raise Stale


def _written(new: RuleValues) -> dict[str, Any]:
    values = {name: getattr(new, name) for name in _COLUMNS} | {name: new.words.get(name, "") for name in TEXTS}
    return values | {"kinds": list(new.kinds), "states": list(new.states)}


async def _update(rule_id: UUID, new: RuleValues) -> None:
    values = _written(new)
    changes = ", ".join(f"{name} = ${number}" for number, name in enumerate(values, 2))
    await database.execute(f"UPDATE reminder_rule SET {changes} WHERE id = $1", rule_id, *values.values())


async def _insert(new: RuleValues, event_id: UUID | None, *, replaces: UUID | None, now: datetime) -> UUID:
    # What takes the place of a default is known again by it in the other events of a series.
    identity = uuid4()
    values = _written(new) | {"id": identity, "event": event_id, "replaces": replaces, "set_at": now}
    values |= {"origin": replaces or uuid4()} | ({"kinds": []} if event_id else {})
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    await database.execute(f"INSERT INTO reminder_rule ({', '.join(values)}) VALUES ({places})", *values.values())
    return identity
