"""What events had set before there were rules, and which indexes the tick goes by."""

from collections.abc import Sequence
from datetime import timedelta
from importlib import import_module
from uuid import UUID, uuid4

import asyncpg
import pytest

from events.core import clock, database
from events.messaging import ledger
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason
from events.outreach.reminders import actions
from events.outreach.reminders.rules import DUE
from events.programme.reminders import queries
from tests.factories import NOW, make_event, make_person, make_registration

MIGRATION = import_module("events.programme.piccolo_migrations.programme_2026_11_28t21_40_18_357768")
OUTREACH = import_module("events.outreach.piccolo_migrations.outreach_2026_11_28t21_44_00_000000")
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "had", "rows"),
    [
        ("workshop", [10080, 1440], 0),
        ("meeting", [60, 1440], 0),
        ("workshop", [1440], 1),
        ("workshop", [], 2),
        ("meeting", [1440, 30], 2),
        ("workshop", [10080, 1440, 1500], 1),
    ],
)
async def test_an_event_reminds_as_it_did(db: asyncpg.Connection, kind: str, had: list[int], rows: int) -> None:
    event = await make_event(kind=kind)
    await database.execute("ALTER TABLE event ADD COLUMN reminder_minutes integer[]")
    await database.execute("UPDATE event SET reminder_minutes = $1", had)
    for statement in (MIGRATION.SWITCH_OFF, MIGRATION.ADD_OWN):
        await database.execute(statement)
    turns = await queries.turns(event)
    assert [(turn.anchor_at - turn.due_at).total_seconds() // 60 for turn in turns] == sorted(had, reverse=True)
    assert len(await queries.own(event)) == rows


async def upgraded(*, told: dict[int, list[UUID]], people: Sequence[UUID], days: int = 2) -> UUID:
    """Make an event as it was before, not quite `days` ahead, with who was told so many minutes before its start; upgrade it."""
    now = clock.now()
    start = now + days * DAY - timedelta(hours=1)
    event = await make_event(kind="workshop", starts_at=start, ends_at=start + DAY)
    placed = {person: await make_registration(event, person=person, registered_at=now - 30 * DAY) for person in people}
    for minutes, persons in told.items():
        for person in persons:
            await ledger.add(
                *(Reason.REMINDER, Recipient(f"{person}@yritys.example"), "registration", placed[person]),
                now=now,
                occurrence=f"{minutes}:0",
            )
    for statement in (OUTREACH.NAME_BY_RULE, OUTREACH.DONE):
        await database.execute(statement)
    return event


async def had_a_turn() -> set[str]:
    return {row["occurrence"] for row in await database.fetch("SELECT occurrence FROM reminder_run")}


async def reminded() -> dict[str, list[str]]:
    """Return the occurrences of whom was or is to be reminded, by address."""
    found: dict[str, list[str]] = {}
    for row in await database.fetch("SELECT recipient, occurrence FROM message ORDER BY created_at"):
        found.setdefault(row["recipient"], []).append(row["occurrence"])
    return found


async def people(count: int) -> list[UUID]:
    made = [uuid4() for _ in range(count)]
    return [await make_person(id=one, email=f"{one}@yritys.example") for one in made]


WEEK, DAY_BEFORE = 10080, 1440


async def test_what_went_out_before_the_upgrade_has_had_its_turn(db: asyncpg.Connection) -> None:
    one, other = await people(2)
    event = await upgraded(told={WEEK: [one, other]}, people=[one, other])
    (week, _day) = await queries.turns(event)
    assert await had_a_turn() == {week.occurrence}
    assert await actions.queue_due_reminders(clock.now()) == 0
    assert set(map(tuple, (await reminded()).values())) == {(week.occurrence,)}


async def test_what_was_due_and_unsent_at_the_upgrade_goes_out_after_it(db: asyncpg.Connection) -> None:
    both = await people(2)
    event = await upgraded(told={}, people=both)
    assert await had_a_turn() == set()
    assert await actions.queue_due_reminders(clock.now()) == 2
    (week, _day) = await queries.turns(event)
    assert await reminded() == {f"{one}@yritys.example": [week.occurrence] for one in both}


async def test_of_one_that_was_half_owed_the_others_get_theirs_and_nobody_two(db: asyncpg.Connection) -> None:
    both = await people(2)
    event = await upgraded(told={WEEK: both[:1]}, people=both)
    assert await actions.queue_due_reminders(clock.now()) == 1
    (week, _day) = await queries.turns(event)
    assert await reminded() == {f"{one}@yritys.example": [week.occurrence] for one in both}


async def test_who_was_told_by_a_later_one_is_owed_no_earlier_one(db: asyncpg.Connection) -> None:
    both = await people(2)
    event = await upgraded(told={DAY_BEFORE: both}, people=both, days=1)
    assert await had_a_turn() == {turn.occurrence for turn in await queries.turns(event)}


async def test_a_passed_one_that_nobody_was_to_get_has_had_its_turn(db: asyncpg.Connection) -> None:
    event = await upgraded(told={}, people=[])
    (week, _day) = await queries.turns(event)
    assert await had_a_turn() == {week.occurrence}


FILL = """
INSERT INTO event (id, slug, kind, state, title_fi, starts_at, ends_at, host_region, languages)
SELECT md5('e' || n)::uuid, 'e-' || n, 'workshop', 'published', 'x', at, at + interval '1 hour', '06', '{fi}'
FROM generate_series(1, 5000) AS n CROSS JOIN LATERAL (SELECT $1::timestamptz - n * interval '1 day' AS at) AS placed
"""
PEOPLE = """
INSERT INTO person (id, given_name, folded, email)
SELECT md5('p' || n)::uuid, 'A', 'a', 'a' || n || '@yritys.example' FROM generate_series(1, 20000) AS n
"""
SITES = """
INSERT INTO site (id, event, mode, name) SELECT id, id, 'venue', 'x' FROM event
"""
REGISTRATIONS = """
INSERT INTO registration (id, event, person, site, state, number, ticket_hash, ticket_code, manage_hash)
SELECT md5('r' || n)::uuid, event, md5('p' || n)::uuid, event, 'confirmed', n, decode(md5('t' || n), 'hex'),
    lpad(n::text, 6, '0'), decode(md5('m' || n), 'hex')
FROM generate_series(1, 20000) AS n CROSS JOIN LATERAL (SELECT md5('e' || n % 500 + 1)::uuid AS event) AS placed
"""


async def plan(statement: str, *args: object) -> str:
    return "\n".join(row[0] for row in await database.fetch(f"EXPLAIN {statement}", *args))


async def test_the_tick_goes_by_indexes(db: asyncpg.Connection) -> None:
    await database.execute(FILL, NOW)
    for statement in (PEOPLE, SITES, REGISTRATIONS, "ANALYZE event", "ANALYZE registration", "ANALYZE person"):
        await database.execute(statement)
    due = await plan(DUE, NOW)
    assert "event_starts_at" in due
    assert "Seq Scan on event" not in due
    assert " on registration" not in due, "which rules are due is known without looking at anybody"
    event = await database.fetchval("SELECT id FROM event LIMIT 1")
    lists: list[list[object]] = [[UUID(int=0)], ["x"], [NOW], [NOW], [True]]
    owing = await plan(actions._OWE, event, *lists, NOW)
    assert "Seq Scan on registration " not in owing
    assert "Seq Scan on person " not in owing
