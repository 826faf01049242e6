"""The web process as it is, but that keeps no page – what one test has seen is not what the next one sees – and that
lives at the moment that stands in the file that `CLOCK` names, where there is one.

At module level, so that it holds in each of its workers, however they are started.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from events import server
from events.core import clock, page_cache
from tests.journeys import CLOCK


def now() -> datetime:
    try:
        return datetime.fromisoformat(Path(os.environ[CLOCK]).read_text())
    except FileNotFoundError:
        return datetime.now(UTC)


page_cache.SECONDS = 0.0
clock.now = now

if __name__ == "__main__":
    server.serve("127.0.0.1", int(sys.argv[1]), 1)
