"""What is watched live: while someone watches, one query a second in each web process tells all who watch."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import Context
from typing import Any, Generic, TypeVar
from uuid import UUID
from weakref import WeakSet

import structlog

INTERVAL = 1.0
"""Seconds between two looks at the database."""

HEARTBEAT = 15.0
"""Seconds after which a stream says that it lives, so that proxies keep it open and a lost watcher is noticed."""

LONGEST = 300.0
"""Seconds after which a stream ends; the browser comes again by itself, unless it may not any more."""

_log = structlog.get_logger("events.live")

Seen = TypeVar("Seen")


class Live(Generic[Seen]):
    """What is watched in this process, and what `look` has last seen of them."""

    def __init__(self, look: Callable[[Collection[UUID]], Awaitable[Mapping[UUID, Seen]]]) -> None:
        self._ask = look
        _all.add(self)
        self._watchers: Counter[UUID] = Counter()
        self._seen: dict[UUID, Seen] = {}
        self._news = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    async def follow(self, watched: UUID) -> AsyncIterator[Seen | None]:
        """Give what is seen of `watched` whenever it changes, and None as a sign of life; ends after `LONGEST`."""
        told: Seen | None = None
        self._watchers[watched] += 1
        if self._looking is None or self._looking.done():
            # a context of its own: it outlives the request and must not run in its transaction or language
            self._looking = asyncio.get_running_loop().create_task(self._look(), context=Context())
        ends = asyncio.get_running_loop().time() + LONGEST
        try:
            while not self._closed and asyncio.get_running_loop().time() < ends:
                seen = self._seen.get(watched)
                if seen is not None and seen != told:
                    told = seen
                    yield seen
                elif not await self._waited():
                    yield None
        finally:
            self._watchers[watched] -= 1
            if not self._watchers[watched]:
                del self._watchers[watched]
                self._seen.pop(watched, None)

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
                seen = dict(await self._ask(list(self._watchers)))
            except Exception as error:  # noqa: BLE001 - whatever ails the database, those who watch wait for its return
                _log.warning("look failed", error=type(error).__name__)
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


_all: WeakSet["Live[Any]"] = WeakSet()


@contextmanager
def streaming() -> Iterator[None]:
    """Let streams run while the process serves; SIGUSR1 ends them.

    Granian waits for requests under way before it tells us that it stops, so whoever stops it sends that signal first.
    """
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError, RuntimeError, ValueError):  # no such signal here, or not the main thread
        loop.add_signal_handler(signal.SIGUSR1, close_all)
    try:
        yield
    finally:
        close_all()


def close_all() -> None:
    """End every stream of this process."""
    for each in list(_all):
        each.close()
