"""What the tests of the door share: tickets, readings, and a token that may check in."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from events.checkin.actions import Scanned
from events.core import database, secrets
from tests.factories import NOW, insert


def ticket(registration: UUID) -> str:
    """The secret in a registration's QR code."""
    return secrets.derive("ticket", registration)


async def slug_of(event: UUID) -> str:
    slug: str = await database.fetchval("SELECT slug FROM event WHERE id = $1", event)
    return slug


def scanned(secret: str, event: str, minute: float = 0, **values: Any) -> Scanned:
    """A reading some minutes after NOW."""
    nonce = values.pop("nonce", str(uuid4()))
    return Scanned(secret=secret, event=event, nonce=nonce, at=NOW + timedelta(minutes=minute), **values)


async def give_token(client: httpx.AsyncClient, *, scope: str = "checkin", event: UUID | None = None) -> UUID:
    """Let the client be a program with a token."""
    token = secrets.new_secret()
    identity = await insert("api_token", name="door", token_hash=secrets.digest(token), scope=scope, event_id=event)
    client.headers["authorization"] = f"Bearer {token}"
    return identity


async def redeem(client: httpx.AsyncClient, secret: str, event: str, **body: Any) -> httpx.Response:
    """Ask the API about one ticket."""
    defaults = {"nonce": str(uuid4()), "at": NOW.isoformat(), "door": "A", "type": "entry", "force": False}
    return await client.post("/api/v1/checkin/redeem", json={**defaults, "secret": secret, "event": event, **body})


async def attendance(registration: UUID) -> tuple[str, str, bool, datetime | None]:
    """(state, source, inside, first entry) of a registration; unknown when nothing is recorded."""
    row = await database.fetchrow(
        "SELECT state, source, inside, first_entry_at FROM attendance WHERE registration = $1", registration
    )
    return tuple(row) if row else ("unknown", "", False, None)


async def scans(registration: UUID | None = None) -> int:
    """How many readings are recorded, of a registration or of no known one."""
    count: int = await database.fetchval(
        "SELECT count(*) FROM scan WHERE registration IS NOT DISTINCT FROM $1", registration
    )
    return count
