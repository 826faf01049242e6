"""How people check in at an event."""

from enum import StrEnum

from piccolo.columns import UUID, Boolean, ForeignKey, Integer, OnDelete, Varchar
from piccolo.columns.reference import LazyTableReference
from piccolo.table import Table

from events.core.copying import goes_along
from events.core.database import DB
from events.core.privacy import declare


class Poster(StrEnum):
    """Whether a code at the door lets people check in on their own phones: one that stays, or one that changes."""

    NONE = "none"
    FIXED = "fixed"
    ROTATING = "rotating"


class DoorSettings(Table, tablename="door_settings", db=DB):
    """What was chosen for the doors of an event; without a row everything is as its default says.

    With `exits` tickets are read on the way out too, and presence is measured. `poster_generation` makes the code of
    the poster another one.
    """

    id = UUID(primary_key=True)
    event = ForeignKey(
        references=LazyTableReference("Event", app_name="programme"),
        null=False,
        on_delete=OnDelete.cascade,
        unique=True,
    )
    exits = Boolean(default=False)
    poster = Varchar(length=10, choices=Poster, default=Poster.NONE)
    poster_generation = Integer(default=0)


declare(DoorSettings, "poster")
goes_along(DoorSettings, "event", "poster_generation", alike=())
