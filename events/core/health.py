"""Whether the process lives, and whether it can serve."""

from litestar import Response, get

from events.core import database
from events.core.errors import Unavailable

_PUBLIC = {"public": True}


@get("/livez", opt=_PUBLIC, include_in_schema=False)
async def livez() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/readyz", opt=_PUBLIC, include_in_schema=False)
async def readyz() -> Response[dict[str, str]]:
    """The database answers too."""
    try:
        await database.fetchval("SELECT 1")
    except (Unavailable, OSError):
        return Response({"status": "no database"}, status_code=503)
    return Response({"status": "ok"})


ROUTES = [livez, readyz]
