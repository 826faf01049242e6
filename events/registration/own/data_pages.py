"""What is held about oneself, behind the private link: to read on a page, and to take along."""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import PUBLIC
from events.core.web import AnyRequest, page
from events.network import queries as network
from events.registration import queries
from events.registration.own import data as own_data
from events.registration.own import in_words
from events.registration.own.hearing_again import can_be_lifted
from events.registration.own.link import event_of, own_by
from events.registration.questions import queries as questions


@get("/r/{token:str}/data", opt=PUBLIC, include_in_schema=False)
async def read(request: AnyRequest, token: FromPath[str]) -> Template:
    """The same as the file, as a page that one can read (GDPR, article 15)."""
    registration = await own_by(request, token)
    held = await own_data.everything(registration.id, by_mail=registration.by_mail)
    names = in_words.Places(
        {town.code: town.name for town in await network.municipalities()},
        {region.code: region.name for region in await network.regions()},
    )
    shown = [in_words.registration(each, await _questions(UUID(each["id"])), names) for each in held["registrations"]]
    return page(
        request,
        "registration/data.html",
        token=token,
        registration=registration,
        event=await event_of(registration.event),
        person=in_words.person(held["person"]),
        registrations=shown,
        beside=in_words.beside(held),
        may_ask=registration.by_mail and can_be_lifted(held["mail"]),
        asked=request.query_params.get("saved") == "asked",
    )


@get("/r/{token:str}/data.json", opt=PUBLIC, include_in_schema=False)
async def take_along(request: AnyRequest, token: FromPath[str]) -> Response[dict[str, Any]]:
    """Everything that is held about the person of this link (GDPR, articles 15 and 20), or about the registration."""
    registration = await own_by(request, token)
    return Response(
        await own_data.everything(registration.id, by_mail=registration.by_mail),
        headers={"content-disposition": 'attachment; filename="sixnet.json"'},
        media_type="application/json",
    )


async def _questions(registration_id: UUID) -> list[Any]:
    registration = await queries.by_id(registration_id)
    return list(await questions.of_event(registration.event)) if registration else []


ROUTES: list[ControllerRouterHandler] = [read, take_along]
