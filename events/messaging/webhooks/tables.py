"""Who is told by webhook, and what each is owed."""

from enum import StrEnum

from piccolo.columns import UUID, Array, Boolean, ForeignKey, Integer, OnDelete, SmallInt, Timestamptz, Varchar
from piccolo.columns.column_types import JSONB
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from events.core.database import DB
from events.core.privacy import declare


class Happening(StrEnum):
    """What a webhook tells of: the `type` of its body."""

    REGISTRATION_CREATED = "registration.created"
    REGISTRATION_CANCELLED = "registration.cancelled"
    CHECKIN_RECORDED = "checkin.recorded"
    EVENT_PUBLISHED = "event.published"
    SURVEY_ANSWERED = "survey.answered"
    TEST = "endpoint.test"


class DeliveryState(StrEnum):
    """Where a delivery stands; all but the first two are final, until it is sent again."""

    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


class WebhookEndpoint(Table, tablename="webhook_endpoint", db=DB):
    """An address of another system that wants to be told; its secret is derived from id and generation.

    Until a day after `rotated_at` the secret before is used as well. `gone`: the receiver itself answered 410.
    """

    id = UUID(primary_key=True)
    url = Varchar(length=500)
    description = Varchar(length=200, default="")
    kinds = Array(base_column=Varchar(length=40), default=[])
    generation = Integer(default=0)
    rotated_at = Timestamptz(default=None, null=True)
    created_at = Timestamptz(default=TimestamptzNow())
    switched_off_at = Timestamptz(default=None, null=True)
    gone = Boolean(default=False)


class WebhookDelivery(Table, tablename="webhook_delivery", db=DB):
    """What one endpoint is owed of one happening; the id is its `webhook-id`, the same at each try."""

    id = UUID(primary_key=True)
    endpoint = ForeignKey(references=WebhookEndpoint, null=False, on_delete=OnDelete.cascade)
    kind = Varchar(length=40, choices=Happening)
    data = JSONB(default="{}")
    occurred_at = Timestamptz(default=TimestamptzNow())
    state = Varchar(length=10, choices=DeliveryState, default=DeliveryState.QUEUED)
    due_at = Timestamptz(default=TimestamptzNow())
    lease_until = Timestamptz(default=None, null=True)
    tries = SmallInt(default=0)
    status = SmallInt(default=None, null=True)
    words = Varchar(length=300, default="")
    finished_at = Timestamptz(default=None, null=True)


declare(WebhookEndpoint, "url", "description", "kinds")
declare(WebhookDelivery, "kind", "data", "state", "words")  # ids alone go out, so nothing else comes back
