"""The kinds of letters about a registration: how each is made, and when there is anything to say."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from events.core.i18n import format_date
from events.core.i18n import gettext as _
from events.messaging.tables import Reason
from events.programme.queries import EventView, SiteView
from events.programme.tables import EventState
from events.registration import calendar
from events.registration.queries import RegistrationView
from events.registration.tables import State


class Matter(Struct, frozen=True):
    """What a letter is about: a registration, its event and site."""

    registration: RegistrationView
    event: EventView
    site: SiteView
    place: str


class Kind(Struct, frozen=True):
    """How a letter is made: its template, its subject, and in which states there is anything to say.

    `method` is that of the calendar entry, `ticket` whether the QR code goes along; `words` what the organiser says.
    """

    template: str
    subject: Callable[[Matter], str]
    states: frozenset[State]
    method: str | None = None
    ticket: bool = False
    words: Callable[[EventView], str] = lambda _event: ""


def _title(text: Callable[[], str]) -> Callable[[Matter], str]:
    """Make a subject of a phrase that is looked up when the letter is written, followed by the event's title."""
    return lambda matter: f"{text()}: {matter.event.title}"


def _waiting(matter: Matter) -> str:
    if matter.registration.state is State.AWAITING_APPROVAL:
        return _("Your registration awaits approval") + f": {matter.event.title}"
    return _("You are on the waiting list") + f": {matter.event.title}"


def _gone(matter: Matter) -> str:
    declined = matter.registration.state is State.DECLINED
    text = _("Your registration was not accepted") if declined else _("Your registration is cancelled")
    return f"{text}: {matter.event.title}"


def _reminded(matter: Matter) -> str:
    day = format_date(matter.event.starts_at, matter.event.zone)
    return _("Reminder") + f": {matter.event.title}, {day}"


_HERE = frozenset(State) - {State.CANCELLED, State.DECLINED}
_PLACED = frozenset({State.CONFIRMED})
_LINED_UP = frozenset({State.WAITLISTED, State.AWAITING_APPROVAL})

CONFIRMATION = Kind(
    "confirmation", _title(lambda: _("You are registered")), _PLACED, method=calendar.REQUEST, ticket=True
)
PLACE_FREED = Kind(
    "place_freed", _title(lambda: _("A place has become free for you")), _PLACED, method=calendar.REQUEST, ticket=True
)
CHANGED = Kind(
    "changed", _title(lambda: _("Your registration has changed")), _PLACED, method=calendar.REQUEST, ticket=True
)
EVENT_CHANGED = Kind(
    "event_changed",
    _title(lambda: _("The event has changed")),
    _HERE,
    method=calendar.REQUEST,
    words=lambda event: event.change_words,
)
EVENT_CANCELLED = Kind(
    "event_cancelled",
    _title(lambda: _("The event is cancelled")),
    _HERE,
    method=calendar.CANCEL,
    words=lambda event: event.cancel_words,
)
CANCELLED = Kind("cancelled", _gone, frozenset({State.CANCELLED, State.DECLINED}), method=calendar.CANCEL)
WAITING = Kind("waiting", _waiting, _LINED_UP, method=calendar.CANCEL)
OFFER = Kind("offer", _title(lambda: _("A place is offered to you")), frozenset({State.OFFERED}))
CONFIRM_ADDRESS = Kind(
    "confirm_address", _title(lambda: _("Please confirm your registration")), frozenset({State.AWAITING_ADDRESS})
)
LAPSED = Kind("lapsed", _title(lambda: _("The place held for you has lapsed")), frozenset({State.CANCELLED}))
NOT_TRANSFERRED = Kind(
    "not_transferred", _title(lambda: _("Your place was not handed over")), frozenset({State.CONFIRMED})
)
NOT_CHANGED = Kind("not_changed", _title(lambda: _("Your details were not changed")), _HERE)
ALREADY = Kind("already_registered", _title(lambda: _("You have registered already")), _HERE)
MATERIALS = Kind("materials", _title(lambda: _("New materials")), _PLACED)
REMINDER = Kind("reminder", _reminded, _PLACED, ticket=True)
ENTRY_DECLINED = Kind(
    "entry_declined", lambda matter: _("Shall we cancel your place?") + f" {matter.event.title}", _PLACED
)

KINDS: Mapping[Reason, Kind] = {
    Reason.CONFIRMATION: CONFIRMATION,
    Reason.WAITING: WAITING,
    Reason.PLACE_FREED: PLACE_FREED,
    Reason.OFFER: OFFER,
    Reason.CONFIRM_ADDRESS: CONFIRM_ADDRESS,
    Reason.LAPSED: LAPSED,
    Reason.NOT_TRANSFERRED: NOT_TRANSFERRED,
    Reason.NOT_CHANGED: NOT_CHANGED,
    Reason.ALREADY_REGISTERED: ALREADY,
    Reason.CHANGED: CHANGED,
    Reason.CANCELLED: CANCELLED,
    Reason.EVENT_CHANGED: EVENT_CHANGED,
    Reason.EVENT_CANCELLED: EVENT_CANCELLED,
    Reason.MATERIALS: MATERIALS,
    Reason.REMINDER: REMINDER,
    Reason.ENTRY_DECLINED: ENTRY_DECLINED,
}


def kind_now(reason: Reason, state: State, event_state: str) -> Kind | None:
    """Return what a message owed for a reason says as things stand; None when there is nothing to say any more.

    All of them are written from the present state: of a cancelled event whatever is still owed says so.
    """
    kind = KINDS.get(reason)
    if kind is None or state not in kind.states:
        return None
    if event_state == EventState.CANCELLED and kind is not CANCELLED:
        return None if kind in {MATERIALS, REMINDER, ENTRY_DECLINED} else EVENT_CANCELLED
    return kind
