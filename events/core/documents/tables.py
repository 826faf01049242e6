"""What members of staff ask for and a worker makes: lists, badges, reports, and work on many rows with its report."""

from enum import StrEnum

from piccolo.columns import UUID, Integer, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.column_types import JSONB
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from events.core.database import DB
from events.core.privacy import declare


class DocumentState(StrEnum):
    """How far a document is."""

    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


class Document(Table, tablename="document", db=DB):
    """A file that a member of staff (`staff`) asked for: theirs alone, and gone after a day.

    `kind` says who makes it (events/documents.py), out of `parameters` and in `language`. It is about one thing, named
    by `subject_kind` and `subject_id`: who must not see that any more does not get the file. `back` is the page it was
    asked from. `done` of `total` steps are done. `due_at` is when a worker may take it: at once, after a pause, or when
    the lease of who makes it runs out. `words` say to people why it failed. `given` is the file of what it is made of
    beside the parameters, gone once it is made; `so_far` is what its maker wants to know when it begins again.
    """

    id = UUID(primary_key=True)
    staff = UUID(default=None)
    kind = Varchar(length=40)
    subject_kind = Varchar(length=20)
    subject_id = UUID(default=None)
    parameters = JSONB(default="{}")
    given = Varchar(length=32)
    so_far = JSONB(default="{}")
    language = Varchar(length=2)
    title = Varchar(length=300)
    filename = Varchar(length=200)
    back = Varchar(length=300)
    state = Varchar(length=10, choices=DocumentState)
    done = Integer()
    total = Integer()
    tries = SmallInt()
    due_at = Timestamptz(default=TimestamptzNow())
    words = Text()
    stored = Varchar(length=32)
    media_type = Varchar(length=100)
    size = Integer()
    asked_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=None)


# Parameters are ids and choices, and titles name the subject: whoever stands in the files is named in the files alone.
declare(
    Document,
    *(
        "kind",
        "subject_kind",
        "parameters",
        "given",
        "so_far",
        "language",
        "title",
        "filename",
        "back",
        "state",
        "words",
        "stored",
    ),
    "media_type",
)
