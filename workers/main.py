"""The worker process: Dramatiq over our actors; started by the supervisor as `python -m workers.main`."""

import argparse
import importlib
import signal
import sys
from types import FrameType, ModuleType

import dramatiq
from dramatiq import Actor
from dramatiq.cli import main as run_dramatiq
from dramatiq.cli import make_argument_parser

from events.core import logs
from events.core.broker import default_middleware, make_broker
from events.core.parent import be_parent, leave_with_parent
from events.core.settings import get_settings
from workers.middleware import CrashGuard, Database

ACTOR_MODULES = ("documents", "expiry", "incoming", "lookup", "mail", "reminders", "surveys", "waitlist", "webhooks")
"""The modules of `workers` that hold actors; a test proves that every job has one."""

SHUTDOWN_TIMEOUT = 240_000
"""Milliseconds for the jobs in hand to finish at a stop; less than the supervisor's patience."""

BOOT_TIMEOUT = 1000
"""Milliseconds in which Dramatiq's main process waits for its workers to be up and does not see that one has ended."""


def actor_modules() -> list[ModuleType]:
    """Import the modules that hold actors; the broker must be set before, for an actor belongs to one for ever."""
    return [importlib.import_module(f"workers.{name}") for name in ACTOR_MODULES]


def actors() -> dict[str, Actor[..., object]]:
    """Return every actor by the name of its job."""
    found = [value for module in actor_modules() for value in vars(module).values() if isinstance(value, Actor)]
    return {actor.actor_name: actor for actor in found}


def set_up() -> None:
    """Make this process's broker with its actors; Dramatiq calls it in every worker process, after the fork."""
    leave_with_parent()
    _stop_once()
    # Dramatiq puts a pipe to its main process here, which blocks for ever once that is killed.
    sys.stderr = sys.__stderr__
    logs.configure()
    settings = get_settings()
    asyncio, *others = default_middleware()
    dramatiq.set_broker(make_broker(settings, middleware=[asyncio, Database(settings), CrashGuard(), *others]))
    actor_modules()


def _stop_once() -> None:
    """Hear one SIGTERM only: a service manager may signal every process, and Dramatiq drops its jobs at the second."""
    stop = signal.getsignal(signal.SIGTERM)
    heard = False

    def hear(number: int, frame: FrameType | None) -> None:
        nonlocal heard
        if not heard and callable(stop):
            heard = True
            stop(number, frame)

    if callable(stop):
        signal.signal(signal.SIGTERM, hear)


def run(processes: int, threads: int) -> int:
    """Work until SIGTERM, then finish the jobs in hand; returns the exit code."""
    parser = make_argument_parser()  # type: ignore[no-untyped-call]
    arguments = parser.parse_args(
        [
            *("--path", "--skip-logging"),  # no folder goes onto the import path
            *("--processes", str(processes), "--threads", str(threads)),
            *("--worker-fork-timeout", str(BOOT_TIMEOUT)),
            *("--worker-shutdown-timeout", str(SHUTDOWN_TIMEOUT)),
            "workers.main:set_up",
        ]
    )
    leave_with_parent()
    be_parent()
    return int(run_dramatiq(arguments) or 0)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--processes", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    given = parser.parse_args()
    sys.exit(run(given.processes, given.threads))
