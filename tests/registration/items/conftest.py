from collections.abc import Collection
from uuid import UUID

import pytest

from events.core.database import fetchval
from events.registration import counters
from events.registration.items import signing_up


@pytest.fixture
def look_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the guard: who signs up looks whether there is a place, and counts nothing."""

    async def look(*, take: Collection[counters.Counter] = (), give: Collection[counters.Counter] = ()) -> None:
        assert not give
        for each in take:
            taken = await fetchval("SELECT count(*) FROM registration_item WHERE item = $1", each.id)
            await fetchval("SELECT pg_sleep(0.02)")
            if taken >= 5:
                raise counters.Full([each])

    async def no_lock(items: Collection[UUID]) -> None:
        pass

    monkeypatch.setattr(signing_up, "move", look)
    monkeypatch.setattr(signing_up, "_lock", no_lock)
