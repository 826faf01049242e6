"""When an event reminds: rules of its own, and the defaults of the network."""

from enum import StrEnum

from piccolo.columns import (
    UUID,
    Array,
    Boolean,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Text,
    Time,
    Timestamptz,
    Varchar,
)
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from events.core.copying import goes_along
from events.core.database import DB
from events.core.privacy import declare
from events.programme.agenda.tables import AgendaItem
from events.programme.tables import Event, Site


class Anchor(StrEnum):
    """By what of an event a rule counts."""

    START = "start"
    END = "end"
    REGISTRATION_CLOSES = "registration_closes"
    AGENDA_ITEM = "agenda_item"


class Attended(StrEnum):
    """Whom a rule means by their attendance."""

    ANY = "any"
    YES = "yes"
    NO = "no"


class Answered(StrEnum):
    """Whom a rule means by their answer to the survey; "no" is who was asked and has not answered."""

    ANY = "any"
    YES = "yes"
    NO = "no"


class ReminderRule(Table, tablename="reminder_rule", db=DB):
    """A reminder of an event, or with no `event` a default for all events of some `kinds` (none named: of all).

    In an event a rule that `replaces` a default stands in its place, also where it is not `active`: then the event has
    none. It goes out `days` and `minutes` after the moment of `anchor` (before it where they are negative); with a
    `local_time` at that time of the day instead, on the event's clock. It means who has a place, or is in one of
    `states`, at `site`, with `tag` (folded). Without words of its own it is the reminder that the service writes.
    `revision` rises when other times or people are meant, `set_at` is since when a default stands as it does;
    `origin` is the same at its counterparts in the other events of a series.
    """

    id = UUID(primary_key=True)
    event = ForeignKey(references=Event, null=True, default=None, on_delete=OnDelete.cascade, index=True)
    replaces = UUID(default=None, null=True)
    active = Boolean(default=True)
    kinds = Array(base_column=Varchar(length=30), default=list)
    anchor = Varchar(length=20, choices=Anchor, default=Anchor.START)
    agenda_item = ForeignKey(references=AgendaItem, null=True, default=None, on_delete=OnDelete.cascade, index=True)
    days = SmallInt(default=0)
    minutes = Integer(default=0)
    local_time = Time(default=None, null=True)
    site = ForeignKey(references=Site, null=True, default=None, on_delete=OnDelete.cascade, index=True)
    states = Array(base_column=Varchar(length=20), default=list)
    tag = Varchar(length=40, default="")
    attended = Varchar(length=3, choices=Attended, default=Attended.ANY)
    answered = Varchar(length=3, choices=Answered, default=Answered.ANY)
    subject_fi = Varchar(length=200, default="")
    subject_sv = Varchar(length=200, default="")
    subject_en = Varchar(length=200, default="")
    body_fi = Text(default="")
    body_sv = Text(default="")
    body_en = Text(default="")
    revision = Integer(default=0)
    set_at = Timestamptz(default=TimestamptzNow())
    origin = UUID()

    reminder_rule_event_origin = Unique([event, origin])
    reminder_rule_event_replaces = Unique([event, replaces])
    reminder_rule_names_its_item = Check("(anchor = 'agenda_item') = (agenda_item IS NOT NULL)")
    reminder_rule_default_is_general = Check(
        "event IS NOT NULL OR (replaces IS NULL AND agenda_item IS NULL AND site IS NULL)"
    )


declare(
    ReminderRule,
    *("kinds", "anchor", "states", "tag", "attended", "answered"),
    *("subject_fi", "subject_sv", "subject_en", "body_fi", "body_sv", "body_en"),
)
goes_along(
    ReminderRule,
    "event",
    *("revision", "set_at"),
    bound=(("anchor", "agenda_item", "days", "minutes", "local_time"), ("site", "states", "tag")),
)
