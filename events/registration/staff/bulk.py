"""Doing the same to many registrations: each in whole by its own action, in the order in which they arrived."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from events.core import database
from events.core.actor import Actor
from events.core.errors import Conflict
from events.core.i18n import gettext as _
from events.registration import actions
from events.registration.rules import GONE
from events.registration.staff import notes
from events.registration.staff.sending_again import LETTERS, send_again
from events.registration.tables import RegistrationRole, State

MOST = 10_000
"""Registrations that can be chosen at once."""


class Deed(StrEnum):
    """What can be done to many."""

    APPROVE = "approve"
    DECLINE = "decline"
    PLACE = "place"
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
    Deed.PLACE: frozenset({State.WAITLISTED}),
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
    """What a deed needs beside the registrations, all of one event; `turn` makes a repeated sending harmless."""

    event: UUID
    message: str = ""
    role: str = ""
    site: UUID | None = None
    tag: str = ""
    turn: str = ""


async def outlook(deed: Deed, registrations: Sequence[UUID]) -> Outlook:
    """Say what a deed would do to these registrations as they are now."""
    rows = await database.fetch(
        "SELECT registration.id, registration.state, person.email IS NOT NULL AS reached"
        " FROM registration JOIN person ON person.id = registration.person"
        " WHERE registration.id = ANY($1)",
        registrations,
    )
    reached = {row["id"]: row["reached"] for row in rows if deed not in MEANT or row["state"] in MEANT[deed]}
    able = [registration for registration in registrations if registration in reached]
    return Outlook(able, 0 if deed in SILENT else sum(reached.values()), len(rows) - len(able))


def act_of(deed: Deed, given: Given, actor: Actor, now: datetime) -> Callable[[UUID], Awaitable[object]]:
    """Return what does a deed to one registration."""
    acts: Mapping[Deed, Callable[[UUID], Awaitable[object]]] = {
        Deed.APPROVE: lambda one: actions.approve(one, actor=actor, now=now, message=given.message),
        Deed.DECLINE: lambda one: actions.decline(one, actor=actor, now=now, message=given.message),
        Deed.PLACE: lambda one: actions.give_place(one, actor=actor, now=now),
        Deed.CANCEL: lambda one: _cancel(one, given.message, actor, now),
        Deed.ROLE: lambda one: actions.set_role(one, RegistrationRole(given.role), actor=actor, now=now),
        Deed.SEND: lambda one: send_again(one, turn=given.turn, actor=actor, now=now),
        Deed.MOVE: lambda one: actions.move_site(one, given.site or UUID(int=0), actor=actor, now=now),
        Deed.TAG: lambda one: notes.add_tag(given.event, [one], given.tag, actor=actor, now=now),
        Deed.UNTAG: lambda one: notes.remove_tag(given.event, [one], given.tag, actor=actor, now=now),
    }
    return acts[deed]


async def _cancel(registration: UUID, message: str, actor: Actor, now: datetime) -> None:
    cancelled = await actions.cancel(registration, actor=actor, now=now, message=message)
    if cancelled.already:
        raise Conflict(_("This registration is no longer in force."))
