"""The letter to who registered colleagues: what came of each."""

from events.core.i18n import gettext as _
from events.core.links import absolute
from events.core.web import render
from events.messaging.letter import Letter, Owed
from events.programme import queries as programme
from events.registration.public import receipts


async def compose_group(owed: Owed) -> Letter | None:
    """Say what was answered about each, for known and new people alike; None once the receipt is gone."""
    event_id, together = await receipts.event_of(owed.subject_id), await receipts.together(owed.subject_id)
    event = await programme.by_id(event_id) if event_id else None
    if event is None:
        return None
    context = {
        "name": owed.recipient_name,
        "event": event,
        "together": together,
        "event_url": absolute(f"/events/{event.slug}"),
    }
    return Letter(
        subject=_("Your registrations") + f": {event.title}",
        text=render("mail/group.txt", **context),
        html=render("mail/group.html", **context),
        reply_to=event.contact_email,
    )
