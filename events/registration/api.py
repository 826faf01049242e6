"""Registering by program (design.md §6)."""

from typing import Annotated
from uuid import UUID

from litestar import post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, HeaderParameter, JSONBody
from litestar.types import ControllerRouterHandler
from msgspec import UNSET, Struct, UnsetType

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.actor import Actor
from events.core.errors import Conflict, Invalid, NotFound
from events.core.i18n import gettext as _
from events.core.idempotency import repeatable
from events.core.links import absolute
from events.core.web import AnyRequest
from events.programme import queries as programme
from events.registration.consents import consent_texts
from events.registration.entered import Entered, read
from events.registration.registering import register
from events.registration.tables import ConsentKind, State


class Wanted(Struct, frozen=True, kw_only=True):
    """Who wants to register: `name`, or given and family name; a municipality's code, or none with a country."""

    name: str = ""
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    organisation: str = ""
    business_id: str | None = None
    size: str | None = None
    municipality: str | None = None
    country: str | None = None
    site: UUID | None = None
    language: str = "fi"
    answers: dict[str, str] = {}
    consents: dict[ConsentKind, bool] = {}


class Made(Struct, frozen=True, kw_only=True):
    """A registration; `ticket` is the secret of the QR code, `position` the place in line of who waits."""

    id: UUID
    status: str
    ticket: str
    manage_url: str
    position: int | UnsetType = UNSET


class Problem(Struct, frozen=True, kw_only=True):
    """What was wrong (RFC 9457); `code` is stable, `errors` names fields."""

    type: str
    title: str
    status: int
    code: str
    errors: dict[str, list[str]] | UnsetType = UNSET


_CODES = "full (no waiting list), closed, already_registered, idempotency_key_reused"


@post(
    "/api/v1/events/{slug:str}/registrations",
    guards=[Requires(Action.EDIT_REGISTRATIONS)],
    responses={
        404: ResponseSpec(Problem, description="No such event"),
        409: ResponseSpec(Problem, description=f"Refused; the code is one of: {_CODES}"),
        422: ResponseSpec(Problem, description="Fields that do not hold; the code is invalid"),
    },
    tags=["registration"],
    summary="Register a person for an event",
)
async def register_by_program(
    request: AnyRequest,
    slug: FromPath[str],
    data: JSONBody[Wanted],
    idempotency_key: Annotated[str | None, HeaderParameter(name="Idempotency-Key", max_length=255)] = None,
) -> Made:
    """Register a person and have the confirmation sent. With `Idempotency-Key` a request may be repeated safely."""
    actor = actor_of(request)
    await _require_reach(actor, slug)
    new = read(_entered(data))
    mark = repeatable(f"registration:{actor.id}", idempotency_key, (slug, data))
    made = await register(slug, new, actor=actor, now=clock.now(), source="api", send_to_known=False, mark=mark)
    if made.already:
        raise Conflict(_("This person has a registration for the event already."), code="already_registered")
    return Made(
        id=made.id,
        status=made.state.value,
        ticket=made.ticket,
        manage_url=absolute(f"/r/{made.manage_token}"),
        position=made.position if made.state is State.WAITLISTED and made.position else UNSET,
    )


async def _require_reach(actor: Actor, slug: str) -> None:
    """Raise NotFound for an event that the actor's rights do not reach; who may everywhere costs no question."""
    now = clock.now()
    if may(actor, Action.EDIT_REGISTRATIONS, now=now):
        return
    event = await programme.by_slug(slug)
    if event is None or not may(actor, Action.EDIT_REGISTRATIONS, now=now, event_id=event.id, region=event.host_region):
        raise NotFound


def _entered(data: Wanted) -> Entered:
    if data.answers:
        raise Invalid({"answers": [_("The event does not ask this: %(name)s", name=next(iter(data.answers)))]})
    agreed = [kind for kind, given in data.consents.items() if given]
    texts = consent_texts(data.language)
    return Entered(
        name=data.name,
        given_name=data.given_name,
        family_name=data.family_name,
        email=data.email,
        organisation=data.organisation,
        business_id=data.business_id or "",
        size=data.size or "",
        municipality=data.municipality or "",
        country=data.country or "",
        language=data.language,
        site=data.site,
        consents={kind: texts[kind] for kind in agreed},
    )


ROUTES: list[ControllerRouterHandler] = [register_by_program]
