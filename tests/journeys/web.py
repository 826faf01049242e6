"""The web process as it is, but that keeps no page: what one test has seen is not what the next one sees.

At module level, so that it holds in each of its workers, however they are started.
"""

import sys

from events import server
from events.core import page_cache

page_cache.SECONDS = 0.0

if __name__ == "__main__":
    server.serve("127.0.0.1", int(sys.argv[1]), 1)
