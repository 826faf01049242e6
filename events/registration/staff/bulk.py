"""Doing the same to many registrations: each in whole by its own action, in the order in which they arrived."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from time import monotonic
from uuid import UUID

from msgspec import Struct

from events.core import database
from events.core.actor import Actor
from events.core.errors import Conflict, NotAllowed, NotFound, Unavailable
from events.core.i18n import gettext as _
from events.registration import actions
from events.registration.rules import GONE
from events.registration.staff import notes
from events.registration.staff.sending_again import LETTERS, send_again
from events.registration.tables import RegistrationRole, State

MOST = 5_000
"""Registrations that can be chosen at once."""

SLICE = 8.0
"""Seconds that one request works; what is left then goes on in the next."""


class Deed(StrEnum):
    """What can be done to many."""

    APPROVE = "approve"
    DECLINE = "decline"
    CANCEL = "cancel"
    ROLE = "role"
    MOVE = "move"
    SEND = "send"
    TAG = "tag"
    UNTAG = "untag"


_HERE = frozenset(State) - GONE
MEANT: Mapping[Deed, Collection[State]] = {
    Deed.APPROVE: frozenset({State.AWAITING_APPROVAL}),
    Deed.DECLINE: frozenset({State.AWAITING_APPROVAL, State.WAITLISTED}),
    Deed.CANCEL: _HERE,
    Deed.MOVE: _HERE,
    Deed.SEND: frozenset(LETTERS),
}
"""In which states a deed does something; those that are not named do in all."""

SILENT = frozenset({Deed.ROLE, Deed.TAG, Deed.UNTAG})
"""Deeds of which nobody gets a mail."""


class Outlook(Struct, frozen=True):
    """What a deed would do: to whom it can be done, how many of them get a mail, how many it leaves out."""

    able: list[UUID]
    mails: int
    left_out: int


class Given(Struct, frozen=True, kw_only=True):
    """What a deed needs beside the registrations; `turn` makes a repeated sending harmless."""

    message: str = ""
    role: str = ""
    site: UUID | None = None
    tag: str = ""
    turn: str = ""


class Refused(Struct, frozen=True):
    """A registration to which it could not be done, and why."""

    registration: UUID
    name: str
    reason: str


class Result(Struct, frozen=True):
    """What was done to how many, what could not be, and the registrations that are left for the next request."""

    done: int
    refused: list[Refused]
    rest: list[UUID]


async def outlook(deed: Deed, registrations: Sequence[UUID]) -> Outlook:
    """Say what a deed would do to these registrations as they are now."""
    rows = await database.fetch(
        "SELECT registration.id, registration.state, person.email IS NOT NULL AS reached FROM registration"
        " JOIN person ON person.id = registration.person WHERE registration.id = ANY($1)",
        registrations,
    )
    reached = {row["id"]: row["reached"] for row in rows if deed not in MEANT or row["state"] in MEANT[deed]}
    able = [registration for registration in registrations if registration in reached]
    return Outlook(able, 0 if deed in SILENT else sum(reached.values()), len(rows) - len(able))


async def perform(
    deed: Deed,
    event_id: UUID,
    registrations: Sequence[UUID],
    given: Given,
    *,
    actor: Actor,
    now: datetime,
    seconds: float,
) -> Result:
    """Do it to one after the other for at most so many seconds; what cannot be done to one hinders no other."""
    if deed in {Deed.TAG, Deed.UNTAG}:
        change = notes.add_tag if deed is Deed.TAG else notes.remove_tag
        await change(event_id, registrations, given.tag, actor=actor, now=now)
        return Result(len(registrations), [], [])
    act = _act(deed, given, actor, now)
    until = monotonic() + seconds
    refused: dict[UUID, str] = {}
    position = 0
    while position < len(registrations) and (position == 0 or monotonic() < until):
        registration = registrations[position]
        try:
            await act(registration)
        except (Conflict, NotAllowed, NotFound, Unavailable) as error:
            refused[registration] = error.message
        except database.BUSY:
            refused[registration] = Unavailable().message
        position += 1
    return Result(position - len(refused), await _named(refused), list(registrations[position:]))


def _act(deed: Deed, given: Given, actor: Actor, now: datetime) -> Callable[[UUID], Awaitable[object]]:
    if deed is Deed.APPROVE:
        return lambda one: actions.approve(one, actor=actor, now=now)
    if deed is Deed.DECLINE:
        return lambda one: actions.decline(one, actor=actor, now=now, message=given.message)
    if deed is Deed.CANCEL:
        return lambda one: _cancel(one, given.message, actor, now)
    if deed is Deed.ROLE:
        return lambda one: actions.set_role(one, RegistrationRole(given.role), actor=actor, now=now)
    if deed is Deed.SEND:
        return lambda one: send_again(one, turn=given.turn, actor=actor, now=now)
    return lambda one: actions.move_site(one, given.site or UUID(int=0), actor=actor, now=now)


async def _cancel(registration: UUID, message: str, actor: Actor, now: datetime) -> None:
    cancelled = await actions.cancel(registration, actor=actor, now=now, message=message)
    if cancelled.already:
        raise Conflict(_("This registration is no longer in force."))


async def _named(refused: Mapping[UUID, str]) -> list[Refused]:
    rows = await database.fetch(
        "SELECT registration.id, trim(person.given_name || ' ' || person.family_name) AS name FROM registration"
        " JOIN person ON person.id = registration.person WHERE registration.id = ANY($1)",
        list(refused),
    )
    names = {row["id"]: row["name"] for row in rows}
    return [Refused(one, names.get(one, ""), reason) for one, reason in refused.items()]
