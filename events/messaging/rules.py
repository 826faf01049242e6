"""Which messages are for whose eyes."""

from events.messaging.tables import Reason

STAFF_ACCESS = frozenset({Reason.SIGN_IN, Reason.INVITATION_STAFF})
"""Letters whose links let someone in as a member of staff."""
