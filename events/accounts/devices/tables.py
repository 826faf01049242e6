"""Phones and tablets that stand at doors without anybody's account."""

from enum import StrEnum

from piccolo.columns import UUID, Array, Timestamptz, Varchar
from piccolo.columns.column_types import Bytea
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from events.core.database import DB
from events.core.privacy import Kept, Personal, declare


class DeviceKind(StrEnum):
    """What a device may do: let people in, or let them check in by themselves."""

    DOOR = "door"
    KIOSK = "kiosk"


class Device(Table, tablename="device", db=DB):
    """A browser that was paired with the doors of some events until a moment; its cookie is stored hashed.

    `staff` is whose own phone it is, None for one that was paired by a code.
    """

    id = UUID(primary_key=True)
    name = Varchar(length=60)
    kind = Varchar(length=10, choices=DeviceKind, default=DeviceKind.DOOR)
    events = Array(base_column=UUID(), default=list)
    token_hash = Bytea(unique=True)
    staff = UUID(default=None, null=True)
    paired_by = UUID(default=None, null=True)
    paired_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=None)
    revoked_at = Timestamptz(default=None, null=True)


class Pairing(Table, tablename="pairing", db=DB):
    """A code that makes one device of whoever scans it first; its secret is stored hashed.

    `until` is when the device's right ends, `expires_at` when the code itself does.
    """

    id = UUID(primary_key=True)
    name = Varchar(length=60)
    kind = Varchar(length=10, choices=DeviceKind, default=DeviceKind.DOOR)
    events = Array(base_column=UUID(), default=list)
    token_hash = Bytea(unique=True)
    until = Timestamptz(default=None)
    made_by = UUID(default=None, null=True)
    expires_at = Timestamptz(default=None)
    used_at = Timestamptz(default=None, null=True)


declare(
    Device,
    *("kind", "events", "token_hash"),
    name=Personal(Kept.SECURITY, "telling devices apart; may name who holds one"),
)
declare(Pairing, *("kind", "events", "token_hash"), name=Personal(Kept.PASSING, "naming the device that it makes"))
