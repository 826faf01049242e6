"""What came from a door without network and could not be placed any more."""

from piccolo.columns import UUID, ForeignKey, OnDelete, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.reference import LazyTableReference
from piccolo.table import Table

from events.core.copying import stays_behind
from events.core.database import DB
from events.core.privacy import Kept, Personal, declare


class Leftover(Table, tablename="leftover", db=DB):
    """Someone who was let in without registering, heard of when the attendance was closed.

    It stays on the attendance page until a person settles it. `nonce` is the reading's own.
    """

    nonce = UUID(primary_key=True, default=None)
    event = ForeignKey(
        references=LazyTableReference("Event", app_name="programme"),
        null=False,
        on_delete=OnDelete.cascade,
        index=True,
    )
    name = Varchar(length=200)
    organisation = Varchar(length=200, default="")
    email = Varchar(length=254, default="")
    site = UUID(default=None, null=True)
    door = Varchar(length=60, default="")
    reason = Varchar(length=40)
    happened_at = Timestamptz(default=None)
    received_at = Timestamptz(default=TimestamptzNow())


declare(
    Leftover,
    "reason",
    name=Personal(Kept.EVIDENCE, "settling who came"),
    organisation=Personal(Kept.EVIDENCE, "settling who came"),
    email=Personal(Kept.EVIDENCE, "settling who came"),
    door=Personal(Kept.EVIDENCE, "where someone came in"),
)
stays_behind(Leftover)
