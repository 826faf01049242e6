"""Feedback on accessibility and the service, with the time by which it must be answered."""

from piccolo.columns import UUID, Text, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from events.core.database import DB
from events.core.privacy import Kept, Personal, declare


class Feedback(Table, tablename="feedback", db=DB):
    """A case of the accessibility feedback channel (Act 306/2019: answered within 14 days)."""

    id = UUID(primary_key=True)
    text = Text()
    page = Varchar(length=300, default="")
    email = Varchar(length=254, default="")
    language = Varchar(length=2, default="fi")
    received_at = Timestamptz(default=TimestamptzNow())
    due_at = Timestamptz(default=None)
    closed_at = Timestamptz(default=None, null=True)
    answer = Text(default="")


declare(
    Feedback,
    "page",
    "language",
    text=Personal(Kept.CONTACT, "what someone wrote to us"),
    email=Personal(Kept.CONTACT, "where the answer goes"),
    answer=Personal(Kept.CONTACT, "what was answered"),
)
