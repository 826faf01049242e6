"""How one gets to a site and in: the arrival card."""

from piccolo.columns import UUID, ForeignKey, OnDelete, Varchar
from piccolo.table import Table

from events.core.copying import goes_along
from events.core.database import DB
from events.core.privacy import Kept, Personal, declare
from events.programme.tables import Site

_LENGTH = 600


class Arrival(Table, tablename="arrival", db=DB):
    """What people must know to arrive at a site; every text is plain and may be empty.

    `map_url` takes the place of the map of the address; `door` is what the door of this site calls itself.
    """

    id = UUID(primary_key=True)
    site = ForeignKey(references=Site, null=False, on_delete=OnDelete.cascade, unique=True)
    host = Varchar(length=200, default="")
    map_url = Varchar(length=500, default="")
    phone = Varchar(length=100, default="")
    door = Varchar(length=60, default="")
    entrance_fi = Varchar(length=_LENGTH, default="")
    entrance_sv = Varchar(length=_LENGTH, default="")
    entrance_en = Varchar(length=_LENGTH, default="")
    parking_fi = Varchar(length=_LENGTH, default="")
    parking_sv = Varchar(length=_LENGTH, default="")
    parking_en = Varchar(length=_LENGTH, default="")
    accessibility_fi = Varchar(length=_LENGTH, default="")
    accessibility_sv = Varchar(length=_LENGTH, default="")
    accessibility_en = Varchar(length=_LENGTH, default="")
    instructions_fi = Varchar(length=_LENGTH, default="")
    instructions_sv = Varchar(length=_LENGTH, default="")
    instructions_en = Varchar(length=_LENGTH, default="")


declare(
    Arrival,
    *("host", "map_url", "door"),
    *("entrance_fi", "entrance_sv", "entrance_en", "parking_fi", "parking_sv", "parking_en"),
    *("accessibility_fi", "accessibility_sv", "accessibility_en"),
    *("instructions_fi", "instructions_sv", "instructions_en"),
    phone=Personal(Kept.EVIDENCE, "whom participants may call on the day; shown to them"),
)
goes_along(Arrival, "site", alike=())
