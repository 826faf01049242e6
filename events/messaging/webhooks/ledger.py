"""Owing webhooks: a row for each endpoint that wants to know, in the transaction of what it tells of.

Where no endpoint wants to, the one look at the endpoints is all that is done. A hot statement has two forms for that
(`Forms`): even an insert of nothing takes the server a tenth of the time of the whole statement.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from events.core import database, jobs
from events.messaging.webhooks.tables import Happening

JOB = "webhooks.deliver"

_OWE = """
INSERT INTO webhook_delivery (id, endpoint, kind, data, occurred_at, due_at)
SELECT gen_random_uuid(), endpoint.id, {kind}, {data} || jsonb_build_object('event',
    (SELECT jsonb_build_object('id', event.id, 'slug', event.slug) FROM event WHERE event.id = {event})), {at}, {at}
FROM {source} CROSS JOIN webhook_endpoint AS endpoint
WHERE endpoint.switched_off_at IS NULL AND {kind} = ANY(endpoint.kinds)
"""


def owing(kind: Happening, source: str, *, event: str, data: str, at: str) -> str:
    """Return the SQL that owes a happening for each row of `source`, as a part of the statement in which it happens.

    `event` (an id), `data` (jsonb, ids and states alone) and `at` are expressions over that row.
    """
    return _OWE.format(kind=f"'{kind.value}'", source=source, event=event, data=data, at=at)


def wanting(kind: Happening) -> str:
    """Return the SQL that says whether any endpoint wants to know of a kind."""
    return (
        "EXISTS (SELECT FROM webhook_endpoint AS endpoint"
        f" WHERE endpoint.switched_off_at IS NULL AND '{kind.value}' = ANY(endpoint.kinds))"
    )


class Forms:
    """A statement in two forms, of which the last that was right is tried first.

    `telling` holds the SQL of `owing`; `plain` does without, and does nothing at all where `wanting` is true. Each
    returns `wanted`, what `wanting` said. So nothing hangs on what a process remembers.
    """

    def __init__(self, plain: str, telling: str) -> None:
        self.plain, self.telling = plain, telling
        self.likely = plain

    def undone(self, form: str, *, wanted: bool) -> bool:
        """Remember what was wanted, and say whether `form` did nothing for it, so that it must be run again."""
        self.likely = self.telling if wanted else self.plain
        return wanted and form is self.plain


_ADD = _OWE.format(kind="$1::varchar", source="(SELECT) AS once", event="$2", data="$3::jsonb", at="$4::timestamptz")


async def add(kind: Happening, event_id: UUID, *, now: datetime, **data: object) -> int:
    """Owe every endpoint that wants to know of it what happened to an event; returns how many there are.

    `data` are ids and states, nothing that says who someone is: receivers lie outside. Nudges after the transaction.
    """
    owed = await database.execute(_ADD, kind.value, event_id, _json(data), now)
    if owed:
        jobs.nudge(JOB)
    return owed


async def add_test(endpoint: UUID, *, now: datetime) -> None:
    """Owe one endpoint a delivery that tells of nothing, whatever it wants to know of."""
    await database.execute(
        "INSERT INTO webhook_delivery (id, endpoint, kind, data, occurred_at, due_at)"
        " VALUES (gen_random_uuid(), $1, $2, '{}', $3, $3)",
        *(endpoint, Happening.TEST.value, now),
    )
    jobs.nudge(JOB)


async def drop_all(endpoint: UUID, *, now: datetime) -> None:
    """Give up whatever an endpoint is still owed."""
    await database.execute(
        "UPDATE webhook_delivery SET state = 'dropped', finished_at = $2, lease_until = NULL"
        " WHERE endpoint = $1 AND state IN ('queued', 'sending')",
        *(endpoint, now),
    )


def _json(data: Mapping[str, object]) -> str:
    return msgspec.json.encode(data).decode()
