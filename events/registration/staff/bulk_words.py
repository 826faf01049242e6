"""What can be done to many, in words."""

from events.core.i18n import gettext as _
from events.registration.staff.bulk import Deed


def deed_words(deed: Deed) -> str:
    """Name what can be done to many."""
    return {
        Deed.APPROVE: _("Approve"),
        Deed.DECLINE: _("Decline"),
        Deed.PLACE: _("Give a place"),
        Deed.CANCEL: _("Cancel the registration"),
        Deed.ROLE: _("Set the role"),
        Deed.MOVE: _("Move to another place"),
        Deed.SEND: _("Send the ticket or confirmation again"),
        Deed.TAG: _("Add a tag"),
        Deed.UNTAG: _("Remove a tag"),
    }[deed]
