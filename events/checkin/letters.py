"""The letter to whoever leads an event whose attendance was left open."""

from collections.abc import Mapping

from events.checkin import staff_queries
from events.checkin.staff_queries import Tally
from events.core.i18n import format_span
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.links import absolute
from events.core.text import called
from events.core.web import render
from events.messaging.letter import Compose, Letter, Owed
from events.messaging.tables import Reason
from events.messaging.templates.queries import in_force
from events.messaging.templates.shapes import Template, Words
from events.messaging.templates.writing import greeting, put_together
from events.programme import queries as programme
from events.programme.queries import EventView

LEFT_OPEN = Template(
    "left_open",
    _l("Attendance left open"),
    lambda: _("Still open: attendance of %(title)s", title="{event}"),
    ("greeting", "event", "when"),
    ("attendance", "button"),
    required=(("button",),),
    of_event=False,
)


async def compose_left_open(owed: Owed) -> Letter | None:
    """Say what is still to be marked; None once the attendance is closed or there is nothing to close."""
    event = await programme.by_id(owed.subject_id)
    if event is None or event.reconciled_at is not None or event.state != "published":
        return None
    _people, tally = await staff_queries.attendees(event.id)
    return await _write(event, owed.recipient_name, tally)


async def sample(event: EventView, words: Words | None) -> Letter:
    """Write as to someone made up."""
    return await _write(event, "Maija Meikäläinen", Tally(expected=12, attended=9, unknown=3, conflicts=1), words)


async def _write(event: EventView, name: str, tally: Tally, words: Words | None = None) -> Letter:
    values = {
        "greeting": greeting(called(name)),
        "event": event.title,
        "when": format_span(event.starts_at, event.ends_at, event.zone),
    }
    link = absolute(f"/staff/events/{event.slug}/attendance")
    context = {"tally": tally, "button": _("Mark attendance and close it"), "button_url": link}
    made = put_together(LEFT_OPEN, words or await in_force(LEFT_OPEN, None), values, context)
    return Letter(
        subject=made.subject,
        text=render("mail/plain.txt", body=made.text),
        html=render("mail/plain.html", body=made.html, subject=made.subject),
    )


COMPOSERS: Mapping[Reason, Compose] = {Reason.LEFT_OPEN: compose_left_open}
