"""What the network shows to everyone."""

from datetime import timedelta
from typing import Annotated

from litestar import Response, get
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC
from events.core import clock
from events.core.errors import NotFound
from events.core.limits import limit, network_of
from events.core.text import clean_line, slugify
from events.core.web import AnyRequest
from events.network import organisations, queries
from events.network.organisations import Suggestion

YEAR = 365 * 24 * 3600
SUGGESTIONS_A_MINUTE = 60


@get("/projects/{code:str}/emblem", opt=PUBLIC, include_in_schema=False)
async def emblem(code: FromPath[str]) -> Response[bytes]:
    """The emblem of a project, named by its code as a slug; pages add its hash, so browsers may keep it."""
    project = next((known for known in await queries.projects() if slugify(known.code) == code), None)
    found = await queries.emblem(project.code) if project else None
    if found is None:
        raise NotFound
    content, media_type = found
    return Response(content, media_type=media_type, headers={"cache-control": f"public, max-age={YEAR}, immutable"})


@get("/organisations/suggest", opt=PUBLIC, include_in_schema=False)
async def suggest_organisations(
    request: AnyRequest, *, words: Annotated[str, QueryParameter(name="q")] = ""
) -> Response[dict[str, list[Suggestion]]]:
    """Organisations whose name, alias or e-mail domain begins so, for the form where people register."""
    host = request.client.host if request.client else ""
    await limit("suggest", network_of(host), uses=SUGGESTIONS_A_MINUTE, window=timedelta(minutes=1), now=clock.now())
    return Response({"items": await organisations.suggest(clean_line(words)[:100])}, media_type="application/json")


ROUTES: list[ControllerRouterHandler] = [emblem, suggest_organisations]
