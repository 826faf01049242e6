"""What an event gives its people to read: files and links."""

from enum import StrEnum

from piccolo.columns import UUID, ForeignKey, Integer, OnDelete, Timestamptz, Varchar
from piccolo.columns.column_types import Bytea
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from events.core.copying import goes_along
from events.core.database import DB
from events.core.privacy import declare
from events.programme.agenda.tables import AgendaItem
from events.programme.tables import Event


class Audience(StrEnum):
    """Who may open a material; each circle lies within the one before it."""

    EVERYONE = "everyone"
    REGISTERED = "registered"
    ATTENDED = "attended"


class Material(Table, tablename="material", db=DB):
    """A link (`url`) or a file (`stored`, its name in events/core/files.py, with `filename` for who saves it).

    It belongs to `item` of the agenda, or to the whole event. `size` is in bytes. Without `visible_from` its
    audience sees it at once. `telling` is the one in which those were told of it who had registered before it
    was there. `origin` is the same at its counterparts in the other events of a series.
    """

    id = UUID(primary_key=True)
    event = ForeignKey(references=Event, null=False, on_delete=OnDelete.cascade, index=True)
    item = ForeignKey(references=AgendaItem, null=True, default=None, on_delete=OnDelete.set_null)
    title_fi = Varchar(length=200, default="")
    title_sv = Varchar(length=200, default="")
    title_en = Varchar(length=200, default="")
    url = Varchar(length=500, default="")
    stored = Varchar(length=32, default="")
    filename = Varchar(length=200, default="")
    media_type = Varchar(length=100, default="")
    size = Integer(default=0)
    sha256 = Bytea(default=b"")
    audience = Varchar(length=20, choices=Audience, default=Audience.EVERYONE)
    visible_from = Timestamptz(default=None, null=True)
    created_at = Timestamptz(default=TimestamptzNow())
    telling = UUID(default=None, null=True)
    origin = UUID()

    material_event_origin = Unique([event, origin])
    material_is_link_or_file = Check("(url = '') <> (stored = '')")


declare(
    Material,
    *("title_fi", "title_sv", "title_en", "url", "stored", "filename", "media_type", "sha256", "audience"),
)
goes_along(Material, "event", "telling")
