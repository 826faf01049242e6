"""Endpoints and the log of their deliveries."""

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from msgspec import Struct

from events.core import database
from events.core.errors import NotFound
from events.messaging.webhooks.tables import DeliveryState, Happening

PAGE_SIZE = 50


class EndpointView(Struct, frozen=True):
    """An endpoint; `waiting` and `failed` count its deliveries that are not through, `last_at` is its last success."""

    id: UUID
    url: str
    description: str
    kinds: list[Happening]
    generation: int
    rotated_at: datetime | None
    created_at: datetime
    switched_off_at: datetime | None
    gone: bool
    waiting: int
    failed: int
    last_at: datetime | None

    @property
    def host(self) -> str:
        """The server's name alone: what stands behind it may be a key of the receiver."""
        return urlsplit(self.url).netloc


class DeliveryView(Struct, frozen=True):
    """A row of the log; `status` is the receiver's, None where there was no answer."""

    id: UUID
    kind: Happening
    slug: str
    occurred_at: datetime
    state: DeliveryState
    due_at: datetime
    tries: int
    status: int | None
    words: str
    finished_at: datetime | None


class Log(Struct, frozen=True):
    """One page of the log, and how many deliveries there are over all pages."""

    items: list[DeliveryView]
    total: int


_ENDPOINTS = """
SELECT endpoint.id, url, description, kinds, generation, rotated_at, created_at, switched_off_at, gone,
    count(*) FILTER (WHERE delivery.state IN ('queued', 'sending')) AS waiting,
    count(*) FILTER (WHERE delivery.state = 'failed') AS failed,
    max(delivery.finished_at) FILTER (WHERE delivery.state = 'delivered') AS last_at
FROM webhook_endpoint AS endpoint LEFT JOIN webhook_delivery AS delivery ON delivery.endpoint = endpoint.id
WHERE $1::uuid IS NULL OR endpoint.id = $1
GROUP BY endpoint.id ORDER BY switched_off_at IS NOT NULL, created_at, endpoint.id
"""


async def endpoints(only: UUID | None = None) -> list[EndpointView]:
    """Return the endpoints, those that are switched off last."""
    rows = await database.fetch(_ENDPOINTS, only)
    return [EndpointView(**{**row, "kinds": [Happening(kind) for kind in row["kinds"]]}) for row in rows]


async def endpoint(identity: UUID) -> EndpointView:
    """Return an endpoint; raises NotFound."""
    found = await endpoints(identity)
    if not found:
        raise NotFound
    return found[0]


async def log(identity: UUID, *, page: int = 1) -> Log:
    """Return a page (from 1) of what an endpoint was owed, the newest first."""
    total = await database.fetchval("SELECT count(*) FROM webhook_delivery WHERE endpoint = $1", identity)
    rows = await database.fetch(
        "SELECT id, kind, coalesce(data -> 'event' ->> 'slug', '') AS slug, occurred_at, state, due_at, tries, status,"
        " words, finished_at FROM webhook_delivery WHERE endpoint = $1"
        f" ORDER BY occurred_at DESC, id LIMIT {PAGE_SIZE} OFFSET $2",
        *(identity, (page - 1) * PAGE_SIZE),
    )
    views = [
        DeliveryView(**{**row, "kind": Happening(row["kind"]), "state": DeliveryState(row["state"])}) for row in rows
    ]
    return Log(views, total)
