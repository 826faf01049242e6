"""The web service with a guard switched off: who comes decides by what was there when they began."""

import sys
from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from events import server
from events.core import database
from events.registration import counters, hot_path
from events.registration.items import signing_up
from tests.registration.test_races import GUARD, STALE

SLOW = f"({STALE} AND pg_sleep(0.01) IS NOT NULL)"
"""Long enough that the next ones have begun, so that a quick machine is as wrong as a slow one."""


async def look(*, take: Collection[counters.Counter] = (), give: Collection[counters.Counter] = ()) -> None:
    """Look whether there is a place in an item, and count nothing."""
    for each in take:
        free = "SELECT count(registration_item.id) < capacity FROM agenda_item LEFT JOIN registration_item"
        has_room = await database.fetchval(f"{free} ON item = agenda_item.id WHERE agenda_item.id = $1"
                                           " GROUP BY agenda_item.id", each.id)  # fmt: skip
        await database.fetchval("SELECT pg_sleep(0.02)")
        if not has_room:
            raise counters.Full([each])


async def no_lock(items: Collection[UUID]) -> None:
    """Let others change the items meanwhile."""


def _without_line() -> None:
    assert GUARD in hot_path.BY_SLUG.plain
    hot_path.BY_SLUG.plain = hot_path.BY_SLUG.likely = hot_path.BY_SLUG.plain.replace(GUARD, SLOW)


def _without_counting() -> None:
    signing_up.move = look  # type: ignore[assignment]
    signing_up._lock = no_lock


_OFF: dict[str, Callable[[], None]] = {"line": _without_line, "items": _without_counting}

_load = server.load


def load() -> Any:
    """Make the application as it must not be."""
    _OFF[sys.argv[1]]()
    return _load()


if __name__ == "__main__":
    server.load, port = load, int(sys.argv[2])
    server.serve("127.0.0.1", port, 2)
