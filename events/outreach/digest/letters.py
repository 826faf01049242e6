"""The letter that sums up what happened at someone's events."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from events.accounts.queries import staff_actor
from events.core import clock
from events.core.i18n import format_date
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.links import absolute
from events.core.text import called
from events.core.web import render
from events.messaging.letter import Letter, Owed
from events.messaging.templates.queries import in_force
from events.messaging.templates.shapes import Template, Words
from events.messaging.templates.writing import greeting, put_together
from events.outreach.digest.actions import span
from events.outreach.digest.queries import Happened, happened
from events.programme.queries import EventView

DIGEST = Template(
    "digest",
    _l("Summary for organisers"),
    lambda: _("Your events: what happened"),
    ("greeting", "since", "until", "account"),
    ("events",),
    required=(("events",), ("account",)),
    of_event=False,
)


async def compose_digest(owed: Owed) -> Letter | None:
    """Write the summary; None when nothing happened, or the account was switched off."""
    found = await staff_actor(owed.subject_id)
    if found is None:
        return None
    since, until = await span(owed.subject_id, owed.occurrence)
    events = await happened(found[0], since, until)
    return await _write(owed.recipient_name, events, since, until) if events else None


async def sample(event: EventView, words: Words | None) -> Letter:
    """Write as to someone made up, of one event."""
    now = clock.now()
    seen = Happened(event.id, event.slug, event.titles, event.starts_at, event.zone, 3, 1, 0, 2, 0, left_open=False)
    return await _write("Maija Meikäläinen", [seen], now - timedelta(days=1), now, words)


async def _write(
    name: str, events: Sequence[Happened], since: datetime, until: datetime, words: Words | None = None
) -> Letter:
    values = {
        "greeting": greeting(called(name)),
        "since": format_date(since, style="short"),
        "until": format_date(until, style="short"),
        "account": absolute("/staff/account"),
    }
    context = {"events": events, "staff": absolute("/staff/events")}
    made = put_together(DIGEST, words or await in_force(DIGEST, None), values, context)
    return Letter(
        subject=made.subject,
        text=render("mail/plain.txt", body=made.text),
        html=render("mail/plain.html", body=made.html, subject=made.subject),
    )
