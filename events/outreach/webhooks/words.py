"""What webhooks tell of, and the states of their deliveries, in the user's language."""

from collections.abc import Mapping

from babel.support import LazyProxy

from events.core.i18n import format_moment, gettext
from events.core.i18n import lazy_gettext as _
from events.messaging.webhooks.tables import DeliveryState, Happening
from events.outreach.webhooks.queries import DeliveryView

HAPPENINGS: Mapping[Happening, LazyProxy] = {
    Happening.REGISTRATION_CREATED: _("Someone registered"),
    Happening.REGISTRATION_CANCELLED: _("A registration was cancelled or declined"),
    Happening.CHECKIN_RECORDED: _("Someone came in or left at the door"),
    Happening.EVENT_PUBLISHED: _("An event was published"),
    Happening.SURVEY_ANSWERED: _("A survey has at least five new answers"),
    Happening.TEST: _("Test"),
}

STATES: Mapping[DeliveryState, tuple[str, LazyProxy]] = {
    DeliveryState.QUEUED: ("", _("Waiting to be sent")),
    DeliveryState.SENDING: ("info", _("Being sent")),
    DeliveryState.DELIVERED: ("ok", _("Delivered")),
    DeliveryState.FAILED: ("bad", _("Failed")),
    DeliveryState.DROPPED: ("", _("Not sent")),
}
"""Tone and word of each state."""

# By how the words begin that are kept of a try without an answer (`messaging/webhooks/sending.py`).
_TROUBLES = (
    (("gaierror", "the name has no address"), _("The server’s name is not known: look for a slip in the address.")),
    (("no answer within",), _("No answer came in time.")),
    (("refused",), _("The name leads to an address that is not public; such are not called.")),
    (("redirects",), _("The server points to another address; that is not followed.")),
)


def trouble(delivery: DeliveryView) -> str:
    """Say in plain words why a try came to nothing; "" where the receiver answered."""
    for beginnings, said in _TROUBLES:
        if delivery.words.startswith(beginnings):
            return str(said)
    if delivery.status is not None or not delivery.words:
        return ""
    if "CERTIFICATE" in delivery.words:
        return str(_("The server’s certificate does not hold."))
    return str(_("There was no connection to the server."))


def badge(delivery: DeliveryView) -> tuple[str, str]:
    """Return tone and word of where a delivery stands; one that was tried in vain is more than waiting."""
    if delivery.state is DeliveryState.QUEUED and delivery.tries:
        return "warn", gettext("Tried again %(time)s", time=format_moment(delivery.due_at))
    tone, word = STATES[delivery.state]
    return tone, str(word)
