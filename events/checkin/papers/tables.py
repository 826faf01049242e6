"""Which badges have been printed."""

from piccolo.columns import ForeignKey, OnDelete, Timestamptz
from piccolo.columns.column_types import Bytea
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.reference import LazyTableReference
from piccolo.table import Table

from events.core.database import DB
from events.core.privacy import declare


class Badge(Table, tablename="badge", db=DB):
    """A registration's badge as it was last printed: `content` is a digest of what stood on it, its ticket included."""

    registration = ForeignKey(
        references=LazyTableReference("Registration", app_name="registration"),
        null=False,
        on_delete=OnDelete.cascade,
        primary_key=True,
    )
    content = Bytea()
    printed_at = Timestamptz(default=TimestamptzNow())


# The ticket's 128 bits are part of the digest: nobody finds a name by trying.
declare(Badge, "content")
