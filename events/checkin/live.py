"""The live count: while someone watches, one query a second in each web process tells all who watch."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from contextvars import Context
from uuid import UUID

import structlog

from events.checkin import queries
from events.checkin.queries import Count

INTERVAL = 1.0
"""Seconds between two looks at the database."""

HEARTBEAT = 15.0
"""Seconds after which a stream says that it lives, so that proxies keep it open and a lost watcher is noticed."""

_log = structlog.get_logger("events.live")


class Board:
    """What is watched in this process, and what was last seen of it."""

    def __init__(self) -> None:
        self._watchers: Counter[UUID] = Counter()
        self._seen: dict[UUID, Count] = {}
        self._news = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    async def follow(self, event: UUID) -> AsyncIterator[Count | None]:
        """Give the count of an event whenever it changes, and None as a sign of life; ends when the board is closed."""
        told: Count | None = None
        self._watchers[event] += 1
        if self._looking is None or self._looking.done():
            # a context of its own: it outlives the request and must not run in its transaction or language
            self._looking = asyncio.get_running_loop().create_task(self._look(), context=Context())
        try:
            while not self._closed:
                seen = self._seen.get(event)
                if seen is not None and seen != told:
                    told = seen
                    yield seen
                elif not await self._waited():
                    yield None
        finally:
            self._watchers[event] -= 1
            if not self._watchers[event]:
                del self._watchers[event]
                self._seen.pop(event, None)

    async def _waited(self) -> bool:
        """Wait for news; False when it was time for a sign of life instead."""
        try:
            await asyncio.wait_for(self._news.wait(), HEARTBEAT)
        except TimeoutError:
            return False
        return True

    async def _look(self) -> None:
        while self._watchers and not self._closed:
            try:
                seen = dict(await queries.counts(list(self._watchers)))
            except Exception as error:  # noqa: BLE001 - whatever ails the database, those who watch wait for its return
                _log.warning("count failed", error=type(error).__name__)
            else:
                if seen != self._seen:
                    self._seen = seen
                    self._tell()
            await asyncio.sleep(INTERVAL)

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def close(self) -> None:
        """End all streams; they would hold up the end of the process."""
        self._closed = True
        if self._looking is not None:
            self._looking.cancel()
        self._tell()


board = Board()
"""The board of this process."""


@contextmanager
def streaming() -> Iterator[None]:
    """Let streams run while the process serves; SIGUSR1 ends them.

    Granian waits for requests under way before it tells us that it stops, so whoever stops it sends that signal first.
    """
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError, RuntimeError, ValueError):  # no such signal here, or not the main thread
        loop.add_signal_handler(signal.SIGUSR1, board.close)
    try:
        yield
    finally:
        board.close()
