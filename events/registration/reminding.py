"""What a reminder says: the service's own letter, with words of the rule, or those words alone."""

from uuid import UUID

from msgspec import Struct

from events.core import clock
from events.core.i18n import format_date
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.links import absolute
from events.core.web import render
from events.messaging.letter import Letter, Owed
from events.messaging.templates.queries import in_force
from events.messaging.templates.shapes import Template, Words
from events.messaging.templates.writing import greeting, hello, put_together
from events.programme.queries import EventView
from events.programme.reminders import queries as reminders
from events.programme.reminders.queries import RuleView
from events.programme.tables import EventState
from events.registration.announcements.letters import Parts, in_frame, parts, values
from events.registration.queries import RegistrationView
from events.registration.tables import State


class Reminding(Struct, frozen=True):
    """How a reminder is written: `looks_ahead` tells of what is to come; `words` are those of its rule.

    That is our letter: time and place, the private link, and the ticket of who has a place.
    """

    looks_ahead: bool
    words: Parts | None


async def reminding(owed: Owed, event: EventView, registration: RegistrationView) -> Reminding | None:
    """Say how the reminder of an occurrence is written now.

    None when there is nothing to say any more: the start has moved since – a new one has reminders of its own –, its
    rule is gone or means another time, it is too late, or the registration does not stand as the rule wants it.
    """
    rule_part, _colon, revision = owed.occurrence.rpartition(":")
    if revision != str(event.start_revision) or event.state != EventState.PUBLISHED:
        return None
    identity, dot, _revision = rule_part.partition(".")
    if not dot:  # one that was owed before there were rules
        due = registration.state is State.CONFIRMED and clock.now() < event.starts_at
        return Reminding(looks_ahead=True, words=None) if due else None
    rule = await reminders.by_id(UUID(identity))
    turn = await reminders.turn(event.id, UUID(identity)) if rule else None
    if rule is None or turn is None or turn.occurrence != owed.occurrence:
        return None
    if clock.now() >= turn.until or not means(rule, registration):
        return None
    return await of_rule(rule, event, registration, before=turn.before)


async def of_rule(
    rule: RuleView, event: EventView, registration: RegistrationView | None, *, before: bool
) -> Reminding:
    """Say how the letter of a rule is written to a registration, or to a sample one, in the present language."""
    placed = State.CONFIRMED in (rule.states or [State.CONFIRMED])
    if registration is not None:
        placed = registration.state is State.CONFIRMED
    words = parts(rule.words, await values(event, registration)) if rule.words else None
    return Reminding(looks_ahead=before and (placed or words is not None), words=words)


def means(rule: RuleView, registration: RegistrationView) -> bool:
    """Say whether a registration still stands as a rule wants it."""
    return registration.state in (rule.states or [State.CONFIRMED]) and rule.site in {None, registration.site}


AFTERWARDS = Template(
    "afterwards",
    _l("Thanks after an event"),
    lambda: _("Thank you for coming: %(title)s", title="{event}"),
    ("greeting", "given_name", "name", "event", "when", "event_link"),
)
"""To who took part, by a rule that says nothing of its own."""


async def looking_back(found: Reminding, event: EventView, given: str, name: str, words: Words | None = None) -> Letter:
    """Write a letter that brings no ticket: the words of the rule, or thanks; `words` are tried instead of these.

    `given` is the name by which the recipient is greeted, `name` the whole one.
    """
    if found.words:
        return in_frame(found.words, event, "" if found.words.greets else greeting(given))
    values = {
        "greeting": hello(given),
        "given_name": given,
        "name": name,
        "event": event.title,
        "when": format_date(event.starts_at, event.zone),
        "event_link": absolute(f"/events/{event.slug}"),
    }
    made = put_together(AFTERWARDS, words or await in_force(AFTERWARDS, event.id), values, {})
    return Letter(
        subject=made.subject,
        text=render("mail/registration.txt", body=made.text, event=event, projects=[]),
        html=render("mail/registration.html", body=made.html, event=event),
        reply_to=event.contact_email,
    )


async def sample_afterwards(event: EventView, words: Words | None) -> Letter:
    """Write the thanks as somebody with a name gets them."""
    return await looking_back(Reminding(looks_ahead=False, words=None), event, "Maija", "Maija Meikäläinen", words)
