"""Registering colleagues along with oneself: each a registration of its own, all of them or none."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from events.core import database, jobs
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import ServiceError, Unavailable
from events.core.idempotency import Repeatable
from events.messaging import ledger
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason
from events.registration.new_registration import NewRegistration
from events.registration.public import receipts
from events.registration.queries import Registered
from events.registration.registering import register

TRIES = 4
"""How often all of it is tried: who founds an organisation while we hold the site waits for us, and we for them."""


class Refused(Exception):
    """One of the people cannot be registered, and so nobody was; `number` counts from 0, who fills in the form."""

    def __init__(self, number: int, error: ServiceError) -> None:
        super().__init__()
        self.number = number
        self.error = error


async def register_group(
    event_id: UUID,
    people: Sequence[NewRegistration],
    marks: Sequence[Repeatable],
    *,
    registrar: str,
    actor: Actor,
    now: datetime,
    first: Callable[[], Awaitable[Registered]],
) -> UUID:
    """Register people in their order, the first by `first`; returns the receipt of the whole.

    Each gets a ticket and link by mail and is told by whom they were registered: by the first, or by `registrar`, who
    does not take part. Whoever comes after the last place waits. Raises Refused, Unavailable.
    """
    for _again in range(TRIES):
        try:
            async with transaction():
                return await _register(event_id, people, marks, registrar=registrar, actor=actor, now=now, first=first)
        except Refused as refused:
            if not isinstance(refused.error, Unavailable):
                raise
    raise Unavailable


async def _register(
    event_id: UUID,
    people: Sequence[NewRegistration],
    marks: Sequence[Repeatable],
    *,
    registrar: str,
    actor: Actor,
    now: datetime,
    first: Callable[[], Awaitable[Registered]],
) -> UUID:
    by, head = None, None
    for number, (new, mark) in enumerate(zip(people, marks, strict=True)):
        try:
            made = await (register(event_id, new, actor=actor, now=now, mark=mark, tries=2) if number else first())
        except ServiceError as error:
            raise Refused(number, error) from error
        if not made.already and (by or registrar):
            await database.execute(_REGISTERED_BY, made.id, by, registrar)
        receipt = await receipts.give(event_id, new, made, now=now, head=head, number=number)
        by, head = by or made.id, head or receipt
    if head is None:
        raise ValueError("nobody to register")
    if len(people) > 1 and people[0].email:
        recipient = Recipient(people[0].email, registrar or people[0].name, people[0].language)
        await ledger.add(Reason.GROUP, recipient, "receipt", head, now=now)
        jobs.nudge("mail.deliver")
    return head


_REGISTERED_BY = "UPDATE registration SET registered_by = $2, registered_by_name = $3 WHERE id = $1"
