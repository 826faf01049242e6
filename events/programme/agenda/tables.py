"""The agenda of an event: what happens when and where."""

from enum import StrEnum

from piccolo.columns import UUID, Boolean, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from events.core.copying import goes_along
from events.core.database import DB
from events.core.privacy import Kept, Personal, declare
from events.programme.tables import Event, Site


class ItemKind(StrEnum):
    """What happens in an item of the agenda."""

    TALK = "talk"
    WORKSHOP = "workshop"
    DISCUSSION = "discussion"
    VISIT = "visit"
    BREAK = "break"


class AgendaItem(Table, tablename="agenda_item", db=DB):
    """A part of an event; without `site` it takes place at all of them.

    `speakers` are lines of a name, a comma and an organisation, of those who are not registered. With `sign_up` one
    registers for it separately; `taken` counts those who did while there is a `capacity` (None: no limit, not counted).
    `origin` is the same at its counterparts in the other events of a series.
    """

    id = UUID(primary_key=True)
    event = ForeignKey(references=Event, null=False, on_delete=OnDelete.cascade, index=True)
    site = ForeignKey(references=Site, null=True, default=None, on_delete=OnDelete.set_null)
    room = Varchar(length=100, default="")
    starts_at = Timestamptz(default=None)
    ends_at = Timestamptz(default=None)
    kind = Varchar(length=20, choices=ItemKind, default=ItemKind.TALK)
    title_fi = Varchar(length=200, default="")
    title_sv = Varchar(length=200, default="")
    title_en = Varchar(length=200, default="")
    description_fi = Text(default="")
    description_sv = Text(default="")
    description_en = Text(default="")
    speakers = Text(default="")
    sign_up = Boolean(default=False)
    capacity = Integer(default=None, null=True)
    taken = Integer(default=0)
    origin = UUID()

    agenda_item_event_origin = Unique([event, origin])
    agenda_item_ends_after_start = Check("ends_at > starts_at")
    agenda_item_never_oversold = Check("taken >= 0 AND (capacity IS NULL OR taken <= capacity)")


declare(
    AgendaItem,
    *("room", "kind", "title_fi", "title_sv", "title_en", "description_fi", "description_sv", "description_en"),
    speakers=Personal(Kept.EVIDENCE, "who speaks; published with the programme"),
)
goes_along(AgendaItem, "event", "taken", bound=(("starts_at", "ends_at"), ("sign_up", "capacity")))
