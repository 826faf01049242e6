"""Reads of devices."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from events.accounts.devices.rules import grants
from events.accounts.devices.tables import DeviceKind
from events.core import database, secrets
from events.core.actor import Actor, ActorKind


class DeviceView(Struct, frozen=True, kw_only=True):
    """A paired device; `paired_by` names who let it be one."""

    id: UUID
    name: str
    kind: DeviceKind
    events: list[UUID]
    own: bool
    paired_by: str
    paired_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class PairingView(Struct, frozen=True, kw_only=True):
    """A pairing code that still works."""

    name: str
    kind: DeviceKind
    events: list[UUID]
    until: datetime


_LIVE = "SELECT id, name, kind, events, expires_at FROM device WHERE token_hash = $1"


async def live(token: str, now: datetime) -> Actor | None:
    """Return the device of a cookie with its rights, None for one that is unknown, revoked or past its time."""
    row = await database.fetchrow(f"{_LIVE} AND revoked_at IS NULL AND expires_at > $2", secrets.digest(token), now)
    return _actor(row) if row else None


async def known(token: str) -> UUID | None:
    """Return the id of a cookie's device, also of one that holds no more."""
    row = await database.fetchrow(_LIVE, secrets.digest(token)) if token else None
    return UUID(str(row["id"])) if row else None


async def of_event(event: UUID) -> list[DeviceView]:
    """Return the devices of an event, those that hold first, the newest first."""
    rows = await database.fetch(
        "SELECT device.id, device.name, kind, events, device.staff IS NOT NULL AS own,"
        " coalesce(nullif(by.name, ''), by.email, '') AS paired_by, paired_at, expires_at, revoked_at"
        " FROM device LEFT JOIN staff AS by ON by.id = coalesce(device.staff, paired_by)"
        " WHERE $1 = ANY(events) ORDER BY revoked_at IS NOT NULL, paired_at DESC",
        event,
    )
    return [DeviceView(**{**row, "kind": DeviceKind(row["kind"]), "events": list(row["events"])}) for row in rows]


async def pairing(token: str, now: datetime) -> PairingView | None:
    """Return what a code would make; None when it is used or past its time."""
    row = await database.fetchrow(
        "SELECT name, kind, events, until FROM pairing WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
        *(secrets.digest(token), now),
    )
    return PairingView(**{**row, "kind": DeviceKind(row["kind"]), "events": list(row["events"])}) if row else None


def _actor(row: asyncpg.Record) -> Actor:
    rights = grants(DeviceKind(row["kind"]), row["events"], row["expires_at"])
    return Actor(ActorKind.DOOR, row["id"], row["name"], rights)
