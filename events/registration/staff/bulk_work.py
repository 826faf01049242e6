"""A deed done to many registrations: to few at once, to many by a worker; what it came to is told on a page."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from events.accounts.queries import staff_actor
from events.accounts.rules import Action, may
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.documents.actions import ask, make_at_once
from events.core.documents.shapes import Kind, Shown, Task, Tell, Wanted
from events.core.errors import Conflict, NotAllowed, NotFound, Unavailable
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration.staff.bulk import Deed, Given, act_of
from events.registration.staff.bulk_words import deed_words

LONGEST_BACK = 300

AT_ONCE = 200
"""Registrations up to which one waits for the end."""

TOLD = 100
"""Refusals in a row after which they are told: a step that changed nothing needs no word of its own."""


class Order(Struct, frozen=True):
    """What is to be done to whom, in this order."""

    deed: Deed
    registrations: list[UUID]
    given: Given
    back: str


class Outcome(Struct, frozen=True):
    """What was done to how many, and to whom it could not be, with the reason."""

    deed: Deed
    done: int
    refused: dict[UUID, str]
    back: str


class Refused(Struct, frozen=True):
    """A registration to which it could not be done, and why."""

    registration: UUID
    name: str
    reason: str


async def order(event: EventView, wanted: Order, *, actor: Actor, now: datetime) -> UUID:
    """Have a deed done; returns the document that shows how far it is."""
    people = len(wanted.registrations)
    asked = Wanted(
        kind="registrations.bulk",
        subject_kind="event",
        subject_id=event.id,
        title=f"{deed_words(wanted.deed)}: {event.title}",
        filename="",
        back=wanted.back if len(wanted.back) <= LONGEST_BACK else wanted.back.partition("?")[0],
        parameters={},
        total=people,
        content=msgspec.json.encode(wanted),
    )
    if people > AT_ONCE:
        return await ask(asked, actor=actor, now=now)
    return await make_at_once(asked, KINDS, actor=actor, now=now)


async def make(task: Task, tell: Tell, now: datetime) -> bytes:
    """Do it to one after the other, from where an earlier try ended; what cannot be done to one hinders no other."""
    wanted = msgspec.json.decode(task.content, type=Order)
    found = await staff_actor(task.staff) if task.staff else None
    if found is None:
        raise NotFound
    act = act_of(wanted.deed, wanted.given, found[0], now)
    refused = {UUID(one): str(reason) for one, reason in task.so_far.items()}
    refused |= await _perform(act, wanted.registrations, task.done, tell)
    done = len(wanted.registrations) - len(refused)
    return msgspec.json.encode(Outcome(wanted.deed, done, refused, wanted.back))


async def _perform(
    act: Callable[[UUID], Awaitable[object]], registrations: Sequence[UUID], begin: int, tell: Tell
) -> dict[UUID, str]:
    """Do it to all from the one at `begin`; returns why it could not be done to whom."""
    refused: dict[UUID, str] = {}
    untold: dict[str, str] = {}
    for position, registration in enumerate(registrations[begin:], start=begin + 1):
        try:
            async with transaction():
                await act(registration)
                await tell(position, untold or None)
            untold = {}
            continue
        except (Conflict, NotAllowed, NotFound, Unavailable) as error:
            refused[registration] = error.message
        except database.BUSY:
            refused[registration] = Unavailable().message
        untold[str(registration)] = refused[registration]
        if len(untold) >= TOLD:
            await tell(position, untold)
            untold = {}
    return refused


async def may_see(actor: Actor, event_id: UUID, now: datetime) -> bool:
    """Say whether someone may (still) change the registrations of an event."""
    event = await programme.by_id(event_id)
    region = event.host_region if event else None
    return event is not None and may(actor, Action.EDIT_REGISTRATIONS, now=now, event_id=event_id, region=region)


async def shown(event_id: UUID, content: bytes) -> Mapping[str, Any]:
    """Return what the page of a deed that is done shows."""
    outcome = msgspec.json.decode(content, type=Outcome)
    return {
        "event": await programme.by_id(event_id),
        "name": deed_words(outcome.deed),
        "done": outcome.done,
        "refused": await _named(outcome.refused),
        "back": outcome.back,
    }


async def _named(refused: Mapping[UUID, str]) -> Sequence[Refused]:
    rows = await database.fetch(
        "SELECT registration.id, trim(person.given_name || ' ' || person.family_name) AS name FROM registration"
        " JOIN person ON person.id = registration.person WHERE registration.id = ANY($1)",
        list(refused),
    )
    names = {row["id"]: row["name"] for row in rows}
    return [Refused(one, names.get(one, ""), reason) for one, reason in refused.items()]


KINDS: Mapping[str, Kind] = {
    "registrations.bulk": Kind(make, may_see, shown=Shown("registration/staff_bulk_done.html", shown)),
}
