"""Who edits while others register: nobody is oversold, nobody is overwritten."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

from events.core import database
from events.core.actor import SYSTEM
from events.core.database import execute, fetch, fetchrow, fetchval, transaction
from events.core.errors import Invalid
from events.programme import queries
from events.programme.actions import EventChanges, NewSite, edit_event
from events.programme.editing import Stale
from events.programme.plan.actions import make_planned_event
from events.programme.series.actions import new_starts, repeat
from events.programme.series.editing import edit_in_series
from events.programme.series.queries import Scope
from events.programme.series.recurrence import Plan
from tests.factories import NOW, insert, make_event

TWO_MORE = Plan(dates=(date(2026, 10, 8), date(2026, 10, 15)))


async def edit_title(event: UUID, title: str, version: int | None) -> str:
    try:
        await edit_event(event, EventChanges(titles={"fi": title}), actor=SYSTEM, now=NOW, version=version)
    except Stale:
        return "stale"
    return "saved"


async def test_of_many_who_save_at_once_one_is_first_and_the_others_are_told(committed_db: str) -> None:
    event = await make_event()
    said = await asyncio.gather(*(edit_title(event, f"Nimi {number}", 0) for number in range(10)))
    assert sorted(said) == ["saved"] + ["stale"] * 9


async def test_without_a_version_the_last_wins_silently(committed_db: str) -> None:
    """The negative control: it is the version that keeps them apart."""
    event = await make_event()
    assert await asyncio.gather(*(edit_title(event, f"Nimi {number}", None) for number in range(10))) == ["saved"] * 10


async def of_two_weeks(event: UUID) -> str:
    try:
        await repeat(event, TWO_MORE, actor=SYSTEM, now=NOW)
    except Invalid:
        return "nothing new"
    return "made"


async def test_a_series_that_is_asked_for_twice_is_made_once(committed_db: str) -> None:
    event = await make_event()
    said = await asyncio.gather(*(of_two_weeks(event) for _ in range(5)))
    assert sorted(said) == ["made"] + ["nothing new"] * 4
    assert await fetchval("SELECT count(*) FROM event") == 3


async def test_without_the_lock_each_would_find_the_dates_free(committed_db: str) -> None:
    """The negative control: it is the event's row, held until the commit, that keeps them apart."""
    event = await queries.by_id(await make_event())
    assert event is not None
    assert [len(new_starts(event, TWO_MORE, [event])) for _ in range(5)] == [2] * 5


async def test_changes_of_a_series_from_both_ends_do_not_lock_each_other_out(committed_db: str) -> None:
    await repeat(await make_event(), TWO_MORE, actor=SYSTEM, now=NOW)
    ids = [row["id"] for row in await fetch("SELECT id FROM event ORDER BY starts_at")]
    work = [
        edit_in_series(identity, EventChanges(contact_name=f"Nimi {turn}"), Scope.ALL, actor=SYSTEM, now=NOW)
        for turn in range(4)
        for identity in (ids if turn % 2 else ids[::-1])
    ]
    await asyncio.wait_for(asyncio.gather(*work), timeout=20)
    assert await fetchval("SELECT count(DISTINCT contact_name) FROM event") == 1


async def test_a_planned_entry_clicked_twice_becomes_one_event(committed_db: str) -> None:
    entry = await insert("planned_entry", year=2027, quarter=1, kind="workshop", title="Paja", region="06")
    made = await asyncio.gather(*(make_planned_event(entry, region=None, actor=SYSTEM, now=NOW) for _ in range(5)))
    assert len(set(made)) == 1
    assert await fetchval("SELECT count(*) FROM event") == 1


async def test_without_the_lock_each_click_would_find_the_entry_open(committed_db: str) -> None:
    """The negative control: it is the entry's row, held until the commit, that makes the second click wait."""
    entry = await insert("planned_entry", year=2027, quarter=1, kind="workshop", title="Paja", region="06")
    async with transaction():
        await make_planned_event(entry, region=None, actor=SYSTEM, now=NOW)
        async with database.pool_connection() as other:
            assert await other.fetchval("SELECT event FROM planned_entry") is None


async def take_place(site: UUID) -> None:
    await execute("UPDATE site SET taken = taken + 1 WHERE id = $1 AND taken < capacity", site)


async def smaller(event: UUID, site: UUID) -> str:
    wanted = NewSite(id=site, mode="venue", name="Tampere-talo", municipality="837", capacity=5)
    try:
        await edit_event(event, EventChanges(sites=[wanted]), actor=SYSTEM, now=NOW)
    except Invalid:
        return "refused"
    return "saved"


async def test_lowering_the_capacity_while_places_go_oversells_nothing(committed_db: str) -> None:
    event = await make_event(capacity=10)
    view = await queries.by_id(event)
    assert view is not None
    site = view.sites[0].id
    work: list[Callable[[], Awaitable[object]]] = [lambda: take_place(site)] * 10 + [lambda: smaller(event, site)]
    results = await asyncio.gather(*(do() for do in work))
    row = await fetchrow("SELECT taken, capacity FROM site WHERE id = $1", site)
    assert row is not None
    assert row["taken"] <= row["capacity"]
    assert row["capacity"] == (5 if results[-1] == "saved" else 10)


async def test_registering_goes_on_while_someone_edits(committed_db: str) -> None:
    """An editor's lock on the event must not stop rows that refer to it."""
    event = await make_event()
    async with transaction():
        await queries.locked(event)
        added = asyncio.create_task(_refer_to(event))
        await asyncio.wait_for(asyncio.shield(added), timeout=3)
    assert await fetchval("SELECT count(*) FROM site WHERE event = $1", event) == 2


async def _refer_to(event: UUID) -> None:
    async with database.pool_connection() as other:
        await other.execute("INSERT INTO site (id, event, mode) VALUES (gen_random_uuid(), $1, 'online')", event)
