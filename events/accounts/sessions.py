"""Sessions: a random token in the cookie, its hash in a row; ids come from here alone, never from a browser."""

from datetime import datetime
from uuid import UUID, uuid4

from events.accounts import audit
from events.accounts.lasting import session_end
from events.core import database, secrets
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import NotFound

_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


async def open_session(staff_id: UUID, *, device: str, replaces: str, now: datetime) -> str:
    """Make a session with a new token and return the token; the one that the browser came with (`replaces`) ends."""
    token = secrets.new_secret()
    await end_by_token(replaces, now=now)
    await database.execute(
        "INSERT INTO session (id, staff, token_hash, device, created_at, seen_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $5, $6)",
        uuid4(),
        staff_id,
        secrets.digest(token),
        device,
        now,
        session_end(now, now),
    )
    return token


async def end_by_token(token: str, *, now: datetime) -> UUID | None:
    """End the session of a cookie's token; returns whose it was."""
    if not token:
        return None
    ended: UUID | None = await database.fetchval(
        "UPDATE session SET revoked_at = $2 WHERE token_hash = $1 AND revoked_at IS NULL RETURNING staff",
        secrets.digest(token),
        now,
    )
    return ended


async def revoke(session_id: UUID, *, actor: Actor, now: datetime) -> None:
    """End one of the actor's own sessions; raises NotFound for anybody else's."""
    async with transaction():
        ended = await database.execute(
            "UPDATE session SET revoked_at = $3 WHERE id = $1 AND staff = $2 AND revoked_at IS NULL",
            session_id,
            actor.id,
            now,
        )
        if not ended:
            raise NotFound
        await audit.record(actor, "session.revoked", "session", session_id, now)


async def revoke_others(token: str, *, actor: Actor, now: datetime) -> int:
    """End all sessions of the actor but the one of `token`; returns how many ended."""
    async with transaction():
        ended = await end_all(actor.id, but=token, now=now)
        await audit.record(actor, "session.others_revoked", "staff", actor.id or "", now, ended=ended)
    return ended


async def end_all(staff_id: UUID | None, *, now: datetime, but: str = "") -> int:
    """End every session of someone, except the one of the token `but`; returns how many ended."""
    return await database.execute(
        "UPDATE session SET revoked_at = $3 WHERE staff = $1 AND token_hash <> $2 AND revoked_at IS NULL",
        staff_id,
        secrets.digest(but),
        now,
    )


def device_of(user_agent: str) -> str:
    """Return browser and system in words one recognises, "Firefox, Linux"; nothing of what else a browser says."""
    found = [next((name for sign, name in signs if sign in user_agent), "") for signs in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in found if name)
