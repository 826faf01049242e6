"""One process that starts web, worker and tick, tells them to stop, and starts again what crashed (design.md §6).

Every child gets a session of its own, so that a signal to our whole process group reaches it once, through us: a second
SIGTERM would end a worker in the middle of a job.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import IO

from events.core.parent import be_parent

POLL = 0.1
STEADY = 60.0
"""Seconds after which a child counts as well, so that its next crash is its first again."""

LONGEST_WAIT = 30.0
PATIENCE = 300.0
"""Seconds for a child to finish its work when told to stop; then it is killed."""

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stop:
    """Whether we were told to stop. The first signal counts, further ones are heard and change nothing."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self._interrupts = True

    @contextmanager
    def heard(self) -> Iterator["Stop"]:
        """Listen to signals for a block; outside `patiently` the first one raises KeyboardInterrupt."""
        before = [signal.signal(number, self._hear) for number in SIGNALS]
        try:
            yield self
        finally:
            for number, handler in zip(SIGNALS, before, strict=True):
                signal.signal(number, handler)

    @contextmanager
    def patiently(self) -> Iterator[None]:
        """Let signals only set `asked` for a block, which looks at it by itself."""
        self._interrupts = False
        if self.asked.is_set():
            raise KeyboardInterrupt
        yield

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        first = not self.asked.is_set()
        self.asked.set()
        if first and self._interrupts:
            raise KeyboardInterrupt


@dataclass
class Child:
    """A process to keep running: `module` is run with `arguments`; a `late` one waits until the others are up."""

    name: str
    module: str
    arguments: Sequence[str] = ()
    late: bool = False
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    crashes: int = 0
    due_at: float = field(default=0.0)

    @property
    def runs(self) -> bool:
        """Whether its process is alive."""
        return self.process is not None and self.process.poll() is None

    def start(self, output: IO[bytes] | None) -> None:
        """Start the process in a session of its own."""
        # -P: a folder called `events` where the command was given must not be taken for ours.
        command = [sys.executable, "-P", "-m", self.module, *self.arguments]
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )

    def wait_before_restart(self, now: float) -> float:
        """Count a crash and return how many seconds to wait: 0.5, 1, 2 … 30."""
        self.crashes = 1 if now - self.started_at > STEADY else self.crashes + 1
        return float(min(LONGEST_WAIT, 0.5 * 2 ** (self.crashes - 1)))


class NotStarted(Exception):
    """A child ended before everything was up; `name` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def supervise(
    children: Sequence[Child],
    stop: Stop,
    *,
    output: IO[bytes] | None = None,
    is_up: Callable[[], bool] = lambda: True,
    when_up: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _: None,
) -> None:
    """Keep the children running until a signal comes, then stop them and wait for the last.

    `when_up` is called once `is_up` has said yes; a child that ends before that raises NotStarted, later it is started
    again. `output` takes what the children write, if not our own.
    """
    up = False
    be_parent()
    with stop.patiently():
        try:
            while not stop.asked.is_set():
                _keep_running([child for child in children if up or not child.late], output, say, restart=up)
                if not up and is_up():
                    up = True
                    when_up()
                stop.asked.wait(POLL)
        finally:
            _stop_all(children, say)


def _keep_running(
    children: Sequence[Child], output: IO[bytes] | None, say: Callable[[str], None], *, restart: bool
) -> None:
    now = time.monotonic()
    for child in children:
        if child.process is None:
            if now >= child.due_at:
                child.start(output)
        elif (code := child.process.poll()) is not None:
            if not restart:
                raise NotStarted(child.name)
            # What it started itself leaves by itself, see `events.core.parent`; a signal more would cut off its work.
            wait = child.wait_before_restart(now)
            say(f"{child.name} ended unexpectedly (code {code}); starting it again in {wait:g} s.")
            child.process, child.due_at = None, now + wait


def _stop_all(children: Sequence[Child], say: Callable[[str], None]) -> None:
    running = [child for child in children if child.runs]
    for child in running:
        if child.process is not None:
            child.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    for child in running:
        if child.process is None:
            continue
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"{child.name} did not stop within {PATIENCE:.0f} s and is killed.")
            os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
