"""Which messages are for whose eyes, and which one may unsubscribe from."""

from events.messaging.tables import Reason

STAFF_ACCESS = frozenset({Reason.SIGN_IN, Reason.INVITATION_STAFF})
"""Letters whose links let someone in as a member of staff."""

UNASKED = frozenset(reason for reason in Reason if reason.startswith("invitation") and reason not in STAFF_ACCESS) | {
    Reason.NEWS
}
"""Letters that nobody asked for: who unsubscribes gets these no more, and all others as before."""

UNSUBSCRIBED = "unsubscribed"
"""The reason of a suppression that stops unasked letters alone."""

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
