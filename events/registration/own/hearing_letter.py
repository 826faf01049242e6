"""The mail that asks whether its address is to be written to again."""

from uuid import UUID

from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.links import absolute
from events.core.web import render
from events.messaging.letter import Letter, Owed
from events.messaging.templates.queries import in_force
from events.messaging.templates.shapes import Template, Words
from events.messaging.templates.writing import put_together
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration import queries
from events.registration.own.hearing_again import hearing_path

HEAR_AGAIN = Template(
    "hear_again",
    _l("Question whether to write to an address again"),
    lambda: _("Shall we write to this address again?"),
    ("given_name", "name"),
    ("button",),
    required=(("button",),),
)


async def compose_hear_again(owed: Owed) -> Letter | None:
    """Ask, with a button; None once the registration is gone."""
    registration = await queries.by_id(owed.subject_id)
    event = await programme.by_id(registration.event) if registration else None
    if registration is None or event is None:
        return None
    return await write_hear_again(event, registration.given_name, owed.recipient_name, owed.id)


async def write_hear_again(
    event: EventView, given: str, name: str, message: UUID, words: Words | None = None
) -> Letter:
    """Write to who asked to be written to again; `words` are tried instead of those in force."""
    words = words or await in_force(HEAR_AGAIN, event.id)
    button = {"button_url": absolute(hearing_path(message)), "button": _("Write to me again")}
    made = put_together(HEAR_AGAIN, words, {"given_name": given, "name": name}, button)
    return Letter(
        subject=made.subject,
        text=render("mail/registration.txt", body=made.text, event=event, projects=[]),
        html=render("mail/registration.html", body=made.html, event=event),
        reply_to=event.contact_email,
    )


async def sample_hear_again(event: EventView, words: Words | None) -> Letter:
    """Write as to a made-up person."""
    return await write_hear_again(event, "Maija", "Maija Meikäläinen", UUID(int=0), words)
