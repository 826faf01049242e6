"""What doors send and hear (design.md §6); the same shapes in the API, the door page and the use cases."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct, field

from events.checkin.tables import ScanResult, ScanType

Aware = Annotated[datetime, Meta(tz=True)]


class Scanned(Struct, kw_only=True, frozen=True):
    """One reading of a ticket.

    `secret` is what the QR code holds (its whole address, or the secret alone) or the short code as typed. `at` and
    `sent_at` are the device's clock at the reading and at sending; with both its error is known and taken out. `nonce`
    is made by the device, one per reading: sent again, it gives the same answer and leaves no second record. `said` is
    what a door without network told the person by itself.
    """

    secret: Annotated[str, Meta(min_length=1, max_length=500)]
    event: Annotated[str, Meta(min_length=1, max_length=120)]
    nonce: Annotated[str, Meta(min_length=1, max_length=100)]
    at: Aware
    door: Annotated[str, Meta(max_length=60)] = ""
    type: ScanType = ScanType.ENTRY
    force: bool = False
    sent_at: Aware | None = None
    said: Literal["", "ok", "duplicate", "rejected"] = ""


class WalkedIn(Struct, kw_only=True, frozen=True):
    """Someone whom a door without network let in without a registration; the rest is as in `Scanned`."""

    nonce: Annotated[str, Meta(min_length=1, max_length=100)]
    event: Annotated[str, Meta(min_length=1, max_length=120)]
    at: Aware
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    organisation: Annotated[str, Meta(max_length=200)] = ""
    email: Annotated[str, Meta(max_length=254)] = ""
    site: UUID | None = None
    door: Annotated[str, Meta(max_length=60)] = ""
    sent_at: Aware | None = None


class DeviceState(Struct, kw_only=True, frozen=True):
    """What a door says of itself: how much it still holds when this is taken in, and how fresh its pack is."""

    waiting: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    oldest_at: Aware | None = None
    pack_at: Aware | None = None
    event: Annotated[str, Meta(max_length=120)] = ""


class Batch(Struct, kw_only=True, frozen=True):
    """What a door did by itself, in the order in which it did it; `sent_at` is its clock at sending."""

    scans: Annotated[list[Scanned], Meta(max_length=500)]
    walk_ins: Annotated[list[WalkedIn], Meta(max_length=100)] = []
    sent_at: Aware | None = None
    device: DeviceState | None = None


class Holder(Struct, kw_only=True, frozen=True):
    """Whose ticket it is, as far as a door needs to know."""

    name: str
    organisation: str
    site: str


class Answer(Struct, kw_only=True, frozen=True, omit_defaults=True):
    """What the door says; `reason` stands with "rejected" alone, the first entry's time and door with the others.

    `event` is the title of the event whose ticket it is, with "wrong_event".
    """

    result: ScanResult
    reason: str | None = None
    event: str | None = None
    registration: Holder | None = None
    first_scan_at: datetime | None = None
    first_door: str | None = None


class CameIn(Struct, kw_only=True, frozen=True, omit_defaults=True):
    """What became of someone let in without a registration: registered, known already, over the places, or kept.

    `reason` says why someone is kept for a person to settle.
    """

    result: Literal["ok", "known", "over", "kept"]
    reason: str | None = None


class Answers(Struct, kw_only=True, frozen=True):
    """One answer per reading and per walk-in sent, in the same order."""

    results: list[Answer] = field(default_factory=list)
    walk_ins: list[CameIn] = field(default_factory=list)
