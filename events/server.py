"""The web process: Granian with our application; started by the supervisor as `python -m events.server`."""

import argparse
import gc
import os
import signal
from contextlib import suppress
from typing import Any

from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from granian.server import Server
from granian.utils.proxies import wrap_asgi_with_proxy_headers

from events.core.parent import be_parent, leave_with_parent
from events.core.settings import get_settings

KILL_AFTER = 10
"""Seconds that requests have to finish when the service stops; a request that hangs would hold up the exit."""

_CONSOLE = {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "generic"}
_LOGGING: dict[str, Any] = {"handlers": {"console": _CONSOLE, "access": _CONSOLE}}


def load() -> Any:
    """Make the application in a worker process."""
    # Here, not above: Granian's main process has no use for it, and each of its workers loads it once.
    from events.app import create_app  # noqa: PLC0415

    leave_with_parent()
    app = create_app()
    # What was made until here stays: the collector would walk all of it again and again, and a door would wait.
    gc.collect()
    gc.freeze()
    return trusting(app, get_settings().trusted_proxies)


def trusting(app: Any, proxies: str) -> Any:
    """Let forwarded addresses count, but only from the proxies that are named, with commas between them."""
    trusted = [host.strip() for host in proxies.split(",") if host.strip()]
    return wrap_asgi_with_proxy_headers(app, trusted) if trusted else app


class StreamingServer(Server):  # type: ignore[misc,valid-type]  # chosen at run time, as the interpreter has threads
    """Granian that ends streams before it stops: it waits for requests under way, and those would never end."""

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        """Pass SIGUSR1 on to the workers (`events.core.live` listens), then stop."""
        for worker in self.wrks:
            with suppress(ProcessLookupError):
                os.kill(worker._id(), signal.SIGUSR1)  # noqa: SLF001 - Granian has no public name for it
        super().signal_handler_interrupt(*args, **kwargs)


def serve(host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM; a worker that dies is started again."""
    leave_with_parent()
    be_parent()
    # Inherited by the workers: until one listens, the signal must not kill it.
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    server = StreamingServer(
        "events.app",
        address=host,
        port=port,
        workers=workers,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=_LOGGING,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_AFTER,
    )
    server.serve(target_loader=load, wrap_loader=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    given = parser.parse_args()
    serve(given.host, given.port, given.workers)
