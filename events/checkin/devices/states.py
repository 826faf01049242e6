"""What doors say of themselves, so that whoever leads sees which phone still holds readings."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from events.checkin.shapes import DeviceState
from events.core import database


class Heard(Struct, frozen=True, kw_only=True):
    """A device as it was last heard of; `skew_ms` is by how much its clock is ahead of ours."""

    device: UUID
    seen_at: datetime
    pack_at: datetime | None
    waiting: int
    oldest_at: datetime | None
    skew_ms: int


_NOTE = """
INSERT INTO door_state AS known (device, event, seen_at, pack_at, waiting, oldest_at, skew_ms)
VALUES ($1, (SELECT id FROM event WHERE slug = $2), $3, $4, $5, $6, $7)
ON CONFLICT (device) DO UPDATE SET event = coalesce(excluded.event, known.event), seen_at = excluded.seen_at,
    pack_at = coalesce(excluded.pack_at, known.pack_at), waiting = excluded.waiting, oldest_at = excluded.oldest_at,
    skew_ms = excluded.skew_ms
WHERE known.seen_at <= excluded.seen_at
"""

_MOST_SKEW = 2**31 - 1


async def note(device: UUID, said: DeviceState, *, sent_at: datetime | None, now: datetime) -> None:
    """Keep what a device said of itself; what was said before and comes later changes nothing."""
    skew = int((sent_at - now).total_seconds() * 1000) if sent_at else 0
    skew = max(-_MOST_SKEW, min(skew, _MOST_SKEW))
    await database.execute(_NOTE, device, said.event, now, said.pack_at, said.waiting, said.oldest_at, skew)


async def of_devices(devices: list[UUID]) -> Mapping[UUID, Heard]:
    """Return what each device has last said of itself; one that was never heard of is not among them."""
    rows = await database.fetch(
        "SELECT device, seen_at, pack_at, waiting, oldest_at, skew_ms FROM door_state WHERE device = ANY($1)", devices
    )
    return {row["device"]: Heard(**row) for row in rows}
