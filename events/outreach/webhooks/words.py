"""What webhooks tell of, and the states of their deliveries, in the user's language."""

from collections.abc import Mapping

from babel.support import LazyProxy

from events.core.i18n import lazy_gettext as _
from events.messaging.webhooks.tables import DeliveryState, Happening

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
