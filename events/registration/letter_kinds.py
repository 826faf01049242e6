"""The kinds of letters about a registration: how each is made, and when there is anything to say."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from events.messaging.tables import Reason
from events.messaging.templates.shapes import Template
from events.programme.queries import EventView, SiteView
from events.programme.tables import EventState
from events.registration import calendar
from events.registration.letter_words import TEMPLATES
from events.registration.queries import RegistrationView
from events.registration.tables import State


class Matter(Struct, frozen=True):
    """What a letter is about: a registration, its event and site."""

    registration: RegistrationView
    event: EventView
    site: SiteView
    place: str

    @property
    def placed(self) -> bool:
        """Say whether the registration has a place for certain."""
        return self.registration.state is State.CONFIRMED


class Kind(Struct, frozen=True):
    """How a letter is made: whose words it has, and in which states there is anything to say.

    `method` is that of the calendar entry, `ticket` whether the QR code goes along; `words` what the organiser says.
    """

    template: Callable[[Matter], Template]
    states: frozenset[State]
    method: str | None = None
    ticket: bool = False
    words: Callable[[Matter], str] = lambda _matter: ""


def _always(name: str) -> Callable[[Matter], Template]:
    return lambda _matter: TEMPLATES[name]


def _waiting(matter: Matter) -> Template:
    return TEMPLATES["awaiting_approval" if matter.registration.state is State.AWAITING_APPROVAL else "waiting"]


def _gone(matter: Matter) -> Template:
    if matter.registration.state is State.DECLINED:
        return TEMPLATES["declined"]
    return TEMPLATES["transferred" if matter.registration.transferred else "cancelled"]


def _welcome(matter: Matter) -> str:
    return matter.registration.welcome_words


_HERE = frozenset(State) - {State.CANCELLED, State.DECLINED}
_PLACED = frozenset({State.CONFIRMED})
_LINED_UP = frozenset({State.WAITLISTED, State.AWAITING_APPROVAL})

CONFIRMATION = Kind(_always("confirmation"), _PLACED, method=calendar.REQUEST, ticket=True, words=_welcome)
PLACE_FREED = Kind(_always("place_freed"), _PLACED, method=calendar.REQUEST, ticket=True)
CHANGED = Kind(_always("changed"), _PLACED, method=calendar.REQUEST, ticket=True)
EVENT_CHANGED = Kind(
    _always("event_changed"), _HERE, method=calendar.REQUEST, words=lambda matter: matter.event.change_words
)
EVENT_CANCELLED = Kind(
    _always("event_cancelled"), _HERE, method=calendar.CANCEL, words=lambda matter: matter.event.cancel_words
)
CANCELLED = Kind(
    _gone,
    frozenset({State.CANCELLED, State.DECLINED}),
    method=calendar.CANCEL,
    words=lambda matter: matter.registration.parting_words,
)
WAITING = Kind(_waiting, _LINED_UP, method=calendar.CANCEL, words=_welcome)
OFFER = Kind(_always("offer"), frozenset({State.OFFERED}))
CONFIRM_ADDRESS = Kind(_always("confirm_address"), frozenset({State.AWAITING_ADDRESS}), words=_welcome)
LAPSED = Kind(_always("lapsed"), frozenset({State.CANCELLED}))
NOT_TRANSFERRED = Kind(_always("not_transferred"), frozenset({State.CONFIRMED}))
NOT_CHANGED = Kind(_always("not_changed"), _HERE)
ALREADY = Kind(_always("already_registered"), _HERE)
MATERIALS = Kind(_always("materials"), _PLACED)
REMINDER = Kind(_always("reminder"), _PLACED, ticket=True)
REMINDER_IN_LINE = Kind(_always("reminder"), frozenset(State) - _PLACED)
"""To who has no place, in words of an organiser: the service has none of its own for them."""
ENTRY_DECLINED = Kind(_always("entry_declined"), _PLACED)

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
