"""What organisers write to people of an event, or to a group beyond one."""

from enum import StrEnum

from piccolo.columns import UUID, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.reference import LazyTableReference
from piccolo.table import Table

from events.core.copying import stays_behind
from events.core.database import DB
from events.core.privacy import Kept, Personal, declare


class AnnouncementState(StrEnum):
    """Where an announcement stands; "test" is a trial that went to its author alone."""

    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    STOPPED = "stopped"
    TEST = "test"


class Announcement(Table, tablename="announcement", db=DB):
    """A mail to people of an event, or of a group (no event); its messages are about it, one to each address.

    `chosen` is the query of the list of registrations that says to whom, or that of the audience of a group; it is
    settled when it goes out at `send_at`. `people` is how many addresses that were. Texts are Markdown with the
    placeholders of `rules`.
    """

    id = UUID(primary_key=True)
    event = ForeignKey(
        references=LazyTableReference("Event", app_name="programme"),
        null=True,
        default=None,
        on_delete=OnDelete.cascade,
        index=True,
    )
    state = Varchar(length=10, choices=AnnouncementState, default=AnnouncementState.SCHEDULED)
    chosen = Text(default="")
    subject_fi = Varchar(length=200, default="")
    subject_sv = Varchar(length=200, default="")
    subject_en = Varchar(length=200, default="")
    body_fi = Text(default="")
    body_sv = Text(default="")
    body_en = Text(default="")
    send_at = Timestamptz(default=None)
    people = Integer(default=0)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow())


declare(
    Announcement,
    "state",
    *("subject_fi", "subject_sv", "subject_en"),
    chosen=Personal(Kept.EVIDENCE, "to whom an announcement goes; a search may hold a name"),
    body_fi=Personal(Kept.EVIDENCE, "what was written to participants; may name people"),
    body_sv=Personal(Kept.EVIDENCE, "what was written to participants; may name people"),
    body_en=Personal(Kept.EVIDENCE, "what was written to participants; may name people"),
)
stays_behind(Announcement)
