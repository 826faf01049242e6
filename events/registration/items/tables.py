"""What people signed up for within an event, and where they speak."""

from typing import Any

from piccolo.columns import UUID, ForeignKey, OnDelete, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.reference import LazyTableReference
from piccolo.constraints import Unique
from piccolo.table import Table

from events.core.copying import stays_behind
from events.core.database import DB
from events.core.privacy import declare
from events.registration.tables import Registration


class RegistrationItem(Table, tablename="registration_item", db=DB):
    """Someone has a place in an item of the agenda that is signed up for separately."""

    id = UUID(primary_key=True)
    registration = ForeignKey(references=Registration, null=False, on_delete=OnDelete.cascade)
    item: ForeignKey[Any] = ForeignKey(
        references=LazyTableReference("AgendaItem", app_name="programme"),
        null=False,
        on_delete=OnDelete.cascade,
        index=True,
    )

    registration_item_once = Unique([registration, item])


class Speaker(Table, tablename="speaker", db=DB):
    """Someone who is registered speaks in an item of the agenda, which names those in the order of `added_at`.

    It says nothing of a person by itself: who is erased speaks without a name, and staff see that somebody is missing.
    """

    id = UUID(primary_key=True)
    registration = ForeignKey(references=Registration, null=False, on_delete=OnDelete.cascade)
    item: ForeignKey[Any] = ForeignKey(
        references=LazyTableReference("AgendaItem", app_name="programme"),
        null=False,
        on_delete=OnDelete.cascade,
        index=True,
    )
    added_at = Timestamptz(default=TimestamptzNow())

    speaker_once = Unique([registration, item])


declare(RegistrationItem)
declare(Speaker)
stays_behind(RegistrationItem)
stays_behind(Speaker)
