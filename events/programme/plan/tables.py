"""The plan of a year."""

from piccolo.columns import UUID, ForeignKey, OnDelete, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.reference import LazyTableReference
from piccolo.constraints import Check
from piccolo.table import Table

from events.core.copying import stays_behind
from events.core.database import DB
from events.core.privacy import declare
from events.programme.tables import Event, Kind


class PlannedEntry(Table, tablename="planned_entry", db=DB):
    """Something that shall be held in a quarter of a year, and the event that was made of it.

    `language` is that in which `title` was written.
    """

    id = UUID(primary_key=True)
    year = SmallInt()
    quarter = SmallInt()
    theme = ForeignKey(
        references=LazyTableReference("Theme", app_name="network"), null=True, default=None, on_delete=OnDelete.restrict
    )
    region = ForeignKey(
        references=LazyTableReference("Region", app_name="network"),
        null=True,
        default=None,
        on_delete=OnDelete.restrict,
    )
    project = ForeignKey(
        references=LazyTableReference("Project", app_name="network"),
        null=True,
        default=None,
        on_delete=OnDelete.restrict,
    )
    kind = Varchar(length=30, choices=Kind)
    title = Varchar(length=200)
    language = Varchar(length=2, default="fi")
    note = Text(default="")
    event = ForeignKey(references=Event, null=True, default=None, on_delete=OnDelete.set_null, unique=True)
    created_at = Timestamptz(default=TimestamptzNow())

    planned_entry_quarter = Check("quarter BETWEEN 1 AND 4")


declare(PlannedEntry, "kind", "title", "language", "note")

stays_behind(PlannedEntry)
