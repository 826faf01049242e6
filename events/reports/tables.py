"""What reports keep of an event beside its participations."""

from enum import StrEnum

from piccolo.columns import UUID, BigInt, ForeignKey, Integer, OnDelete, SmallInt, Varchar
from piccolo.columns.reference import LazyTableReference
from piccolo.table import Table

from events.core.copying import stays_behind
from events.core.database import DB
from events.core.privacy import declare


class TurnoutStep(StrEnum):
    """Who is counted: those invited, or those who were registered and did not come."""

    INVITED = "invited"
    ABSENT = "absent"


class Turnout(Table, tablename="turnout", db=DB):
    """How many were invited to a reconciled event, and how many of which sort did not come, as it was that day.

    A trigger on the event writes the rows when it is reconciled and takes them away when it is opened again, so that
    deleting people's data later changes no figure. `cells` and `counts_as` are as those of a participation; of the
    invited, who have said nothing of themselves, both are 0.
    """

    id = UUID(primary_key=True)
    event = ForeignKey(
        references=LazyTableReference("Event", app_name="programme"),
        null=False,
        on_delete=OnDelete.cascade,
        index=True,
    )
    step = Varchar(length=10, choices=TurnoutStep)
    cells = BigInt(default=0)
    counts_as = SmallInt(default=0)
    number = Integer(default=0)


declare(Turnout, "step")

stays_behind(Turnout)
