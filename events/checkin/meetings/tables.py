"""Reports of online meetings as they were imported, whom they name, and what became of each."""

from enum import StrEnum

from piccolo.columns import UUID, Array, Boolean, ForeignKey, Integer, OnDelete, SmallInt, Timestamptz, Varchar
from piccolo.columns.column_types import Bytea
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.reference import LazyTableReference
from piccolo.constraints import Unique
from piccolo.table import Table

from events.core.copying import stays_behind
from events.core.database import DB
from events.core.privacy import Kept, Personal, declare


class ReportKind(StrEnum):
    """Which service wrote a report."""

    TEAMS = "teams"
    ZOOM = "zoom"


class MeetingRole(StrEnum):
    """What a report says someone was in the meeting."""

    ATTENDEE = "attendee"
    PRESENTER = "presenter"
    ORGANISER = "organiser"


class Fate(StrEnum):
    """What becomes of someone whom a report names.

    `match`: a registration; `people`: several, a room they sat in together; `walk_in`: to be registered by the import,
    and after that a match; `nobody`: not counted; `open`: not decided yet.
    """

    OPEN = "open"
    MATCH = "match"
    PEOPLE = "people"
    WALK_IN = "walk_in"
    NOBODY = "nobody"


class MeetingImport(Table, tablename="meeting_import", db=DB):
    """What was chosen for the reports of an event: from how many minutes in the meeting someone counts."""

    event = ForeignKey(
        references=LazyTableReference("Event", app_name="programme"),
        null=False,
        on_delete=OnDelete.cascade,
        primary_key=True,
    )
    minimum_minutes = SmallInt(default=0)


class MeetingReport(Table, tablename="meeting_report", db=DB):
    """A report that was imported; `digest` is the SHA-256 of the file, so that the same one is known again."""

    id = UUID(primary_key=True)
    event = ForeignKey(
        references=LazyTableReference("Event", app_name="programme"), null=False, on_delete=OnDelete.cascade
    )
    kind = Varchar(length=5, choices=ReportKind)
    digest = Bytea()
    filename = Varchar(length=200, default="")
    title = Varchar(length=200, default="")
    starts_at = Timestamptz(default=None, null=True)
    ends_at = Timestamptz(default=None, null=True)
    actor_kind = Varchar(length=20)
    actor_id = UUID(default=None, null=True)
    imported_at = Timestamptz(default=TimestamptzNow())

    meeting_report_once = Unique([event, digest])


class MeetingAttendee(Table, tablename="meeting_attendee", db=DB):
    """Someone whom the reports of an event name, by `identity`: address and folded name.

    `fate` and `registrations` are what was decided of them, automatically or (`by_hand`) by a person, whose word stands
    when the same report comes again.
    """

    id = UUID(primary_key=True)
    event = ForeignKey(
        references=LazyTableReference("Event", app_name="programme"), null=False, on_delete=OnDelete.cascade
    )
    identity = Varchar(length=400)
    name = Varchar(length=200)
    email = Varchar(length=254, default="")
    role = Varchar(length=10, choices=MeetingRole, default=MeetingRole.ATTENDEE)
    fate = Varchar(length=10, choices=Fate, default=Fate.OPEN)
    registrations = Array(base_column=UUID(), default=list)
    by_hand = Boolean(default=False)

    meeting_attendee_once = Unique([event, identity])


class MeetingJoin(Table, tablename="meeting_join", db=DB):
    """A time someone was in the meeting: from, until and how many seconds of it.

    Without from and until the report told the length alone.
    """

    id = UUID(primary_key=True)
    report = ForeignKey(references=MeetingReport, null=False, on_delete=OnDelete.cascade)
    attendee = ForeignKey(references=MeetingAttendee, null=False, on_delete=OnDelete.cascade, index=True)
    joined_at = Timestamptz(default=None, null=True)
    left_at = Timestamptz(default=None, null=True)
    seconds = Integer(default=0)


declare(MeetingImport)
declare(MeetingReport, "kind", "digest", "title", "actor_kind", filename=Personal(Kept.EVIDENCE, "naming the report"))
declare(
    MeetingAttendee,
    *("role", "fate", "registrations"),
    identity=Personal(Kept.EVIDENCE, "knowing again whom a report names"),
    name=Personal(Kept.EVIDENCE, "proving who was in the online meeting"),
    email=Personal(Kept.EVIDENCE, "proving who was in the online meeting"),
)
declare(MeetingJoin)

stays_behind(MeetingImport)
stays_behind(MeetingReport)
stays_behind(MeetingAttendee)
