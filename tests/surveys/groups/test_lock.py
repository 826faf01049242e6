"""Two that ask people of the same events at once: each locks all surveys in one order, and nobody waits in a circle."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from events.core import database
from events.surveys.groups import actions as groups
from tests.factories import insert, make_event


async def both_lock(first: Sequence[UUID], second: Sequence[UUID]) -> list[str]:
    """Lock the same surveys from two transactions, in pieces that are met halfway; returns what befell them."""
    halfway = asyncio.Barrier(2)

    async def one(pieces: Sequence[Sequence[UUID]]) -> str:
        try:
            async with database.transaction():
                for number, piece in enumerate(pieces):
                    await groups.lock(piece)
                    if number == 0 and len(pieces) > 1:
                        await halfway.wait()
        except asyncpg.DeadlockDetectedError:
            return "deadlock"
        return "locked"

    pieces = [[first], [second]] if sorted(first) == sorted(second) else [[first, second], [second, first]]
    async with asyncio.timeout(20):
        return sorted(await asyncio.gather(*(one(each) for each in pieces)))


async def two_events() -> list[UUID]:
    events = [await make_event() for _each in range(2)]
    for event in events:
        await insert("survey", event=event)
    return events


async def test_two_that_ask_at_once_never_wait_in_a_circle(committed_db: str) -> None:
    events = await two_events()
    for _time in range(20):
        assert await both_lock(events, events[::-1]) == ["locked", "locked"]


async def test_locked_one_by_one_in_their_own_order_they_would(committed_db: str) -> None:
    first, second = await two_events()
    assert await both_lock([first], [second]) == ["deadlock", "locked"]
