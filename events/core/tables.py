"""Tables that belong to no feature: limits, idempotency, what running processes tell each other."""

from piccolo.columns import UUID, Integer, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.column_types import Bytea
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Unique
from piccolo.table import Table

from events.core.database import DB
from events.core.privacy import Kept, Personal, declare


class RateLimit(Table, tablename="rate_limit", db=DB):
    """How often a key was used since its window began; the key holds a hash, never an address."""

    key = Varchar(length=120, primary_key=True)
    window_start = Timestamptz(default=None)
    uses = Integer()


class IdempotencyKey(Table, tablename="idempotency_key", db=DB):
    """A request that may be repeated: what it made, so that its answer can be given again without storing a secret."""

    id = UUID(primary_key=True)
    scope = Varchar(length=120)
    key = Varchar(length=255)
    body_hash = Bytea()
    subject_id = UUID(default=None, null=True)
    status = SmallInt(default=0)
    created_at = Timestamptz(default=TimestamptzNow())

    idempotency_key_once = Unique([scope, key])


class ServiceState(Table, tablename="service_state", db=DB):
    """Small facts that processes share: the public address, the last tick, the last backup."""

    key = Varchar(length=60, primary_key=True)
    value = Text()
    changed_at = Timestamptz(default=TimestamptzNow())


class PrivateFeed(Table, tablename="private_feed", db=DB):
    """A calendar that a secret address opens: of a person or of a member of staff. Revoked, it has no hash."""

    id = UUID(primary_key=True)
    owner_kind = Varchar(length=10)
    owner_id = UUID(default=None)
    generation = SmallInt(default=0)
    token_hash = Bytea(default=None, null=True, unique=True)
    made_at = Timestamptz(default=TimestamptzNow())

    private_feed_owner = Unique([owner_kind, owner_id])


declare(RateLimit, "key")
declare(
    IdempotencyKey, "scope", "body_hash", key=Personal(Kept.SECURITY, "chosen by the caller to repeat a request safely")
)
declare(ServiceState, "key", "value")
declare(PrivateFeed, "owner_kind", "token_hash")
