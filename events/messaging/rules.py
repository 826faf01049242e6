"""Which messages are for whose eyes, which go first, and from which one may unsubscribe."""

from datetime import timedelta

from events.messaging.tables import Reason

LATE = timedelta(minutes=10)
"""After its time, from when a message that has not left is late: many take a while, and a first try in vain is none."""

STAFF_ACCESS = frozenset({Reason.SIGN_IN, Reason.INVITATION_STAFF})
"""Letters whose links let someone in as a member of staff."""

TRIED_ALL_THE_SAME = STAFF_ACCESS | {Reason.HEAR_AGAIN}
"""Letters that go to an address also when mail did not reach it before: somebody sits there and asked for them."""

UNASKED = frozenset(reason for reason in Reason if reason.startswith("invitation") and reason not in STAFF_ACCESS) | {
    Reason.NEWS
}
"""Letters that nobody asked for: who unsubscribes gets these no more, and all others as before."""

UNSUBSCRIBED = "unsubscribed"
"""The reason of a suppression that stops unasked letters alone."""

NEWS_OF_EVENTS = frozenset({Reason.EVENT_CANCELLED, Reason.EVENT_CHANGED})
"""What all of an event must know before they set out."""

MASS = frozenset(
    {
        *UNASKED,
        *(Reason.ANNOUNCEMENT, Reason.REMINDER, Reason.MATERIALS, Reason.SURVEY, Reason.DIGEST, Reason.LEFT_OPEN),
    }
)
"""What goes to many at once, and nobody sits waiting for.

All about an invitation is among it: that it has changed must not overtake the invitation itself.
"""


def _listed(reasons: frozenset[Reason]) -> str:
    return ", ".join(f"'{reason}'" for reason in sorted(reasons))


RANK = (
    f"(CASE WHEN message.reason IN ({_listed(MASS)}) THEN 2"
    f" WHEN message.reason IN ({_listed(NEWS_OF_EVENTS)}) THEN 1 ELSE 0 END)"
)
"""SQL: the rank of a message in the queue; the index message_rank is on these very words."""


def is_suppressed(address: str, reason: str) -> str:
    """Return the SQL of whether an address gets no letter of a reason any more; both are SQL themselves."""
    return f"""EXISTS (SELECT FROM suppression WHERE suppression.address = {address}
        AND (suppression.reason <> '{UNSUBSCRIBED}' OR {reason} IN ({_listed(UNASKED)})))"""


def rank(reason: str) -> int:
    """Return the rank of a message in the queue: 0 goes first. One that somebody waits for, 0; to many at once, 2."""
    return 2 if reason in MASS else 1 if reason in NEWS_OF_EVENTS else 0


ERASED = "erased"
"""Stands as the recipient of a message once nobody may know any more to whom it went."""

BOUNCED = ("bounce", "unreachable")
"""The tables that know of an address that mail came back from. Who does not want to be written to stays known."""


def gets_no_invitation(address: str, event: str) -> str:
    """Return the SQL of whether an address (an expression) gets no invitation to an event (another).

    That is who unsubscribed, whom mail does not reach, and who wants to hear of none of the event's themes. Themes of
    events belong to a feature above this one: so it is SQL here.
    """
    return f"""
    (EXISTS (SELECT FROM suppression WHERE suppression.address = {address})
    OR EXISTS (SELECT FROM unreachable WHERE unreachable.address = {address})
    OR (EXISTS (SELECT FROM event_theme WHERE event_theme.event = {event}) AND NOT EXISTS (
        SELECT FROM event_theme WHERE event_theme.event = {event} AND event_theme.theme NOT IN (
            SELECT theme FROM refused_theme WHERE refused_theme.address = {address}))))
    """
