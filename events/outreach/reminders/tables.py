"""Which reminders have been dealt with."""

from enum import StrEnum

from piccolo.columns import UUID, ForeignKey, OnDelete, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.reference import LazyTableReference
from piccolo.constraints import Unique
from piccolo.table import Table

from events.core.copying import stays_behind
from events.core.database import DB
from events.core.privacy import declare


class Outcome(StrEnum):
    """What became of a rule at an event."""

    SENT = "sent"
    LEFT_OUT = "left_out"


class ReminderRun(Table, tablename="reminder_run", db=DB):
    """A rule that had its turn at an event, at one occurrence; `by` is the member of staff who decided on a late one.

    What went out stands in the ledger, under the same occurrence.
    """

    id = UUID(primary_key=True)
    rule = ForeignKey(
        references=LazyTableReference("ReminderRule", app_name="programme"), null=False, on_delete=OnDelete.cascade
    )
    event = ForeignKey(
        references=LazyTableReference("Event", app_name="programme"), null=False, on_delete=OnDelete.cascade
    )
    occurrence = Varchar(length=80)
    outcome = Varchar(length=10, choices=Outcome, default=Outcome.SENT)
    by = UUID(default=None, null=True)
    at = Timestamptz(default=TimestamptzNow())

    reminder_run_once = Unique([event, occurrence])


declare(ReminderRun, "occurrence", "outcome")
stays_behind(ReminderRun)
