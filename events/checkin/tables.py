"""What happened at the doors, who attended, and the frozen rows that reports count."""

from enum import StrEnum

from piccolo.columns import UUID, Boolean, Date, ForeignKey, Integer, OnDelete, Timestamptz, Varchar
from piccolo.columns.column_types import Bytea
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.reference import LazyTableReference
from piccolo.table import Table

from events.core.copying import stays_behind
from events.core.database import DB
from events.core.privacy import Kept, Personal, declare


class ScanType(StrEnum):
    """What a reading of a ticket is meant as."""

    ENTRY = "entry"
    EXIT = "exit"
    UNDO = "undo"


class ScanResult(StrEnum):
    """What the door said."""

    OK = "ok"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"


class AttendanceState(StrEnum):
    """Whether someone attended, as far as is known."""

    ATTENDED = "attended"
    NO_SHOW = "no_show"
    UNKNOWN = "unknown"


class AttendanceSource(StrEnum):
    """Where the knowledge comes from."""

    SCAN = "scan"
    DESK = "desk"
    MEETING_REPORT = "meeting_report"
    IMPORT = "import"


class Scan(Table, tablename="scan", db=DB):
    """One reading of a ticket; never changed, never deleted. `nonce` makes a repeated upload harmless.

    `result` is what the server answered when the reading reached it. A door without network decides by itself: such a
    reading is `offline`, and `said` keeps what that door told the person. `device_at` is the device's clock as it was,
    `happened_at` the same moment corrected by what is known of that clock.
    """

    id = UUID(primary_key=True)
    nonce = UUID(unique=True, default=None)
    event = ForeignKey(
        references=LazyTableReference("Event", app_name="programme"), null=False, on_delete=OnDelete.restrict
    )
    registration = ForeignKey(
        references=LazyTableReference("Registration", app_name="registration"),
        null=True,
        default=None,
        on_delete=OnDelete.restrict,
        index=True,
    )
    ticket_hash = Bytea()
    door = Varchar(length=60, default="")
    type = Varchar(length=5, choices=ScanType, default=ScanType.ENTRY)
    forced = Boolean(default=False)
    offline = Boolean(default=False)
    said = Varchar(length=10, default="")
    result = Varchar(length=10, choices=ScanResult)
    reason = Varchar(length=20, default="")
    device_at = Timestamptz(default=None)
    happened_at = Timestamptz(default=TimestamptzNow())
    received_at = Timestamptz(default=TimestamptzNow())
    actor_kind = Varchar(length=20)
    actor_id = UUID(default=None, null=True)


class Attendance(Table, tablename="attendance", db=DB):
    """What is known of one registration's attendance, with its source.

    What the scans add up to (`rules.outcome`) is kept beside it: whether the person is `inside`, the nonce of the
    latest entry that counts, when and at which door they first came in, and whether two doors let the same ticket in.
    `minutes` is how long the person was there, None where nobody measured it: then it is taken to be the whole event.
    """

    registration = ForeignKey(
        references=LazyTableReference("Registration", app_name="registration"),
        null=False,
        on_delete=OnDelete.restrict,
        primary_key=True,
    )
    state = Varchar(length=10, choices=AttendanceState)
    source = Varchar(length=20, choices=AttendanceSource)
    inside = Boolean(default=False)
    last_entry = UUID(default=None, null=True)
    first_entry_at = Timestamptz(default=None, null=True)
    door = Varchar(length=60, default="")
    conflict = Boolean(default=False)
    minutes = Integer(default=None, null=True)
    actor_kind = Varchar(length=20)
    actor_id = UUID(default=None, null=True)
    changed_at = Timestamptz(default=TimestamptzNow())


class AttendanceMark(Table, tablename="attendance_mark", db=DB):
    """What a person at the desk said of one registration's attendance, and what was known before; never changed.

    What was done by one press has one `batch`; with `undoes` it took back that one.
    """

    id = UUID(primary_key=True)
    batch = UUID(index=True, default=None)
    undoes = UUID(default=None, null=True, index=True)
    event = ForeignKey(
        references=LazyTableReference("Event", app_name="programme"),
        null=False,
        on_delete=OnDelete.restrict,
        index=True,
    )
    registration = ForeignKey(
        references=LazyTableReference("Registration", app_name="registration"),
        null=False,
        on_delete=OnDelete.restrict,
        index=True,
    )
    before = Varchar(length=10, choices=AttendanceState)
    before_source = Varchar(length=20, choices=AttendanceSource)
    after = Varchar(length=10, choices=AttendanceState)
    after_source = Varchar(length=20, choices=AttendanceSource)
    marked_at = Timestamptz(default=TimestamptzNow())
    actor_kind = Varchar(length=20)
    actor_id = UUID(default=None, null=True)


class RevokedTicket(Table, tablename="revoked_ticket", db=DB):
    """A ticket that a newer one has replaced, so that the door can say so; a trigger on registrations writes it."""

    ticket_hash = Bytea(primary_key=True)
    registration = ForeignKey(
        references=LazyTableReference("Registration", app_name="registration"),
        null=False,
        on_delete=OnDelete.cascade,
        index=True,
    )
    revoked_at = Timestamptz(default=TimestamptzNow())


class Participation(Table, tablename="participation", db=DB):
    """The frozen row that reports count: one per attended registration of a reconciled event, as it was that day."""

    id = UUID(primary_key=True)
    registration = ForeignKey(
        references=LazyTableReference("Registration", app_name="registration"),
        null=False,
        on_delete=OnDelete.restrict,
        unique=True,
    )
    event = ForeignKey(
        references=LazyTableReference("Event", app_name="programme"),
        null=False,
        on_delete=OnDelete.restrict,
        index=True,
    )
    person = ForeignKey(
        references=LazyTableReference("Person", app_name="network"), null=False, on_delete=OnDelete.restrict
    )
    organisation = ForeignKey(
        references=LazyTableReference("Organisation", app_name="network"),
        null=True,
        default=None,
        on_delete=OnDelete.restrict,
    )
    role = Varchar(length=20)
    held_on = Date(default=None, index=True)
    event_kind = Varchar(length=30)
    host_region = Varchar(length=2)
    site_mode = Varchar(length=10)
    organisation_type = Varchar(length=20)
    size_class = Varchar(length=10)
    municipality = Varchar(length=3, default="")
    region = Varchar(length=2, default="")
    country = Varchar(length=2, default="FI")
    person_certain = Boolean(default=True)
    minutes = Integer(default=0)
    source = Varchar(length=20)


declare(
    Scan,
    *("ticket_hash", "type", "said", "result", "reason", "actor_kind"),
    door=Personal(Kept.EVIDENCE, "where a ticket was read"),
)
declare(Attendance, "state", "source", "actor_kind", door=Personal(Kept.EVIDENCE, "where someone came in"))
declare(AttendanceMark, "before", "before_source", "after", "after_source", "actor_kind")
declare(RevokedTicket, "ticket_hash")
declare(
    Participation,
    *("role", "event_kind", "host_region", "site_mode", "organisation_type", "size_class", "municipality", "region"),
    *("country", "source"),
)

stays_behind(Scan)
stays_behind(AttendanceMark)
stays_behind(Participation)
