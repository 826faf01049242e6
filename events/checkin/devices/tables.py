"""What is known of the phones at the doors."""

from piccolo.columns import UUID, ForeignKey, Integer, OnDelete, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.reference import LazyTableReference
from piccolo.table import Table

from events.core.database import DB
from events.core.privacy import declare


class DoorState(Table, tablename="door_state", db=DB):
    """What a device said of itself when it was last heard of.

    `waiting` is how many readings it still holds, `oldest_at` when the oldest of them was made, `pack_at` how fresh its
    list of tickets was, `skew_ms` by how much its clock is ahead of ours.
    """

    device = ForeignKey(
        references=LazyTableReference("Device", app_name="accounts"),
        null=False,
        on_delete=OnDelete.cascade,
        primary_key=True,
    )
    event = UUID(default=None, null=True)
    seen_at = Timestamptz(default=TimestamptzNow())
    pack_at = Timestamptz(default=None, null=True)
    waiting = Integer(default=0)
    oldest_at = Timestamptz(default=None, null=True)
    skew_ms = Integer(default=0)


declare(DoorState)
