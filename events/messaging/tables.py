"""The ledger of messages, and who is not to be written to."""

from enum import StrEnum

from piccolo.columns import UUID, Boolean, DoublePrecision, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Unique
from piccolo.table import Table

from events.core.database import DB
from events.core.privacy import Kept, Personal, declare


class Reason(StrEnum):
    """Why a message is written."""

    CONFIRMATION = "confirmation"
    WAITING = "waiting"
    PLACE_FREED = "place_freed"
    OFFER = "offer"
    CONFIRM_ADDRESS = "confirm_address"
    LAPSED = "lapsed"
    GROUP = "group"
    NOT_TRANSFERRED = "not_transferred"
    NOT_CHANGED = "not_changed"
    ALREADY_REGISTERED = "already_registered"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    EVENT_CHANGED = "event_changed"
    EVENT_CANCELLED = "event_cancelled"
    MATERIALS = "materials"
    REMINDER = "reminder"
    ENTRY_DECLINED = "entry_declined"
    INVITATION = "invitation"
    INVITATION_REMINDER = "invitation_reminder"
    INVITATION_CHANGED = "invitation_changed"
    INVITATION_CANCELLED = "invitation_cancelled"
    ANNOUNCEMENT = "announcement"
    DIGEST = "digest"
    ANNOUNCEMENT_TEST = "announcement_test"
    NEWS = "news"
    NEWS_TEST = "news_test"
    LEFT_OPEN = "left_open"
    HEAR_AGAIN = "hear_again"
    SURVEY = "survey"
    SIGN_IN = "sign_in"
    INVITATION_STAFF = "invitation_staff"
    FEEDBACK = "feedback"


class MessageState(StrEnum):
    """Where a message stands; all but the first two are final."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    BOUNCED = "bounced"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


class Message(Table, tablename="message", db=DB):
    """One mail to one recipient, for one reason, about one subject, at one occurrence (design.md §5.2).

    `deaths` counts the workers, one after the other, that ended with it in hand.
    """

    id = UUID(primary_key=True)
    recipient = Varchar(length=254)
    recipient_name = Varchar(length=210, default="")
    person_id = UUID(default=None, null=True, index=True)
    reason = Varchar(length=30, choices=Reason)
    subject_kind = Varchar(length=30)
    subject_id = UUID(default=None)
    occurrence = Varchar(length=80, default="0")
    language = Varchar(length=2, default="fi")
    state = Varchar(length=10, choices=MessageState, default=MessageState.QUEUED)
    due_at = Timestamptz(default=TimestamptzNow())
    lease_until = Timestamptz(default=None, null=True)
    tries = SmallInt(default=0)
    deaths = SmallInt(default=0)
    message_id = Varchar(length=200)
    subject_line = Varchar(length=300, default="")
    server_words = Text(default="")
    delivered_by_mail = Boolean(default=False)
    created_at = Timestamptz(default=TimestamptzNow())
    finished_at = Timestamptz(default=None, null=True)

    message_once = Unique([recipient, reason, subject_kind, subject_id, occurrence])


class Suppression(Table, tablename="suppression", db=DB):
    """An address that is not written to any more, and why."""

    address = Varchar(length=254, primary_key=True)
    reason = Varchar(length=40)
    since = Timestamptz(default=TimestamptzNow())


class Bounce(Table, tablename="bounce", db=DB):
    """One mail that came back, or a refusal at the door: of which message, to which address, with which status.

    `report` is a digest of what said so, which may be read or handed over twice.
    """

    id = UUID(primary_key=True)
    report = Varchar(length=64)
    address = Varchar(length=254, index=True)
    message = UUID(default=None)
    status = Varchar(length=15)
    at = Timestamptz(default=TimestamptzNow())

    bounce_once = Unique([report, address])


class Unreachable(Table, tablename="unreachable", db=DB):
    """An address that mail does not reach, until somebody takes it off the list."""

    address = Varchar(length=254, primary_key=True)
    status = Varchar(length=15)
    words = Text(default="")
    since = Timestamptz(default=TimestamptzNow())


class MailDomain(Table, tablename="mail_domain", db=DB):
    """A domain that gets its mail at a pace of its own: a message each `pace` seconds, the next one from `open_at`."""

    domain = Varchar(length=254, primary_key=True)
    open_at = Timestamptz(default=TimestamptzNow())
    pace = DoublePrecision(default=0.0)


class RefusedTheme(Table, tablename="refused_theme", db=DB):
    """A theme about whose events an address gets no invitations."""

    id = UUID(primary_key=True)
    address = Varchar(length=254)
    theme = Varchar(length=40)
    since = Timestamptz(default=TimestamptzNow())

    refused_once = Unique([address, theme])


declare(
    Message,
    "reason",
    "subject_kind",
    "occurrence",
    "language",
    "state",
    "message_id",
    "subject_line",
    recipient=Personal(Kept.CONTACT, "where the message goes"),
    recipient_name=Personal(Kept.CONTACT, "whom the message addresses"),
    server_words=Personal(Kept.CONTACT, "what the mail server said, which may name the address"),
)
declare(Suppression, "reason", address=Personal(Kept.CONTACT, "not to be written to"))
declare(Bounce, "report", "status", address=Personal(Kept.CONTACT, "which address mail came back from"))
declare(
    Unreachable,
    "status",
    address=Personal(Kept.CONTACT, "not to be written to in vain"),
    words=Personal(Kept.CONTACT, "what the mail server said, which may name the address"),
)
declare(MailDomain, "domain")
declare(RefusedTheme, "theme", address=Personal(Kept.CONTACT, "of what it wants to hear no more"))
