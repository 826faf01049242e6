"""Reads of reminder rules: those of an event with their moments, the network's defaults, one by its id."""

import hashlib
from datetime import datetime, time
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct, structs

from events.core import database
from events.messaging.letter import OwnWords, own_words
from events.programme.reminders.rules import MOMENTS, timed_sql


class Words(OwnWords, frozen=True):
    """Words of a rule's own."""

    def __bool__(self) -> bool:
        """Say whether there are any."""
        return bool(self.subjects)


class RuleView(Struct, frozen=True, kw_only=True):
    """A rule as it was set; `event` None is a default of the network, `words` are its own."""

    id: UUID
    event: UUID | None
    replaces: UUID | None
    active: bool
    kinds: list[str]
    anchor: str
    agenda_item: UUID | None
    days: int
    minutes: int
    local_time: time | None
    site: UUID | None
    states: list[str]
    tag: str
    attended: str
    answered: str
    revision: int
    words: Words

    @property
    def version(self) -> str:
        """A digest of what it says, by whichever way it came to say it: other words have another one, too."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:32]


class Turn(Struct, frozen=True, kw_only=True):
    """A rule in force at an event, dated: as `rules.timed_sql` says it."""

    rule: UUID
    event: UUID
    occurrence: str
    anchor_at: datetime
    due_at: datetime
    since: datetime
    reaches: datetime
    until: datetime
    before: bool
    waits: bool


async def by_id(rule_id: UUID, *, lock: bool = False) -> RuleView | None:
    """Return a rule; with `lock` nobody else changes it until the transaction ends."""
    row = await database.fetchrow(f"SELECT * FROM reminder_rule WHERE id = $1{' FOR UPDATE' if lock else ''}", rule_id)
    return rule_view(row) if row else None


_DEFAULTS = "SELECT * FROM reminder_rule WHERE event IS NULL ORDER BY anchor DESC, days, minutes, id"


async def defaults() -> list[RuleView]:
    """Return the defaults of the network, in the order in which they go out."""
    rows = await database.fetch(_DEFAULTS)
    return [rule_view(row) for row in rows]


async def own(event_id: UUID) -> list[RuleView]:
    """Return the rules that an event has of its own, those included by which it does without a default."""
    rows = await database.fetch("SELECT * FROM reminder_rule WHERE event = $1 ORDER BY days, minutes, id", event_id)
    return [rule_view(row) for row in rows]


async def standing(event_id: UUID, rule_id: UUID) -> RuleView | None:
    """Return what stands at an event where this rule stood: one of its own in place of a default, or the rule."""
    row = await database.fetchrow("SELECT * FROM reminder_rule WHERE event = $1 AND replaces = $2", event_id, rule_id)
    return rule_view(row) if row else await by_id(rule_id)


async def turns(event_id: UUID) -> list[Turn]:
    """Return the rules in force at an event, dated, in the order of their moments."""
    rows = await database.fetch(f"{timed_sql('event.id = $1')} AND due_at IS NOT NULL ORDER BY due_at, rule", event_id)
    return msgspec.convert([dict(row) for row in rows], list[Turn])


async def turn(event_id: UUID, rule_id: UUID) -> Turn | None:
    """Return when a rule has its turn at an event; None where it is not in force."""
    sql = timed_sql("event.id = $1 AND rule.id = $2 AND due_at IS NOT NULL")
    row = await database.fetchrow(sql, event_id, rule_id)
    return msgspec.convert(dict(row), Turn) if row else None


async def is_before(event_id: UUID, rule_id: UUID) -> bool:
    """Say whether a rule goes out before what it counts from in an event, whether it is in force there or not."""
    sql = f"SELECT due_at < anchor_at FROM event, reminder_rule AS rule {MOMENTS} WHERE event.id = $1 AND rule.id = $2"
    return bool(await database.fetchval(sql, event_id, rule_id))


def rule_view(row: asyncpg.Record) -> RuleView:
    """Turn a row of reminder_rule into a RuleView."""
    words = Words(**structs.asdict(own_words(row)))
    return msgspec.convert(dict(row) | {"words": words}, RuleView)
