"""Jobs by name: the web side nudges, a worker does what is due (design.md §5.1).

A nudge carries nothing and may be lost: the minute tick nudges again whatever is due.
"""

import asyncio
import logging
import time
from queue import SimpleQueue
from threading import Event, Thread

from dramatiq import Broker, Message

from events.core.database import after_commit

NUDGE_INTERVAL = 0.1
"""Seconds within which nudges of the same job become one."""

FLUSH_TIMEOUT = 5.0
"""Seconds that the end of a process waits for its last nudges."""

QUEUE = "sixnet"

JOBS = frozenset(
    {
        "mail.deliver",
        "reminders.queue",
        "invitations.send",
        "invitations.remind",
        "announcements.send",
        "attendance.remind",
        "digest.queue",
        "surveys.invite",
        "surveys.seal",
        "data.expire",
        "waitlist.fill",
        "organisations.look_up",
        "documents.make",
        "webhooks.deliver",
        "incoming.read",
    },
)
"""Every job that may be nudged; a test proves that each has an actor."""

_log = logging.getLogger(__name__)


class _Nudger:
    """Sends nudges off the event loop, at most one per job and interval.

    A broker may hang for minutes in an outage; its thread is a daemon, so that neither a stop nor an exit waits for it.
    """

    def __init__(self) -> None:
        self.broker: Broker | None = None
        self._last: dict[str, float] = {}
        self._pending: set[str] = set()
        self._outbox: SimpleQueue[str | Event] = SimpleQueue()
        self._unsent: set[str] = set()
        self._thread: Thread | None = None

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
            if name not in self._unsent:  # in an outage one of each is enough to wait
                self._unsent.add(name)
                self._outbox.put(name)
            self._work()

    def _work(self) -> None:
        # At the first nudge, not before: the workers' main process forks, and a thread does not come along.
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._send_all, name="nudge", daemon=True)
            self._thread.start()

    def _send_all(self) -> None:
        while True:
            item = self._outbox.get()
            if isinstance(item, Event):
                item.set()
            else:
                self._unsent.discard(item)
                self._send(item)

    def _send(self, name: str) -> None:
        broker = self.broker
        if broker is None:
            return
        try:
            broker.enqueue(Message(queue_name=QUEUE, actor_name=name, args=(), kwargs={}, options={}))
        except Exception as error:  # noqa: BLE001 - whatever the broker's trouble, the tick makes up for it
            _log.warning("nudge lost", extra={"job": name, "error": type(error).__name__})

    def flush(self, timeout: float) -> None:
        for name in list(self._pending):
            self._leave(name)
        if self._thread is None:
            return
        flushed = Event()
        self._outbox.put(flushed)
        if not flushed.wait(timeout):
            _log.warning("nudges given up: the broker does not answer")


_nudger = _Nudger()


def use(broker: Broker | None) -> None:
    """Let nudges go to `broker`; None keeps them from going anywhere."""
    _nudger.broker = broker


def nudge(name: str) -> None:
    """Ask a worker to do what is due of the job `name`, after the running transaction has committed."""
    if name not in JOBS:
        raise ValueError(f"no job is called {name!r}")
    after_commit(lambda: _nudger.nudge(name))


def flush(timeout: float = FLUSH_TIMEOUT) -> None:
    """Wait until the nudges made so far have left, but not for ever; at the end of a process."""
    _nudger.flush(timeout)
