"""What stands before a route: `guards=[Requires(Action.X)]`, or `opt=PUBLIC` for routes that everyone may call."""

from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from events.accounts.authentication import device_cookie, device_token
from events.accounts.devices import queries as devices
from events.accounts.rules import Action, may_somewhere
from events.core import clock
from events.core.actor import ANONYMOUS, Actor, ActorKind
from events.core.errors import NotFound, Unauthenticated

__all__ = ["PUBLIC", "Requires", "actor_of", "device_cookie", "device_of", "device_token"]

PUBLIC = {"public": True}
"""The opt of a route without a guard; a test refuses routes that have neither."""


def actor_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Actor:
    """Return who makes the request."""
    actor: Actor = connection.scope.get("user") or ANONYMOUS
    return actor


async def device_of(connection: ASGIConnection[Any, Any, Any, Any]) -> UUID | None:
    """Return the paired device that makes the request, also for someone signed in, also one that holds no more."""
    return await devices.known(device_token(connection.scope))


class Requires:
    """A guard: the actor may do the action to something; whether to this very thing, the use case asks.

    Programs are for the API: no token opens a page.
    """

    def __init__(self, action: Action) -> None:
        self.action = action

    # A coroutine although it awaits nothing: Litestar would run a plain function in a thread for every request.
    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """Raise Unauthenticated for strangers and NotFound for those without the right."""
        actor = actor_of(connection)
        if actor.kind is ActorKind.ANONYMOUS:
            raise Unauthenticated
        # A page shows more than the scope of a token names: whoever may change a registration by one sees all of it.
        if actor.kind is ActorKind.TOKEN and not all(path.startswith("/api/") for path in handler.paths):
            raise NotFound
        if not may_somewhere(actor, self.action, now=clock.now()):
            raise NotFound
