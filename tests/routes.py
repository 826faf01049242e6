"""The registered routes, for tests that walk all of them."""

import re
from collections.abc import Iterator

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

SAMPLES = {"uuid": "00000000-0000-4000-8000-000000000000", "int": "1"}


def handlers(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Every (method, path with sample values, handler), without the OPTIONS that Litestar adds."""
    for route in app.routes:
        path = re.sub(r"\{\w+:(\w+)\}", lambda found: SAMPLES.get(found[1], "x"), route.path)
        for handler in route.route_handlers:
            for method in sorted(handler.http_methods - {"OPTIONS"}):
                yield method, path, handler
