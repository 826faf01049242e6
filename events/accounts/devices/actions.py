"""Pairing devices with doors, and ending it: no account is needed at a door."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct

from events.accounts import audit
from events.accounts.devices.rules import CODE_LASTS
from events.accounts.devices.tables import DeviceKind
from events.accounts.rules import Action, may
from events.core import database, secrets
from events.core.actor import Actor, ActorKind
from events.core.database import transaction
from events.core.errors import NotFound


class Paired(Struct, frozen=True):
    """A device as it is paired; `token` is what its cookie holds, unchanged for one that was paired before."""

    id: UUID
    kind: DeviceKind
    token: str
    events: Sequence[UUID]
    until: datetime


async def offer(
    name: str, kind: DeviceKind, events: Mapping[UUID, str], *, until: datetime, actor: Actor, now: datetime
) -> str:
    """Make a pairing code for these events (id → host region) and return its secret: whoever scans it first has it.

    Raises NotFound for an event to whose doors the actor may not let people.
    """
    for event, region in events.items():
        if not may(actor, Action.ADD_CO_ORGANISERS, now=now, event_id=event, region=region):
            raise NotFound
    secret, identity = secrets.new_secret(), uuid4()
    async with transaction():
        await database.execute(
            "INSERT INTO pairing (id, name, kind, events, token_hash, until, made_by, expires_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            *(identity, name, kind.value, list(events), secrets.digest(secret), until, actor.id, now + CODE_LASTS),
        )
        await audit.record(actor, "device.offered", "pairing", identity, now, events=list(events), kind=kind)
    return secret


async def pair(secret: str, *, had: str, now: datetime) -> Paired:
    """Make the browser that scanned a code a device; `had` is the device cookie it sent, which then opens more.

    Raises NotFound for a code that is used or past its time.
    """
    async with transaction():
        row = await database.fetchrow(
            "UPDATE pairing SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2"
            " RETURNING name, kind, events, until, made_by",
            *(secrets.digest(secret), now),
        )
        if row is None:
            raise NotFound
        by = Actor(ActorKind.STAFF, row["made_by"])
        kind, events = DeviceKind(row["kind"]), list(row["events"])
        return await _pair(row["name"], kind, events, row["until"], had=had, by=by, own=False, now=now)


async def pair_own(event: UUID, region: str, *, until: datetime, had: str, actor: Actor, now: datetime) -> Paired:
    """Let the browser of someone who is signed in go on as a door when the sign-in ends.

    Raises NotFound for an event at whose door they may not stand.
    """
    if actor.kind is not ActorKind.STAFF or not may(actor, Action.CHECK_IN, now=now, event_id=event, region=region):
        raise NotFound
    async with transaction():
        return await _pair(actor.name[:60], DeviceKind.DOOR, [event], until, had=had, by=actor, own=True, now=now)


async def revoke(device_id: UUID, event: UUID, *, actor: Actor, now: datetime) -> None:
    """End what a device of this event may do, at all its events; raises NotFound. Doing it twice changes nothing."""
    async with transaction():
        row = await database.fetchrow(
            "SELECT revoked_at FROM device WHERE id = $1 AND $2 = ANY(events) FOR UPDATE", device_id, event
        )
        if row is None:
            raise NotFound
        if row["revoked_at"] is None:
            await database.execute("UPDATE device SET revoked_at = $2 WHERE id = $1", device_id, now)
            await audit.record(actor, "device.revoked", "device", device_id, now, event=event)


async def expire(now: datetime) -> int:
    """Delete codes a day after their time and devices a year after theirs; returns how many."""
    codes = await database.execute("DELETE FROM pairing WHERE expires_at < $1::timestamptz - interval '1 day'", now)
    return codes + await database.execute(
        "DELETE FROM device WHERE expires_at < $1::timestamptz - interval '1 year'", now
    )


_MORE = """
UPDATE device SET expires_at = greatest(expires_at, $4),
    events = (SELECT array_agg(DISTINCT event) FROM unnest(events || $3::uuid[]) AS event)
WHERE token_hash = $1 AND kind = $2 AND revoked_at IS NULL AND expires_at > $5
RETURNING id, events, expires_at
"""


async def _pair(
    name: str,
    kind: DeviceKind,
    events: Sequence[UUID],
    until: datetime,
    *,
    had: str,
    by: Actor,
    own: bool,
    now: datetime,
) -> Paired:
    token = had
    row = await database.fetchrow(_MORE, secrets.digest(had), kind.value, events, until, now) if had else None
    if row is None:
        token, identity = secrets.new_secret(), uuid4()
        await database.execute(
            "INSERT INTO device (id, name, kind, events, token_hash, staff, paired_by, paired_at, expires_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            *(
                identity,
                name,
                kind.value,
                list(events),
                secrets.digest(token),
                by.id if own else None,
                by.id,
                now,
                until,
            ),
        )
    else:
        identity, events, until = row["id"], list(row["events"]), row["expires_at"]
    await audit.record(by, "device.paired", "device", identity, now, events=list(events), kind=kind)
    return Paired(identity, kind, token, events, until)
