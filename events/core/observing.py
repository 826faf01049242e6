"""What is remembered of every request: one line in the log and its place in the metrics."""

import sys
import time
from functools import lru_cache

import msgspec
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Counter, Histogram

from events.core import clock
from events.core.errors import ServiceError

_REQUESTS = Counter("sixnet_requests", "Requests answered", ["method", "path", "status_code"])
_SECONDS = Histogram("sixnet_request_duration_seconds", "Time until an answer was sent", ["method", "path"])

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Observing(ASGIMiddleware):
    """Logs and counts requests under the route's template, never the path, which may hold a secret."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        begun = time.perf_counter()
        status = 500

        async def remember(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await next_app(scope, receive, remember)
        except ServiceError as error:  # of a middleware: it is answered further out, past `remember`
            status = error.status
            raise
        finally:
            _note(str(scope.get("method")), scope.get("path_template", ""), status, time.perf_counter() - begun)


def _note(method: str, route: str, status: int, seconds: float) -> None:
    requests, durations = _series(method if method in _METHODS else "other", route, status)
    requests.inc()
    durations.observe(seconds)
    line = {
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "event": "request",
        "level": "info",
        "timestamp": clock.now(),
    }
    # Not by structlog: at a door's pace its processors would be a tenth of the work.
    sys.stderr.write(msgspec.json.encode(line).decode() + "\n")
    sys.stderr.flush()


@lru_cache(maxsize=4096)
def _series(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """Return what counts a sort of answer; looking it up by its labels costs more than the counting."""
    return _REQUESTS.labels(method, route, str(status)), _SECONDS.labels(method, route)
