"""The agenda of an event: what happens when and where."""

from enum import StrEnum

from piccolo.columns import UUID, Boolean, ForeignKey, Integer, OnDelete, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.column_types import JSONB
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from events.core.copying import goes_along, stays_behind
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


class Way(StrEnum):
    """How people hear of a changed agenda; the first that is remembered is the agenda they could read by themselves."""

    READ = "read"
    MAIL = "mail"
    REMINDER = "reminder"


class AgendaTelling(Table, tablename="agenda_telling", db=DB):
    """The agenda of a published event as people were told it the `turn`-th time; the 0th is what they found there.

    `items` are those of `differences.Told`. Each telling is about what is other than in the one before.
    """

    id = UUID(primary_key=True)
    event = ForeignKey(references=Event, null=False, on_delete=OnDelete.cascade)
    turn = SmallInt(default=0)
    way = Varchar(length=10, choices=Way, default=Way.READ)
    items = JSONB()
    told_at = Timestamptz(default=None)

    agenda_telling_once = Unique([event, turn])


class ItemNotice(Table, tablename="item_notice", db=DB):
    """An item that people had signed up for was moved or left out: `before` is how they knew it.

    Their letters leave at `due_at`; until then further changes of the item belong to the same notice. `item` outlives
    the item.
    """

    id = UUID(primary_key=True)
    event = ForeignKey(references=Event, null=False, on_delete=OnDelete.cascade)
    item = UUID(default=None, index=True)
    before = JSONB()
    due_at = Timestamptz(default=None)


declare(
    AgendaItem,
    *("room", "kind", "title_fi", "title_sv", "title_en", "description_fi", "description_sv", "description_en"),
    speakers=Personal(Kept.EVIDENCE, "who speaks; published with the programme"),
)
goes_along(AgendaItem, "event", "taken", bound=(("starts_at", "ends_at"), ("sign_up", "capacity")))
declare(AgendaTelling, "way", items=Personal(Kept.EVIDENCE, "who speaks, as it was published with the programme"))
declare(ItemNotice, before=Personal(Kept.EVIDENCE, "who speaks, as it was published with the programme"))
stays_behind(AgendaTelling)
stays_behind(ItemNotice)
