"""Who was asked to come, and what they answered."""

from enum import StrEnum

from piccolo.columns import UUID, ForeignKey, OnDelete, SmallInt, Timestamptz, Varchar
from piccolo.columns.column_types import Bytea
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.reference import LazyTableReference
from piccolo.constraints import Unique
from piccolo.table import Table

from events.core.copying import stays_behind
from events.core.database import DB
from events.core.privacy import Kept, Personal, declare
from events.registration.tables import Registration


class InvitationState(StrEnum):
    """What an invitation was answered; SENT until then."""

    SENT = "sent"
    YES = "yes"
    NO = "no"
    LATER = "later"
    WITHDRAWN = "withdrawn"


class Invitation(Table, tablename="invitation", db=DB):
    """Someone who was asked to come: an address, maybe with a name, maybe a person we know.

    `folded` tells several people of one address apart, as `person.folded` does. The personal link is derived from the
    id. `sendings` counts how often it was sent, `registration` is what a yes by the link led to; what someone
    answered elsewhere, by the public form or by cancelling, is read from the registrations.
    """

    id = UUID(primary_key=True)
    event = ForeignKey(
        references=LazyTableReference("Event", app_name="programme"), null=False, on_delete=OnDelete.cascade
    )
    email = Varchar(length=254, index=True)
    name = Varchar(length=200, default="")
    folded = Varchar(length=220, default="")
    person = ForeignKey(
        references=LazyTableReference("Person", app_name="network"),
        null=True,
        default=None,
        on_delete=OnDelete.set_null,
    )
    language = Varchar(length=2, default="fi")
    state = Varchar(length=10, choices=InvitationState, default=InvitationState.SENT)
    token_hash = Bytea(unique=True)
    sendings = SmallInt(default=1)
    reminded_at = Timestamptz(default=None, null=True)
    invited_by = UUID(default=None, null=True)
    invited_at = Timestamptz(default=TimestamptzNow())
    answered_at = Timestamptz(default=None, null=True)
    registration = ForeignKey(references=Registration, null=True, default=None, on_delete=OnDelete.set_null)

    invitation_once = Unique([event, email, folded])


declare(
    Invitation,
    *("language", "state", "token_hash"),
    email=Personal(Kept.CONTACT, "where the invitation goes"),
    name=Personal(Kept.CONTACT, "whom the invitation addresses"),
    folded=Personal(Kept.CONTACT, "telling people of one address apart"),
)

stays_behind(Invitation)
