"""States and reasons of messages in the user's language."""

from collections.abc import Mapping

from babel.support import LazyProxy
from msgspec import Struct

from events.core.i18n import format_datetime, gettext, ngettext
from events.core.i18n import lazy_gettext as _
from events.messaging.queries import Lateness, MessageView
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


class Told(Struct, frozen=True):
    """What is said of late mail; `urgent`: somebody must do something."""

    title: str
    lines: tuple[str, ...]
    urgent: bool = False


def late_words(stands: Lateness) -> list[Told]:
    """Say what is late, whether it moves, and what to do."""
    told = []
    if stands.since:
        since = gettext("The first has been due since %(time)s.", time=format_datetime(stands.since))
        if stuck := stands.stuck:
            title = ngettext("%(n)s message does not go out", "%(n)s messages do not go out", stuck)
            line = gettext(
                "Something holds mail up. Ask whoever runs the service to look: the command sixnet doctor says what it"
                " is. Nothing is lost, and all goes out by itself once that is mended."
            )
        else:
            title = ngettext("%(n)s message goes out late", "%(n)s messages go out late", stands.late)
            line = ngettext(
                "%(n)s has left in the last five minutes. You need do nothing.",
                "%(n)s have left in the last five minutes. You need do nothing.",
                stands.left,
            )
        told.append(Told(title, (since, line), urgent=bool(stuck)))
    if stands.paced:
        title = ngettext(
            "%(n)s message waits for its recipient’s mail server",
            "%(n)s messages wait for their recipients’ mail servers",
            stands.paced,
        )
        line = gettext(
            "Such a server takes mail slowly, or not just now. It is tried again by itself: you need do nothing."
        )
        told.append(Told(title, (line,)))
    return told
