"""States and reasons of messages in the user's language."""

from collections.abc import Mapping

from babel.support import LazyProxy

from events.core.i18n import lazy_gettext as _
from events.messaging.queries import MessageView
from events.messaging.tables import MessageState, Reason

STATES: Mapping[MessageState, tuple[str, LazyProxy]] = {
    MessageState.QUEUED: ("", _("Waiting to be sent")),
    MessageState.SENDING: ("info", _("Being sent")),
    MessageState.SENT: ("ok", _("Sent")),
    MessageState.BOUNCED: ("bad", _("Bounced")),
    MessageState.FAILED: ("bad", _("Failed")),
    MessageState.UNKNOWN: ("warn", _("Perhaps sent")),
    MessageState.DROPPED: ("", _("Not sent")),
}
"""Tone and word of each state."""

KEPT = ("ok", _("Kept here"))
"""Of a message that counts as sent although there was no mail server."""

REASONS: Mapping[Reason, LazyProxy] = {
    Reason.CONFIRMATION: _("Confirmation of a registration"),
    Reason.WAITING: _("Waiting list or approval"),
    Reason.PLACE_FREED: _("A place became free"),
    Reason.OFFER: _("Offer of a place"),
    Reason.CONFIRM_ADDRESS: _("Confirmation of the address"),
    Reason.LAPSED: _("A held place lapsed"),
    Reason.GROUP: _("Registration of colleagues"),
    Reason.NOT_TRANSFERRED: _("A place was not handed over"),
    Reason.NOT_CHANGED: _("Details were not changed"),
    Reason.ALREADY_REGISTERED: _("Registered already"),
    Reason.CHANGED: _("Change of a registration"),
    Reason.CANCELLED: _("Cancelled or declined registration"),
    Reason.EVENT_CHANGED: _("Change of an event"),
    Reason.EVENT_CANCELLED: _("Cancelled event"),
    Reason.MATERIALS: _("New materials of an event"),
    Reason.REMINDER: _("Reminder"),
    Reason.ENTRY_DECLINED: _("Question after a declined calendar entry"),
    Reason.INVITATION: _("Invitation to an event"),
    Reason.INVITATION_REMINDER: _("Reminder of an invitation"),
    Reason.INVITATION_CHANGED: _("Change of an event, to who is invited"),
    Reason.INVITATION_CANCELLED: _("Cancelled event, to who is invited"),
    Reason.SURVEY: _("Survey"),
    Reason.SIGN_IN: _("Sign-in link of staff"),
    Reason.INVITATION_STAFF: _("Invitation or right of staff"),
    Reason.FEEDBACK: _("Feedback"),
    Reason.DIGEST: _("Summary for organisers"),
    Reason.ANNOUNCEMENT: _("Mail of an organiser"),
    Reason.ANNOUNCEMENT_TEST: _("Trial of a mail"),
    Reason.NEWS: _("Letter to a group"),
    Reason.NEWS_TEST: _("Trial of a letter to a group"),
    Reason.LEFT_OPEN: _("Attendance left open"),
    Reason.HEAR_AGAIN: _("Question whether to write to an address again"),
}


def badge(message: MessageView) -> tuple[str, LazyProxy]:
    """Return tone and word of where a message stands."""
    kept = message.state is MessageState.SENT and not message.by_mail
    return KEPT if kept else STATES[message.state]
