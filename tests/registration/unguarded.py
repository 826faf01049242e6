"""The web service with the guard of its lines switched off: who comes decides by what was there when they began."""

import sys
from typing import Any

from events import server
from events.registration import hot_path
from tests.registration.test_races import GUARD, STALE

SLOW = f"({STALE} AND pg_sleep(0.01) IS NOT NULL)"
"""Long enough that the next ones have begun, so that a quick machine is as wrong as a slow one."""

_load = server.load


def load() -> Any:
    """Make the application as it must not be."""
    assert GUARD in hot_path.BY_SLUG
    hot_path.BY_SLUG = hot_path.BY_SLUG.replace(GUARD, SLOW)
    return _load()


if __name__ == "__main__":
    server.load, port = load, int(sys.argv[1])
    server.serve("127.0.0.1", port, 2)
