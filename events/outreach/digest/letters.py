"""The letter that sums up what happened at someone's events."""

from events.accounts.queries import staff_actor
from events.core.i18n import gettext as _
from events.core.links import absolute
from events.core.web import render
from events.messaging.letter import Letter, Owed
from events.outreach.digest.actions import span
from events.outreach.digest.queries import happened


async def compose_digest(owed: Owed) -> Letter | None:
    """Write the summary; None when nothing happened, or the account was switched off."""
    found = await staff_actor(owed.subject_id)
    if found is None:
        return None
    since, until = span(owed.occurrence)
    events = await happened(found[0], since, until)
    if not events:
        return None
    context = {
        "name": owed.recipient_name,
        "events": events,
        "since": since,
        "until": until,
        "staff": absolute("/staff/events"),
        "account": absolute("/staff/account"),
    }
    return Letter(
        subject=_("Your events: what happened"),
        text=render("mail/digest.txt", **context),
        html=render("mail/digest.html", **context),
    )
