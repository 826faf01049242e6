"""How long codes and devices hold, and what a device may do: pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from events.accounts.devices.tables import DeviceKind
from events.accounts.rules import KIOSK
from events.accounts.tables import Scope
from events.core.actor import Grant

CODE_LASTS = timedelta(minutes=15)
"""A pairing code is scanned from a screen, at once."""

AFTER_THE_END = timedelta(hours=12)
"""How long after an event its doors work unless told otherwise: what is still on a phone is sent on the way home."""

LONGEST_AFTER = timedelta(days=14)

_ROLES = {DeviceKind.DOOR: Scope.CHECKIN.value, DeviceKind.KIOSK: KIOSK}


def grants(kind: DeviceKind, events: Iterable[UUID], until: datetime) -> tuple[Grant, ...]:
    """Return a device's rights: checking in at its events, and nothing else."""
    return tuple(Grant(_ROLES[kind], "event", str(event), until) for event in events)


def last_moment(wanted: datetime | None, ends_at: datetime, now: datetime) -> datetime:
    """Return until when a device holds: as wanted, within what is allowed after the event's end."""
    end = max(ends_at, now)
    return min(max(wanted, now), end + LONGEST_AFTER) if wanted else end + AFTER_THE_END
