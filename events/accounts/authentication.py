"""Who makes a request: the session cookie of staff, a program's bearer token, or the cookie of a paired device."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from events.accounts.devices import queries as devices
from events.accounts.lasting import SESSION_LONGEST, session_end
from events.accounts.queries import with_meetings
from events.core import clock, database, secrets
from events.core.actor import ANONYMOUS, Actor, ActorKind, Grant
from events.core.errors import Unauthenticated
from events.core.http import cookie, header
from events.core.settings import get_settings

_SESSION_ACTOR = """
SELECT staff.id, staff.name, staff.email, session.id AS session_id, session.created_at, session.seen_at,
       array_agg(g.role) FILTER (WHERE g.id IS NOT NULL) AS roles,
       array_agg(g.resource_kind) FILTER (WHERE g.id IS NOT NULL) AS kinds,
       array_agg(g.resource_id) FILTER (WHERE g.id IS NOT NULL) AS ids,
       array_agg(g.until) FILTER (WHERE g.id IS NOT NULL) AS untils
FROM session
JOIN staff ON staff.id = session.staff AND staff.active
LEFT JOIN staff_grant AS g ON g.staff = staff.id
WHERE session.token_hash = $1 AND session.revoked_at IS NULL AND session.expires_at > $2
GROUP BY staff.id, session.id
"""

SEEN_EVERY = timedelta(minutes=10)
"""How exactly is known when a session or token was last used: a write for each request would cost more than it says."""


DOORS = ("/door", "/kiosk", "/api/v1/checkin/")
"""Where the cookie of a paired device counts."""

TOKEN_KEPT = timedelta(seconds=1)
"""How long the actor of a token or device is kept in memory, so how much longer a revoked one may work."""

MOST_TOKENS_KEPT = 1000
_token_actors: dict[bytes, tuple[datetime, Actor]] = {}


def session_cookie_name() -> str:
    """Return the cookie's name; over https browsers bind it to this very host."""
    return "__Host-sixnet" if get_settings().secure_cookies else "sixnet"


class Authentication(ASGIMiddleware):
    """Puts the Actor into the scope as `user`; a bad token is refused, a bad cookie is nobody."""

    scopes = (ScopeType.HTTP,)

    @staticmethod
    def should_bypass_for_scope(scope: Scope) -> bool:
        """Files are the same for everyone."""
        return scope["path"].startswith("/assets/")

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        scope["user"] = await find_actor(scope)
        await next_app(scope, receive, send)


async def find_actor(scope: Scope) -> Actor:
    """Return the actor of a request; raises Unauthenticated for a bearer token that is not known."""
    kind, _space, token = header(scope, b"authorization").partition(" ")
    if kind.lower() == "bearer":
        return await _token_actor(token)
    return await _session_actor(session_token(scope)) or await _device_actor(scope) or ANONYMOUS


async def _session_actor(token: str) -> Actor | None:
    now = clock.now()
    row = await database.fetchrow(_SESSION_ACTOR, secrets.digest(token), now) if token else None
    if row is None:
        return None
    if row["seen_at"] < now - SEEN_EVERY:
        await _prolong(row["session_id"], row["created_at"], now)
    grants = zip(row["roles"] or (), row["kinds"] or (), row["ids"] or (), row["untils"] or (), strict=True)
    held = await with_meetings(Grant(*grant) for grant in grants)
    return Actor(ActorKind.STAFF, row["id"], row["name"] or row["email"], held)


def session_token(scope: Scope) -> str:
    """Return the session token that the browser sent, or ""; whether it is known is another question."""
    return cookie(scope, session_cookie_name())


def session_cookie(token: str) -> Cookie:
    """Return the cookie of a session: for this host alone, out of reach of scripts and of other sites' forms."""
    return Cookie(
        key=session_cookie_name(),
        value=token,
        path="/",
        max_age=int(SESSION_LONGEST.total_seconds()) if token else 0,
        httponly=True,
        samesite="lax",
        secure=get_settings().secure_cookies,
    )


def device_token(scope: Scope) -> str:
    """Return the device token that the browser sent, or ""."""
    return cookie(scope, device_cookie_name())


def device_cookie_name() -> str:
    """Return the name of the cookie of a paired device."""
    return f"{session_cookie_name()}-door"


def device_cookie(token: str, *, lasts: timedelta) -> Cookie:
    """Return the cookie of a paired device, as safe as that of a session."""
    return replace(session_cookie(token), key=device_cookie_name(), max_age=int(lasts.total_seconds()))


async def _prolong(session_id: UUID, created_at: datetime, now: datetime) -> None:
    await database.execute(
        "UPDATE session SET seen_at = $2, expires_at = GREATEST(expires_at, $3) WHERE id = $1",
        session_id,
        now,
        session_end(created_at, now),
    )


async def _token_actor(token: str) -> Actor:
    digest = secrets.digest(token)
    return await _kept(digest, partial(_read_token, digest))


async def _device_actor(scope: Scope) -> Actor | None:
    """Return the paired device of a request to a door; its cookie opens nothing else."""
    token = device_token(scope) if scope["path"].startswith(DOORS) else ""
    if not token:
        return None
    actor = await _kept(secrets.digest(token), partial(_read_device, token))
    return None if actor is ANONYMOUS else actor


async def _read_device(token: str, now: datetime) -> Actor:
    return await devices.live(token, now) or ANONYMOUS


async def _kept(digest: bytes, read: Callable[[datetime], Awaitable[Actor]]) -> Actor:
    now = clock.now()
    kept = _token_actors.get(digest)
    if kept is None or not kept[0] <= now < kept[0] + TOKEN_KEPT:
        kept = _token_actors[digest] = (now, await read(now))
        while len(_token_actors) > MOST_TOKENS_KEPT:
            del _token_actors[next(iter(_token_actors))]
    return kept[1]


async def _read_token(digest: bytes, now: datetime) -> Actor:
    row = await database.fetchrow(
        "SELECT id, name, scope, event_id, used_at FROM api_token WHERE token_hash = $1 AND revoked_at IS NULL", digest
    )
    if row is None:
        raise Unauthenticated
    if row["used_at"] is None or row["used_at"] < now - SEEN_EVERY:
        await database.execute("UPDATE api_token SET used_at = $2 WHERE id = $1", row["id"], now)
    event = row["event_id"]
    grant = Grant(row["scope"], "event" if event else "all", str(event or ""))
    return Actor(ActorKind.TOKEN, row["id"], row["name"], (grant,))
