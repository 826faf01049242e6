"""Who edits while others register: nobody is oversold, nobody is overwritten."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from events.core.actor import SYSTEM
from events.core.database import execute, fetchrow, fetchval, transaction
from events.core.errors import Invalid
from events.programme import queries
from events.programme.actions import EventChanges, NewSite, edit_event
from events.programme.editing import Stale
from tests.factories import NOW, make_event


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
    from events.core import database

    async with database.pool_connection() as other:
        await other.execute("INSERT INTO site (id, event, mode) VALUES (gen_random_uuid(), $1, 'online')", event)
