from datetime import timedelta

import asyncpg

from events.core import database
from events.core.actor import SYSTEM
from events.programme import queries as programme
from events.programme.counterparts.actions import done_alike
from events.programme.queries import EventView
from events.programme.reminders import queries
from events.programme.reminders.actions import REMINDERS, RuleValues, save_rule, switch_rule
from events.programme.series.queries import Scope
from tests.factories import NOW
from tests.programme.counterparts.making import series_with_agenda

LATER = NOW + timedelta(hours=1)


async def days(event: EventView) -> list[tuple[int, bool, int]]:
    return [(rule.days, rule.active, rule.revision) for rule in await queries.own(event.id)]


async def test_a_rule_is_set_for_the_whole_series_and_what_was_set_by_hand_is_kept(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    first = events[0].id
    async with done_alike(first, REMINDERS, Scope.ALL, actor=SYSTEM, now=NOW) as alike:
        rule = await save_rule(first, None, RuleValues(days=-3), actor=SYSTEM, now=NOW)
    assert alike.others == len(events) - 1
    (theirs,) = await queries.own(events[1].id)
    await save_rule(events[1].id, theirs.id, RuleValues(days=-2), actor=SYSTEM, now=NOW)
    async with done_alike(first, REMINDERS, Scope.ALL, actor=SYSTEM, now=LATER) as alike:
        await save_rule(first, rule, RuleValues(days=-5), actor=SYSTEM, now=LATER)
    assert (alike.others, alike.kept) == (len(events) - 2, 1)
    assert await days(events[0]) == await days(events[2]) == [(-5, True, 1)]
    assert await days(events[1]) == [(-2, True, 1)]
    set_at = await database.fetchval("SELECT reminders_set_at FROM event WHERE id = $1", events[2].id)
    assert set_at == LATER, "what has passed there asks as well"


async def test_a_default_is_switched_off_for_all_also_where_one_has_it_off(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    (usual, *_others) = [turn.rule for turn in await queries.turns(events[0].id)]
    await switch_rule(events[1].id, usual, on=False, actor=SYSTEM, now=NOW)
    async with done_alike(events[0].id, REMINDERS, Scope.ALL, actor=SYSTEM, now=NOW):
        await switch_rule(events[0].id, usual, on=False, actor=SYSTEM, now=NOW)
    for event in events:
        assert [(rule.replaces, rule.active) for rule in await queries.own(event.id)] == [(usual, False)]
        view = await programme.by_id(event.id)
        assert view
        assert len(view.reminders) == len(events[0].reminders) - 1


async def test_moving_an_item_of_the_agenda_moves_what_counts_from_it(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    item = await database.fetchval("SELECT id FROM agenda_item WHERE event = $1 LIMIT 1", events[0].id)
    rule = await save_rule(
        events[0].id, None, RuleValues(anchor="agenda_item", agenda_item=item, minutes=-30), actor=SYSTEM, now=NOW
    )
    before = await queries.turn(events[0].id, rule)
    await database.execute("UPDATE agenda_item SET ends_at = ends_at + interval '1 hour'")
    await database.execute("UPDATE agenda_item SET starts_at = starts_at + interval '1 hour'")
    after = await queries.turn(events[0].id, rule)
    assert before
    assert after
    assert after.due_at - before.due_at == timedelta(hours=1)
