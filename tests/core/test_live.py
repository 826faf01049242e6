import asyncio
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import pytest

from events.checkin import actions, queries
from events.checkin.queries import Count
from events.core import live
from events.core.actor import SYSTEM
from events.core.live import Live
from tests.checkin.doors import scanned, slug_of, ticket
from tests.factories import NOW, make_event, make_registration

PATIENCE = 10


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "INTERVAL", 0.02)
    monkeypatch.setattr(live, "HEARTBEAT", 0.2)


async def heard(stream: Any) -> Count:
    """The next count of a stream, signs of life left out."""
    async with asyncio.timeout(PATIENCE):
        while (seen := await anext(stream)) is None:
            pass
        assert isinstance(seen, Count)
        return seen


async def test_who_watches_hears_of_every_arrival(committed_db: str, quick: None) -> None:
    event = await make_event()
    registration = await make_registration(event)
    board = Live(queries.counts)
    streams = [board.follow(event), board.follow(event)]
    assert [await heard(stream) for stream in streams] == [Count(0, 1)] * 2
    await actions.redeem(scanned(ticket(registration), await slug_of(event)), actor=SYSTEM, now=NOW)
    assert [await heard(stream) for stream in streams] == [Count(1, 1)] * 2
    board.close()
    for stream in streams:
        with pytest.raises(StopAsyncIteration):
            await anext(stream)


async def test_a_stream_says_that_it_lives(committed_db: str, quick: None) -> None:
    event = await make_event()
    board = Live(queries.counts)
    stream = board.follow(event)
    assert await heard(stream) == Count(0, 0)
    async with asyncio.timeout(PATIENCE):
        assert await anext(stream) is None
    board.close()


async def test_many_who_watch_cost_one_query_at_a_time(committed_db: str, quick: None) -> None:
    asked: list[int] = []

    async def counted(events: Collection[UUID]) -> Mapping[UUID, Count]:
        asked.append(len(events))
        return await queries.counts(events)

    events = [await make_event() for _ in range(3)]
    board = Live(counted)
    streams = [board.follow(event) for event in events * 4]
    await asyncio.gather(*(heard(stream) for stream in streams))
    assert len(asked) < len(streams)
    assert max(asked) == len(events)
    for stream in streams:
        await stream.aclose()  # type: ignore[attr-defined]
    await asyncio.sleep(0.2)
    before = len(asked)
    await asyncio.sleep(0.2)
    assert len(asked) == before  # nobody watches: nobody asks
