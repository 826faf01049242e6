"""The API's description at /api/v1/openapi.json."""

from collections.abc import Mapping
from typing import Any

from litestar import Router, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import PathItem

from events.core.web import AnyRequest

_PUBLIC = {"public": True}


def config(webhooks: Mapping[str, PathItem]) -> OpenAPIConfig:
    """Return what the description says beside the routes: what other systems are sent, by its kind."""
    return OpenAPIConfig(
        title="SIXNET",
        version="1",
        create_examples=False,
        render_plugins=[JsonRenderPlugin()],  # the others are pages that load their scripts from other hosts
        # Litestar's own routes answer every path below theirs, so they get a folder of their own
        openapi_router=Router("/api/v1/openapi", route_handlers=[], include_in_schema=False, opt=_PUBLIC),
        webhooks={**webhooks},
    )


@get("/api/v1/openapi.json", opt=_PUBLIC, include_in_schema=False, media_type="application/json")
async def openapi_json(request: AnyRequest) -> dict[str, Any]:
    """Every route of the API with its shapes."""
    return request.app.openapi_schema.to_schema()


ROUTES = [openapi_json]
