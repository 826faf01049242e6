"""Endpoints that are told of what happens here, and what each was sent."""

import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.actor import Actor
from events.core.errors import NotFound
from events.core.forms import read_form
from events.core.web import AnyRequest, page, page_number, see_other
from events.messaging.webhooks import rules
from events.outreach.webhooks import actions, queries
from events.outreach.webhooks.forms import EndpointForm
from events.outreach.webhooks.words import HAPPENINGS, badge, trouble

WEBHOOKS = "/staff/webhooks"
_GUARDS = [Requires(Action.MANAGE_WEBHOOKS)]
_ONE = f"{WEBHOOKS}/{{identity:uuid}}"

_DEEDS: dict[str, Callable[..., Awaitable[None]]] = {
    "off": actions.switch_off,
    "on": actions.switch_on,
    "test": actions.test,
}
"""What the buttons of an endpoint's page do."""


@get(WEBHOOKS, guards=_GUARDS, include_in_schema=False)
async def endpoints_page(request: AnyRequest) -> Template:
    """All endpoints, and the form for a new one."""
    return await _list(request, EndpointForm())


@post(WEBHOOKS, guards=_GUARDS, include_in_schema=False)
async def add_page(request: AnyRequest) -> Template:
    """Add an endpoint and show its secret, this once."""
    form = EndpointForm(await read_form(request))
    if not form.validate():
        return await _list(request, form, form.status)
    identity, secret = await actions.add(
        form.url.data, form.description.data, form.wanted, actor=actor_of(request), now=clock.now()
    )
    return await _secret(request, identity, secret)


@get(_ONE, guards=_GUARDS, include_in_schema=False)
async def endpoint_page(request: AnyRequest, identity: FromPath[UUID]) -> Template:
    """One endpoint with its log, in pages."""
    endpoint = await queries.endpoint(identity)
    kinds = [kind.value for kind in endpoint.kinds]
    form = EndpointForm(data={"url": endpoint.url, "description": endpoint.description, "kinds": kinds})
    return await _one(request, identity, form)


@post(_ONE, guards=_GUARDS, include_in_schema=False)
async def change_page(request: AnyRequest, identity: FromPath[UUID]) -> Template | Redirect:
    """Change an endpoint."""
    form = EndpointForm(await read_form(request))
    if not form.validate():
        return await _one(request, identity, form, form.status)
    await actions.change(
        identity, form.url.data, form.description.data, form.wanted, actor=actor_of(request), now=clock.now()
    )
    return see_other(f"{WEBHOOKS}/{identity}?saved=changed")


@post(f"{_ONE}/secret", guards=_GUARDS, include_in_schema=False)
async def rotate_page(request: AnyRequest, identity: FromPath[UUID]) -> Template:
    """Give an endpoint a new secret and show it; or show again what the page itself sent along, in another language."""
    endpoint = await queries.endpoint(identity)
    if shown := (await read_form(request)).text("secret"):
        if not hmac.compare_digest(shown.encode(), rules.secret(identity, endpoint.generation).encode()):
            raise NotFound
        return await _secret(request, identity, shown)
    return await _secret(request, identity, await actions.rotate(identity, actor=actor_of(request), now=clock.now()))


@post(f"{_ONE}/{{deed:str}}", guards=_GUARDS, include_in_schema=False)
async def deed_page(request: AnyRequest, identity: FromPath[UUID], deed: FromPath[str]) -> Redirect:
    """Switch an endpoint off or on, or send it a test."""
    if deed not in _DEEDS:
        raise NotFound
    return await _done(request, identity, deed, partial(_DEEDS[deed], identity))


@post(f"{_ONE}/{{delivery:uuid}}/again", guards=_GUARDS, include_in_schema=False)
async def again_page(request: AnyRequest, identity: FromPath[UUID], delivery: FromPath[UUID]) -> Redirect:
    """Send a delivery once more."""
    return await _done(request, identity, "again", partial(actions.send_again, identity, delivery))


async def _done(request: AnyRequest, identity: UUID, saved: str, act: Callable[..., Awaitable[None]]) -> Redirect:
    await queries.endpoint(identity)
    actor: Actor = actor_of(request)
    now: datetime = clock.now()
    await act(actor=actor, now=now)
    return see_other(f"{WEBHOOKS}/{identity}?saved={saved}")


async def _list(request: AnyRequest, form: EndpointForm, status: int = 200) -> Template:
    endpoints = await queries.endpoints()
    return page(request, "outreach/webhooks.html", status=status, form=form, endpoints=endpoints, names=HAPPENINGS)


async def _one(request: AnyRequest, identity: UUID, form: EndpointForm, status: int = 200) -> Template:
    number = page_number(request)
    log = await queries.log(identity, page=number)
    return page(
        request,
        "outreach/webhook.html",
        status=status,
        endpoint=await queries.endpoint(identity),
        form=form,
        deliveries=log.items,
        total=log.total,
        number=number,
        pages=-(-log.total // queries.PAGE_SIZE),
        base=f"{WEBHOOKS}/{identity}?page=",
        names=HAPPENINGS,
        badge=badge,
        trouble=trouble,
        saved=request.query_params.get("saved", ""),
    )


async def _secret(request: AnyRequest, identity: UUID, secret: str) -> Template:
    endpoint = await queries.endpoint(identity)
    path = f"{WEBHOOKS}/{identity}"
    return page(request, "outreach/webhook_secret.html", endpoint=endpoint, secret=secret, path=path)


ROUTES: list[ControllerRouterHandler] = [
    endpoints_page,
    add_page,
    endpoint_page,
    change_page,
    rotate_page,
    deed_page,
    again_page,
]
