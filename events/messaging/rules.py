"""Which messages are for whose eyes, and which one may unsubscribe from."""

from events.messaging.tables import Reason

STAFF_ACCESS = frozenset({Reason.SIGN_IN, Reason.INVITATION_STAFF})
"""Letters whose links let someone in as a member of staff."""

UNASKED = frozenset(reason for reason in Reason if reason.startswith("invitation") and reason not in STAFF_ACCESS)
"""Letters that nobody asked for: who unsubscribes gets these no more, and all others as before."""

UNSUBSCRIBED = "unsubscribed"
"""The reason of a suppression that stops unasked letters alone."""

ERASED = "erased"
"""Stands as the recipient of a message once nobody may know any more to whom it went."""
