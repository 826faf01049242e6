"""The letter to who registered colleagues: what came of each."""

from collections.abc import Sequence

from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.links import absolute
from events.core.text import called
from events.core.web import render
from events.messaging.letter import Letter, Owed
from events.messaging.templates.queries import in_force
from events.messaging.templates.shapes import Template, Words
from events.messaging.templates.writing import put_together
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration.new_registration import NewRegistration
from events.registration.public import receipts
from events.registration.public.receipts import Companion
from events.registration.tables import State

GROUP = Template(
    "group",
    _l("Registration of colleagues"),
    lambda: _("Your registrations") + ": {event}",
    ("given_name", "name", "event", "event_link"),
    ("colleagues",),
    required=(("colleagues",),),
)


async def compose_group(owed: Owed) -> Letter | None:
    """Say what was answered about each, for known and new people alike; None once the receipt is gone."""
    event_id, together = await receipts.event_of(owed.subject_id), await receipts.together(owed.subject_id)
    event = await programme.by_id(event_id) if event_id else None
    return await write_group(event, owed.recipient_name, together) if event else None


async def write_group(event: EventView, name: str, together: Sequence[Companion], words: Words | None = None) -> Letter:
    """Write to who registered colleagues; `words` are tried instead of those in force."""
    first = together[0].entered if together else None
    given = first.given_name if first and first.name == name else called(name)
    values = {"given_name": given, "name": name, "event": event.title, "event_link": absolute(f"/events/{event.slug}")}
    words = words or await in_force(GROUP, event.id)
    made = put_together(GROUP, words, values, {"together": together})
    return Letter(
        subject=made.subject,
        text=render("mail/registration.txt", body=made.text, event=event, projects=[]),
        html=render("mail/registration.html", body=made.html, event=event),
        reply_to=event.contact_email,
    )


async def sample_group(event: EventView, words: Words | None) -> Letter:
    """Write as to someone who registered themselves and a colleague."""
    people = (("Maija", "Meikäläinen", State.CONFIRMED), ("Matti", "Meikäläinen", State.WAITLISTED))
    together = [
        Companion(
            NewRegistration(given_name=given, family_name=family, email=None),
            state,
            3 if state is State.WAITLISTED else None,
        )
        for given, family, state in people
    ]
    return await write_group(event, "Maija Meikäläinen", together, words)
