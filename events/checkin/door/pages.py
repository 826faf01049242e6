"""The door as an app: what a browser needs to install it and to open it without a network."""

import asyncio
from typing import Any

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC
from events.core.assets import asset_path, asset_url
from events.core.i18n import gettext as _
from events.core.i18n import language


@get("/door/worker.js", opt=PUBLIC, include_in_schema=False, media_type="text/javascript")
async def door_worker() -> Response[bytes]:
    """The service worker of doors; the header lets it also answer for `/door` itself, above its own folder."""
    code = await asyncio.to_thread(asset_path("door-worker.js").read_bytes)
    return Response(code, headers={"cache-control": "no-cache", "service-worker-allowed": "/door"})


@get("/door/manifest.webmanifest", opt=PUBLIC, include_in_schema=False)
async def manifest() -> Response[dict[str, Any]]:
    """How the door looks among a phone's apps (W3C Web Application Manifest)."""
    icons = [
        {"src": asset_url("icon.svg"), "sizes": "any", "type": "image/svg+xml"},
        {"src": asset_url("icon-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": asset_url("icon-512.png"), "sizes": "512x512", "type": "image/png"},
    ]
    described = {
        "name": _("SIXNET door"),
        "short_name": _("Door"),
        "lang": language(),
        "start_url": "/door",
        "scope": "/door",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#003479",
        "icons": icons,
    }
    return Response(described, media_type="application/manifest+json", headers={"cache-control": "no-cache"})


ROUTES: list[ControllerRouterHandler] = [door_worker, manifest]
