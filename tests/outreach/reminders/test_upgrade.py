"""What events had set before there were rules, and which indexes the tick goes by."""

from importlib import import_module
from uuid import UUID

import asyncpg
import pytest

from events.core import database
from events.outreach.reminders import actions
from events.outreach.reminders.rules import DUE
from events.programme.reminders import queries
from tests.factories import NOW, make_event

MIGRATION = import_module("events.programme.piccolo_migrations.programme_2026_11_28t21_40_18_357768")
DONE = import_module("events.outreach.piccolo_migrations.outreach_2026_11_28t21_44_00_000000").DONE


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


async def test_what_went_out_before_the_upgrade_has_had_its_turn(db: asyncpg.Connection) -> None:
    soon = "UPDATE event SET starts_at = now() + interval '2 days', ends_at = now() + interval '3 days'"
    event = await make_event()
    await database.execute(soon)
    await database.execute(DONE)
    (week, _day) = await queries.turns(event)
    rows = await database.fetch("SELECT occurrence FROM reminder_run")
    assert [row["occurrence"] for row in rows] == [week.occurrence]


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
