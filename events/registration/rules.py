"""What is allowed with a registration, and when: pure functions of the moment."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from hmac import compare_digest
from typing import Protocol

from msgspec import Struct

from events.core.actor import Actor, ActorKind
from events.core.i18n import gettext as _
from events.programme.tables import Access
from events.registration.tables import State

HOLDING = frozenset({State.AWAITING_ADDRESS, State.CONFIRMED, State.OFFERED})
"""States that hold a place; `site.taken` counts them."""

NEEDS_YES = frozenset({State.OFFERED, State.AWAITING_ADDRESS})
"""States in which a place is held until a deadline, for someone who must accept it or confirm the address."""

GONE = frozenset({State.CANCELLED, State.DECLINED})
"""States from which only registering again leads back."""


def placed(*, address_hours: int | None, address_confirmed: bool) -> State:
    """Return the state of who is given a place for sure: confirmed, unless the event wants the address confirmed."""
    return State.CONFIRMED if address_hours is None or address_confirmed else State.AWAITING_ADDRESS


class Window(StrEnum):
    """Whether one can register now."""

    OPEN = "open"
    NOT_YET = "not_yet"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    DRAFT = "draft"


CLOSED: Mapping[str, Callable[[], str]] = {
    Window.NOT_YET: lambda: _("Registration has not opened yet."),
    Window.CLOSED: lambda: _("Registration has closed."),
    Window.CANCELLED: lambda: _("The event has been cancelled."),
}
"""What to say when one cannot register, in the present language."""


class HasWindow(Protocol):
    """The part of an event that the window depends on."""

    @property
    def state(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def registration_opens_at(self) -> datetime | None: ...
    @property
    def registration_closes_at(self) -> datetime | None: ...


def window(event: HasWindow, now: datetime) -> Window:
    """Say whether `event` takes registrations now: from its opening (or at once) to its closing (or its start)."""
    if event.state != "published":
        return Window.CANCELLED if event.state == "cancelled" else Window.DRAFT
    if event.registration_opens_at and now < event.registration_opens_at:
        return Window.NOT_YET
    if now >= (event.registration_closes_at or event.starts_at):
        return Window.CLOSED
    return Window.OPEN


class Refusal(StrEnum):
    """Why someone may not register by themselves."""

    CODE = "code"
    INVITED = "invited"
    NAMED = "named"


REFUSALS: Mapping[str, Callable[[], str]] = {
    Refusal.CODE: lambda: _("This is not the code of the event."),
    Refusal.INVITED: lambda: _("Registration is by invitation only."),
    Refusal.NAMED: lambda: _("The event is for members of certain organisations or regions only."),
}
"""What to say to whom may not register, in the present language."""


class HasAccess(Protocol):
    """The part of an event that says who may register."""

    @property
    def access(self) -> str: ...
    @property
    def access_code(self) -> str: ...


class Applicant(Struct, frozen=True):
    """What counts of someone who registers.

    `code` is what they gave, `named` whether organisation or region is among the event's, `by_right` whether someone
    who edits the event's registrations does it for them.
    """

    code: str = ""
    named: bool = False
    by_right: bool = False


def may_register(event: HasAccess, applicant: Applicant) -> Refusal | None:
    """Say why someone may not register for `event`, None when they may; the one place that decides it."""
    match event.access:
        case Access.CODE:
            return None if _same_code(applicant.code, event.access_code) else Refusal.CODE
        case Access.INVITED:
            return None if applicant.by_right else Refusal.INVITED
        case Access.NAMED:
            return None if applicant.named else Refusal.NAMED
        case _:
            return None


def _same_code(given: str, wanted: str) -> bool:
    """Compare without telling by the time it takes how far they agree."""
    given, wanted = (text.strip().casefold() for text in (given, wanted))
    return compare_digest(given.encode(), wanted.encode())


def may_change(starts_at: datetime, actor: Actor, now: datetime) -> bool:
    """Say whether one may still change or cancel a registration: its person until the start, staff later too."""
    return now < starts_at or actor.kind in {ActorKind.STAFF, ActorKind.SYSTEM}


def holds_place(state: str) -> bool:
    """Say whether a registration in `state` counts into what is taken at its site."""
    return state in HOLDING
