"""Every registered route against the one table of roles and actions."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import HTTPRouteHandler

from events.accounts.guards import Requires
from events.accounts.navigation import ENTRIES
from events.accounts.rules import PERMISSIONS, SCOPES, Action
from events.accounts.tables import Role, Scope
from events.core import clock
from events.core.actor import ANONYMOUS, Actor, ActorKind, Grant
from events.core.errors import NotFound, Unauthenticated
from tests import factories
from tests.conftest import browser
from tests.factories import NOW, make_staff
from tests.routes import handlers

PLACES = tuple(
    Grant("", kind, where)
    for kind, where in (("all", ""), ("region", "06"), ("event", str(uuid4())), ("group", str(uuid4())))
)


def required(handler: HTTPRouteHandler) -> list[Action]:
    return [guard.action for guard in handler.resolve_guards() if isinstance(guard, Requires)]


def is_public(handler: HTTPRouteHandler) -> bool:
    return bool(handler.opt.get("public"))


async def lets_in(handler: HTTPRouteHandler, actor: Actor) -> bool:
    connection = ASGIConnection({"type": "http", "user": actor})
    try:
        for guard in handler.resolve_guards():
            await guard(connection, handler)
    except (NotFound, Unauthenticated):
        return False
    return True


def staff_with(grant: Grant) -> Actor:
    return Actor(ActorKind.STAFF, uuid4(), "Test", (grant,))


def test_every_route_is_guarded_or_says_that_it_is_public(app: Litestar) -> None:
    walked = list(handlers(app))
    assert len(walked) > 30
    uncovered = [(method, path) for method, path, handler in walked if not required(handler) and not is_public(handler)]
    assert uncovered == []


def test_no_public_route_has_a_guard_that_would_never_be_asked_for(app: Litestar) -> None:
    assert [path for _, path, handler in handlers(app) if required(handler) and is_public(handler)] == []


def test_what_lies_under_staff_and_door_is_guarded_but_for_signing_in(app: Litestar) -> None:
    inside = [(path, handler) for _, path, handler in handlers(app) if path.startswith(("/staff", "/door"))]
    public = {path for path, handler in inside if is_public(handler)}
    assert public == {
        "/staff/sign-in",
        "/staff/sign-in/link",
        "/staff/sign-in/x",
        "/staff/invitation/x",
        "/staff/sign-out",
        "/door/pair/x",
        "/door/worker.js",
        "/door/manifest.webmanifest",
    }


@pytest.mark.parametrize("role", Role)
async def test_each_route_lets_in_the_roles_of_the_table_and_nobody_else(app: Litestar, role: Role) -> None:
    for _, path, handler in handlers(app):
        for action in required(handler):
            for place in PLACES:
                actor = staff_with(replace(place, role=role.value))
                assert await lets_in(handler, actor) == (action in PERMISSIONS[role]), (path, place.kind)


@pytest.mark.parametrize("scope", Scope)
async def test_each_route_of_the_api_lets_in_the_scopes_of_the_table_and_no_page_any(
    app: Litestar, scope: Scope
) -> None:
    token = Actor(ActorKind.TOKEN, uuid4(), "Test", (Grant(scope.value),))
    for _, path, handler in handlers(app):
        for action in required(handler):
            assert await lets_in(handler, token) == (path.startswith("/api/") and action in SCOPES[scope]), path


async def test_no_route_lets_in_a_right_that_has_run_out(app: Litestar) -> None:
    actor = staff_with(Grant(Role.ADMIN.value, until=NOW))
    with clock.at(NOW - timedelta(seconds=1)):
        assert all([await lets_in(handler, actor) for _, _, handler in handlers(app)])
    with clock.at(NOW):
        assert not any([await lets_in(handler, actor) for _, _, handler in handlers(app) if required(handler)])


async def test_a_stranger_is_told_to_sign_in_by_every_guarded_route(client: httpx.AsyncClient, app: Litestar) -> None:
    for method, path, handler in handlers(app):
        if required(handler):
            assert not await lets_in(handler, ANONYMOUS)
            assert (await client.request(method, path)).status_code == 401, path


@pytest.mark.parametrize("role", [Role.DOOR, Role.VIEWER, Role.CHAIR, Role.ORGANISER, Role.COORDINATOR])
async def test_a_route_that_is_not_for_a_role_answers_as_if_it_were_not_there(
    client: httpx.AsyncClient, app: Litestar, role: Role
) -> None:
    await factories.sign_in(client, await make_staff(role.value))
    for method, path, handler in handlers(app):
        if any(action not in PERMISSIONS[role] for action in required(handler)):
            assert (await client.request(method, path)).status_code == 404, path


@pytest.mark.parametrize("role", Role)
async def test_the_navigation_leads_only_where_the_role_may_go(app: Litestar, db: object, role: Role) -> None:
    pages = {path.rstrip("/"): handler for method, path, handler in handlers(app) if method == "GET"}
    async with browser(app) as client:
        await factories.sign_in(client, await make_staff(role.value))
        shown = (await client.get("/staff/")).text
        for path, action in ENTRIES:
            assert (f'<a href="{path}"' in shown.split("<main")[0].split("side-nav")[1]) == (
                action in PERMISSIONS[role]
            )
            handler = pages.get(path.rstrip("/"))
            if handler and action in PERMISSIONS[role]:
                assert await lets_in(handler, staff_with(Grant(role.value))), path
