"""The programme as one's own: the materials that the private link opens."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import get
from litestar.params import FromPath
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC
from events.core import clock
from events.core.errors import NotFound
from events.core.web import attachment
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration import queries
from events.registration.private_link import own_by
from events.registration.queries import RegistrationView


@get("/r/{token:str}/materials/{material_id:uuid}", opt=PUBLIC, include_in_schema=False)
async def open_material(token: FromPath[str], material_id: FromPath[UUID]) -> Stream:
    """A file that one may open as someone with a place, or as someone who attended."""
    registration = await own_by(token)
    known = await programme.material(registration.event, material_id)
    if known is None or not known.stored or not known.may_open(await queries.circle(registration), clock.now()):
        raise NotFound
    return await attachment(known.stored, known.filename, known.media_type)


async def own_programme(event: EventView, registration: RegistrationView, now: datetime) -> dict[str, Any]:
    """Return what the page of one's registration says of the programme."""
    return {"materials": await programme.materials_for(event.id, await queries.circle(registration), now)}


ROUTES: list[ControllerRouterHandler] = [open_material]
