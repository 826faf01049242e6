"""Registrations, the notices people were shown and what they agreed to."""

from enum import StrEnum

from piccolo.columns import UUID, Array, Boolean, ForeignKey, Integer, OnDelete, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.column_types import JSONB, Bytea
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.reference import LazyTableReference
from piccolo.constraints import Unique
from piccolo.table import Table

from events.core.copying import stays_behind
from events.core.database import DB
from events.core.privacy import Kept, Personal, declare


class State(StrEnum):
    """Where a registration stands (design.md §2)."""

    AWAITING_APPROVAL = "awaiting_approval"
    AWAITING_ADDRESS = "awaiting_address"
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class RegistrationRole(StrEnum):
    """In which role someone takes part; projects say which of them count."""

    PARTICIPANT = "participant"
    SPEAKER = "speaker"
    HOST = "host"
    STAFF = "project_staff"
    PARTNER = "project_partner"


class ConsentKind(StrEnum):
    """What one may agree to; each is optional, unticked and can be withdrawn."""

    NEWS = "news"
    PHOTOS = "photos"
    PARTICIPANT_LIST = "participant_list"
    HEALTH = "health"


class Notice(Table, tablename="notice", db=DB):
    """A version of the privacy notice; what was shown stays. `published_by` is the member of staff who wrote it."""

    version = Integer(primary_key=True)
    text_fi = Text()
    text_sv = Text()
    text_en = Text()
    published_at = Timestamptz(default=TimestamptzNow())
    published_by = UUID(default=None, null=True)


class Registration(Table, tablename="registration", db=DB):
    """One person's place at one event: one row per event and person for ever.

    `number` is the place in the site's line, given by the database. Ticket and manage link are derived from the id
    and their generation; only hashes are stored. `revision` rises with every change of this registration's own that its
    calendar entry must hear of. `offers` counts the places offered; `deadline` is until when one is held for who must
    accept it or confirm the address, and stays on a cancelled row that let it pass. `join_pressed_at` is when someone
    last went to the online meeting by their private link: a hint for matching a report of it, and no attendance.
    `registered_by` is the registration of who registered this person, or handed their place over to them;
    `registered_by_name` who did without taking part.
    `transferred_to` is where a cancelled one's place went. `cancel_reason` is what its person said on leaving,
    `parting_words` are what staff wrote to the person when they cancelled or declined, `welcome_words` when they
    approved. `expired_at` is when what it said of its person was deleted, for the time of the event's data was over;
    its links then say so.
    """

    id = UUID(primary_key=True)
    event = ForeignKey(
        references=LazyTableReference("Event", app_name="programme"), null=False, on_delete=OnDelete.restrict
    )
    person = ForeignKey(
        references=LazyTableReference("Person", app_name="network"), null=False, on_delete=OnDelete.restrict
    )
    site = ForeignKey(
        references=LazyTableReference("Site", app_name="programme"), null=False, on_delete=OnDelete.restrict
    )
    organisation = ForeignKey(
        references=LazyTableReference("Organisation", app_name="network"),
        null=True,
        default=None,
        on_delete=OnDelete.restrict,
    )
    municipality = ForeignKey(
        references=LazyTableReference("Municipality", app_name="network"),
        null=True,
        default=None,
        on_delete=OnDelete.restrict,
    )
    country = Varchar(length=2, default="FI")
    role = Varchar(length=20, choices=RegistrationRole, default=RegistrationRole.PARTICIPANT)
    state = Varchar(length=20, choices=State)
    number = Integer()
    offers = SmallInt(default=0)
    deadline = Timestamptz(default=None, null=True)
    address_confirmed = Boolean(default=False)
    language = Varchar(length=2, default="fi")
    notice_version = SmallInt(default=0)
    source = Varchar(length=20, default="form")
    ticket_hash = Bytea(unique=True)
    ticket_code = Varchar(length=6)
    ticket_generation = SmallInt(default=0)
    manage_hash = Bytea(unique=True)
    manage_generation = SmallInt(default=0)
    revision = SmallInt(default=0)
    join_pressed_at = Timestamptz(default=None, null=True)
    registered_by = ForeignKey(references="self", null=True, default=None, on_delete=OnDelete.set_null)
    registered_by_name = Varchar(length=200, default="")
    expired_at = Timestamptz(default=None, null=True)
    cancel_reason = Text(default="")
    transferred_to = ForeignKey(references="self", null=True, default=None, on_delete=OnDelete.set_null)
    parting_words = Text(default="")
    welcome_words = Text(default="")
    registered_at = Timestamptz(default=TimestamptzNow())
    changed_at = Timestamptz(default=TimestamptzNow())

    registration_event_person = Unique([event, person])
    registration_event_code = Unique([event, ticket_code])


class Consent(Table, tablename="consent", db=DB):
    """An optional yes with the text, version and language it was given under."""

    id = UUID(primary_key=True)
    registration = ForeignKey(references=Registration, null=False, on_delete=OnDelete.cascade)
    kind = Varchar(length=20, choices=ConsentKind)
    text = Text()
    language = Varchar(length=2)
    given = Boolean(default=True)
    given_at = Timestamptz(default=TimestamptzNow())
    withdrawn_at = Timestamptz(default=None, null=True)


class RegistrationNote(Table, tablename="registration_note", db=DB):
    """What a member of staff wrote down about a registration, for colleagues; its person may read it too."""

    id = UUID(primary_key=True)
    registration = ForeignKey(references=Registration, null=False, on_delete=OnDelete.cascade, index=True)
    staff = UUID(default=None, null=True)
    text = Text()
    written_at = Timestamptz(default=TimestamptzNow())


class RegistrationTag(Table, tablename="registration_tag", db=DB):
    """A free word on a registration; `folded` is the word as it is compared, so that it stands there once."""

    id = UUID(primary_key=True)
    registration = ForeignKey(references=Registration, null=False, on_delete=OnDelete.cascade)
    tag = Varchar(length=40)
    folded = Varchar(length=40)

    registration_tag_once = Unique([registration, folded])


class ListColumns(Table, tablename="list_columns", db=DB):
    """Which columns of the list of registrations a member of staff chose last."""

    staff = ForeignKey(
        references=LazyTableReference("Staff", app_name="accounts"),
        null=False,
        on_delete=OnDelete.cascade,
        primary_key=True,
    )
    columns = Array(base_column=Varchar(length=30), default=list)


class Receipt(Table, tablename="receipt", db=DB):
    """What the public form answered, for the page after it.

    Without a registration it answers someone who is registered already, and shows the same as for everybody else:
    a stranger must not learn from it who takes part. `head` is the receipt of who registered this person along with
    themselves, `number` the person's place among them.
    """

    id = UUID(primary_key=True)
    token_hash = Bytea(unique=True)
    event = ForeignKey(
        references=LazyTableReference("Event", app_name="programme"), null=False, on_delete=OnDelete.cascade
    )
    registration = ForeignKey(references=Registration, null=True, default=None, on_delete=OnDelete.cascade)
    head = ForeignKey(references="self", null=True, default=None, on_delete=OnDelete.cascade, index=True)
    number = SmallInt(default=0)
    entered = JSONB(default="{}")
    state = Varchar(length=20, choices=State)
    position = Integer(default=0)
    created_at = Timestamptz(default=TimestamptzNow())


declare(Notice, "text_fi", "text_sv", "text_en")
declare(
    Registration,
    *("country", "role", "state", "language", "source", "ticket_hash", "ticket_code", "manage_hash"),
    registered_by_name=Personal(Kept.CONTACT, "telling the person who registered them"),
    cancel_reason=Personal(Kept.CONTACT, "telling the organiser why someone cannot come"),
    parting_words=Personal(Kept.CONTACT, "telling the person why a registration was cancelled or declined"),
    welcome_words=Personal(Kept.CONTACT, "telling the person something when the registration is approved"),
)
declare(RegistrationNote, text=Personal(Kept.CONTACT, "what colleagues must know of a registration"))
declare(
    RegistrationTag,
    tag=Personal(Kept.CONTACT, "finding registrations again"),
    folded=Personal(Kept.CONTACT, "comparing tags"),
)
declare(ListColumns, "columns")
declare(Consent, "kind", "text", "language")
declare(
    Receipt,
    "token_hash",
    "state",
    entered=Personal(Kept.PASSING, "showing again what was entered, and mending the address"),
)


stays_behind(Registration)
stays_behind(Receipt)
