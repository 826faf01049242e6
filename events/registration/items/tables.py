"""What people signed up for within an event."""

from typing import Any

from piccolo.columns import UUID, ForeignKey, OnDelete
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


declare(RegistrationItem)
stays_behind(RegistrationItem)
