"""Jobs by name: the web side nudges, a worker does what is due (design.md §5.1).

A nudge carries nothing and may be lost: the minute tick nudges again whatever is due.
"""

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor

from dramatiq import Broker, Message

from events.core.database import after_commit

NUDGE_INTERVAL = 0.1
"""Seconds within which nudges of the same job become one."""

QUEUE = "sixnet"

JOBS = frozenset(
    {"mail.deliver", "reminders.queue", "surveys.invite", "surveys.seal", "data.expire", "waitlist.fill"},
)
"""Every job that may be nudged; a test proves that each has an actor."""

_log = logging.getLogger(__name__)


class _Nudger:
    """Sends nudges off the event loop, at most one per job and interval."""

    def __init__(self) -> None:
        self.broker: Broker | None = None
        self._last: dict[str, float] = {}
        self._pending: set[str] = set()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nudge")

    def nudge(self, name: str) -> None:
        if self.broker is None or name in self._pending:
            return
        self._pending.add(name)
        wait = max(0.0, self._last.get(name, 0.0) + NUDGE_INTERVAL - time.monotonic())
        try:
            asyncio.get_running_loop().call_later(wait, self._leave, name)
        except RuntimeError:  # no loop: a command that is not async
            self._leave(name)

    def _leave(self, name: str) -> None:
        if name in self._pending:  # a flush may have been faster
            self._pending.discard(name)
            self._last[name] = time.monotonic()
            self._thread.submit(self._send, name)

    def _send(self, name: str) -> None:
        broker = self.broker
        if broker is None:
            return
        try:
            broker.enqueue(Message(queue_name=QUEUE, actor_name=name, args=(), kwargs={}, options={}))
        except Exception as error:  # noqa: BLE001 - whatever the broker's trouble, the tick makes up for it
            _log.warning("nudge lost", extra={"job": name, "error": type(error).__name__})

    def flush(self) -> None:
        for name in list(self._pending):
            self._leave(name)
        self._thread.shutdown(wait=True)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nudge")


_nudger = _Nudger()


def use(broker: Broker | None) -> None:
    """Let nudges go to `broker`; None keeps them from going anywhere."""
    _nudger.broker = broker


def nudge(name: str) -> None:
    """Ask a worker to do what is due of the job `name`, after the running transaction has committed."""
    if name not in JOBS:
        raise ValueError(f"no job is called {name!r}")
    after_commit(lambda: _nudger.nudge(name))


def flush() -> None:
    """Wait until the nudges made so far have left; at the end of a process."""
    _nudger.flush()
