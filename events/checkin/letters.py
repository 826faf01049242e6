"""The letter to whoever leads an event whose attendance was left open."""

from collections.abc import Mapping

from events.checkin import staff_queries
from events.core.i18n import gettext as _
from events.core.links import absolute
from events.core.web import render
from events.messaging.letter import Compose, Letter, Owed
from events.messaging.tables import Reason
from events.programme import queries as programme


async def compose_left_open(owed: Owed) -> Letter | None:
    """Say what is still to be marked; None once the attendance is closed or there is nothing to close."""
    event = await programme.by_id(owed.subject_id)
    if event is None or event.reconciled_at is not None or event.state != "published":
        return None
    _people, tally = await staff_queries.attendees(event.id)
    context = {
        "name": owed.recipient_name,
        "event": event,
        "tally": tally,
        "link": absolute(f"/staff/events/{event.slug}/attendance"),
    }
    return Letter(
        subject=_("Still open: attendance of %(title)s", title=event.title),
        text=render("mail/left_open.txt", **context),
        html=render("mail/left_open.html", **context),
    )


COMPOSERS: Mapping[Reason, Compose] = {Reason.LEFT_OPEN: compose_left_open}
