import asyncio
from uuid import UUID

import asyncpg
import pytest

from events.core import database
from events.core.actor import ANONYMOUS, SYSTEM
from events.core.idempotency import repeatable
from events.messaging.webhooks.ledger import Forms
from events.registration import hot_path
from events.registration.imports.actions import import_participants
from events.registration.new_registration import NewRegistration
from events.registration.queries import Registered
from events.registration.registering import register
from tests.factories import NOW, make_event
from tests.registration.test_register import someone

GUARD = "site.waiting = 0 AND (site.capacity IS NULL OR site.taken < site.capacity)"
"""What is decided on the site's row as it is when its UPDATE has the lock."""

STALE = "(SELECT seen_site.taken < seen_site.capacity FROM site AS seen_site WHERE seen_site.id = clear.site)"
"""The same decided on what the statement saw when it began."""


WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


async def sign_up(event: UUID, new: NewRegistration) -> Registered:
    return await register(event, new, actor=ANONYMOUS, now=NOW)


async def rush(event: UUID, people: int) -> list[Registered]:
    return await asyncio.gather(*(sign_up(event, someone(number)) for number in range(people)))


async def states(event: UUID) -> list[tuple[str, int]]:
    rows = await database.fetch(
        "SELECT state, count(*) AS n FROM registration WHERE event = $1 GROUP BY 1 ORDER BY 1", event
    )
    return [(row["state"], row["n"]) for row in rows]


async def test_500_at_once_for_50_places_are_50_confirmed_and_450_waiting_in_order_of_arrival(
    committed_db: str,
) -> None:
    event = await make_event(capacity=50)
    made = await rush(event, 500)
    assert await states(event) == [("confirmed", 50), ("waitlisted", 450)]
    rows = await database.fetch(
        "SELECT registration.state, number FROM registration JOIN audit ON subject_id = registration.id::text"
        " ORDER BY audit.id"
    )
    assert [row["number"] for row in rows] == list(range(1, 501))
    assert [row["state"] for row in rows] == ["confirmed"] * 50 + ["waitlisted"] * 450
    assert sorted(place.position for place in made if place.position) == list(range(1, 451))
    counters = await database.fetchrow("SELECT taken, waiting, line FROM site WHERE event = $1", event)
    assert counters
    assert tuple(counters) == (50, 450, 500)
    assert await database.fetchval("SELECT count(*) FROM message") == 500


@pytest.mark.parametrize(("guarded", "taken"), [(True, 1), (False, 10)])
async def test_who_was_held_up_by_others_decides_on_the_row_as_it_is_then(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, guarded: bool, taken: int
) -> None:
    """Ten begin while nobody has the one place; without the guard each of them takes it."""
    if not guarded:
        assert GUARD in hot_path.BY_ID.plain
        unguarded = hot_path.BY_ID.plain.replace(GUARD, STALE)
        monkeypatch.setattr(hot_path, "BY_ID", Forms(unguarded, unguarded))
    await database.execute("ALTER TABLE site DROP CONSTRAINT site_never_oversold")
    event = await make_event(capacity=1)
    async with asyncio.timeout(30), database.pool_connection() as holder:
        async with holder.transaction():
            await holder.execute("SELECT FROM site WHERE event = $1 FOR UPDATE", event)
            crowd = asyncio.gather(*(sign_up(event, someone(number)) for number in range(10)))
            while await database.fetchval(WAITING) < 10:  # noqa: ASYNC110 - nothing tells but the server itself
                await asyncio.sleep(0.01)
        await crowd
    assert await database.fetchval("SELECT taken FROM site WHERE event = $1", event) == taken


async def test_without_a_waiting_list_the_rush_fills_the_event_exactly(committed_db: str) -> None:
    event = await make_event(capacity=10, waiting_list="none")
    answers = await asyncio.gather(*(sign_up(event, someone(number)) for number in range(60)), return_exceptions=True)
    assert sum(isinstance(answer, Registered) for answer in answers) == 10
    assert await states(event) == [("confirmed", 10)]


async def test_the_same_person_many_times_at_once_is_registered_once(committed_db: str) -> None:
    event = await make_event(capacity=50)
    made = await asyncio.gather(*(sign_up(event, someone()) for _ in range(30)))
    assert len({place.id for place in made}) == 1
    assert [place.already for place in made].count(False) == 1
    assert await database.fetchval("SELECT taken FROM site WHERE event = $1", event) == 1


async def test_a_new_organisation_named_by_many_at_once_is_made_once(committed_db: str) -> None:
    event = await make_event()
    people = (someone(number, organisation=f"Uusi Paja{' Oy' * (number % 2)}") for number in range(30))
    await asyncio.gather(*(sign_up(event, new) for new in people))
    assert await database.fetchval("SELECT count(*) FROM organisation") == 1


async def test_a_repeated_key_gives_the_same_registration_also_when_both_come_at_once(committed_db: str) -> None:
    event, new = await make_event(), someone()
    mark = repeatable("registration:test", "key-1", new)
    made = await asyncio.gather(*(register(event, new, actor=ANONYMOUS, now=NOW, mark=mark) for _ in range(20)))
    assert {(place.id, place.already, place.ticket) for place in made} == {(made[0].id, False, made[0].ticket)}
    assert await database.fetchval("SELECT count(*) FROM registration") == 1


async def test_reviving_many_times_at_once_takes_one_place(committed_db: str) -> None:
    event = await make_event(capacity=5)
    first = await sign_up(event, someone())
    await database.execute("UPDATE registration SET state = 'cancelled' WHERE id = $1", first.id)
    await database.execute("UPDATE site SET taken = 0 WHERE event = $1", event)
    made = await asyncio.gather(*(sign_up(event, someone()) for _ in range(20)))
    assert {place.id for place in made} == {first.id}
    assert await database.fetchval("SELECT taken FROM site WHERE event = $1", event) == 1
    assert isinstance(await database.fetchval("SELECT ticket_generation FROM registration"), int)


async def test_the_table_itself_refuses_one_too_many(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1)
    with pytest.raises(asyncpg.CheckViolationError):
        await database.attempt("UPDATE site SET taken = 2 WHERE event = $1", event)


async def test_rows_of_an_import_that_wait_crosswise_for_someone_are_taken_afterwards(committed_db: str) -> None:
    """Who founds an organisation and then waits for the site must not wait for ever for rows that want the former."""
    event = await make_event()
    other = await asyncpg.connect(committed_db, server_settings={"deadlock_timeout": "30s"})
    try:
        registering = other.transaction()
        await registering.start()
        await other.execute(
            "WITH founded AS (INSERT INTO organisation (id, name, folded) VALUES (gen_random_uuid(), 'Teräs', 'teras')"
            " RETURNING id) INSERT INTO organisation_alias (id, organisation, name, folded)"
            " SELECT gen_random_uuid(), id, 'Teräs', 'teras' FROM founded"
        )
        table = "Nimi;Sähköposti;Organisaatio\nEka Esimerkki;eka@a.example;\nToka Esimerkki;toka@b.example;Teräs\n"
        importing = asyncio.create_task(import_participants(table.encode(), event, actor=SYSTEM, now=NOW))
        while not await database.fetchval(WAITING):  # noqa: ASYNC110 - nothing tells but the server itself
            await asyncio.sleep(0.01)
        await other.execute("UPDATE site SET line = line WHERE event = $1", event)
        await registering.rollback()
        report = await importing
    finally:
        await other.close()
    assert (report.added, report.refused) == (2, [])
