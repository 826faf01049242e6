"""The letter that an organiser has written."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from markupsafe import Markup
from msgspec import Struct

from events.core import database
from events.core.i18n import format_span, in_language, language
from events.core.links import absolute
from events.core.web import render
from events.messaging.letter import Compose, Held, Letter, Owed, OwnWords
from events.messaging.tables import Reason
from events.messaging.templates.filling import filled_markdown
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration import queries
from events.registration.announcements import queries as announcements
from events.registration.announcements import rules
from events.registration.announcements.queries import AnnouncementView
from events.registration.announcements.tables import AnnouncementState
from events.registration.places import place_names
from events.registration.queries import RegistrationView

# Several may share an address: the letter is that of whom it was owed to, as long as they are there.
_REGISTRATION = """
SELECT registration.id FROM registration JOIN person ON person.id = registration.person
WHERE registration.event = $1 AND person.email = $2 AND registration.state = ANY($3)
ORDER BY person.id = (SELECT coalesce(named.merged_into, named.id)
        FROM message JOIN person AS named ON named.id = message.person_id WHERE message.id = $4) DESC NULLS LAST,
    registration.state = 'confirmed' DESC, registration.number, registration.id LIMIT 1
"""


async def compose_announcement(owed: Owed) -> Letter | None:
    """Write an announcement to one of its people; None when it was stopped, or does not mean them any more.

    It may have been held for days: who cancelled since is not told when to come.
    """
    found = await announcements.to_write(owed.subject_id)
    event = await programme.by_id(found.event) if found and found.event else None
    if found is None or event is None or is_stopped(found):
        return None
    registration = await _registration(event.id, owed, rules.meant(found.chosen).state)
    return await _write(found, event, registration) if registration else None


async def compose_test(owed: Owed) -> Letter | None:
    """Write an announcement to its author, with words that stand for anybody."""
    found = await announcements.to_write(owed.subject_id)
    event = await programme.by_id(found.event) if found and found.event else None
    return await _write(found, event, None) if found and event else None


def is_stopped(found: AnnouncementView) -> bool:
    """Say whether a letter never goes out any more; raises Held while it is paused.

    Asked for each of its letters: a worker has fifty in hand, which on a slow server are minutes.
    """
    if found.state is AnnouncementState.PAUSED:
        raise Held
    return found.state is AnnouncementState.STOPPED


class Parts(Struct, frozen=True):
    """A letter before it is put into its frame; `language` is that of its words, which may greet by themselves."""

    subject: str
    html: Markup
    text: str
    language: str
    greets: bool


def parts(found: OwnWords, values: Mapping[str, str]) -> Parts:
    """Fill the words in, by placeholder, in the present language; all that stands around them is to be in theirs."""
    subject, body, code = found.text(language())
    made = filled_markdown(body, values, rules.LINKS)
    return Parts(rules.filled_subject(subject, values), made.html, made.text, code, rules.greets(body))


async def looks(words: OwnWords, values: Callable[[], Awaitable[Mapping[str, str]]]) -> dict[str, Parts]:
    """Return by language what somebody reads of what staff wrote; `values` are asked for in each language."""
    shown = {}
    for code in words.subjects:
        with in_language(code):
            shown[code] = parts(words, await values())
    return shown


async def _write(found: AnnouncementView, event: EventView, registration: RegistrationView | None) -> Letter:
    with in_language(found.spoken(language())):
        return in_frame(parts(found, await values(event, registration)), event)


def in_frame(words: Parts, event: EventView, greeting: str = "") -> Letter:
    """Return words of staff about an event as a letter, with a `greeting` above them or without."""
    here = absolute(f"/events/{event.slug}")
    context = {"parts": words, "event": event, "event_url": here, "greeting": greeting}
    return Letter(
        subject=words.subject,
        text=render("mail/announcement.txt", **context),
        html=render("mail/announcement.html", **context),
        reply_to=event.contact_email,
    )


async def _registration(event: UUID, owed: Owed, states: Sequence[str]) -> RegistrationView | None:
    identity = await database.fetchval(_REGISTRATION, event, owed.recipient, states, owed.id)
    return await queries.by_id(identity) if identity else None


async def values(event: EventView, registration: RegistrationView | None) -> Mapping[str, str]:
    """Return what stands for the placeholders of a registration, or sample words for none."""
    places = await place_names(event)
    here = places.get(registration.site, "") if registration else next(iter(places.values()), "")
    given = registration.given_name if registration else "Maija"
    family = registration.family_name if registration else "Meikäläinen"
    return {
        "given_name": given,
        "name": f"{given} {family}".strip(),
        "event": event.title,
        "when": format_span(event.starts_at, event.ends_at, event.zone),
        "place": here,
        "link": absolute(registration.manage_path if registration else f"/events/{event.slug}"),
    }


COMPOSERS: Mapping[Reason, Compose] = {
    Reason.ANNOUNCEMENT: compose_announcement,
    Reason.ANNOUNCEMENT_TEST: compose_test,
}
