"""A built-in letter whose words can be changed: what it is called, and which fields it has."""

from collections.abc import Callable, Mapping
from hashlib import sha256

from babel.support import LazyProxy
from msgspec import Struct

from events.core.i18n import lazy_gettext as _l
from events.core.web import render
from events.messaging.letter import tidy

INLINE: Mapping[str, LazyProxy] = {
    "greeting": _l("a greeting, with the name if it is known"),
    "given_name": _l("the given name"),
    "name": _l("the whole name"),
    "event": _l("the title of the event"),
    "when": _l("when it is"),
    "place": _l("where the person takes part"),
    "link": _l("the person’s private link"),
    "event_link": _l("the link to the page of the event"),
    "position": _l("the position in the waiting list"),
    "deadline": _l("until when the place is held"),
    "statement": _l("the link to the accessibility statement"),
    "day": _l("the day of the event"),
    "since": _l("from when on"),
    "until": _l("until when"),
    "account": _l("the link to one’s own account"),
    "asked_on": _l("the day of the feedback"),
    "survey": _l("the name of the survey"),
}
"""What is filled in within a line, by its name in braces."""

IN_SUBJECT = frozenset({"event", "when", "day", "place", "position", "deadline", "survey"})
"""What a subject may hold: it stands in the ledger, where no private link and no name belongs."""

BLOCKS: Mapping[str, LazyProxy] = {
    "button": _l("the button that this letter is sent for"),
    "manage": _l("the button to change or cancel, with what is to be known of it"),
    "ticket": _l("the ticket with its code, where there is one"),
    "facts": _l("when and where the event is"),
    "arrival": _l("how to arrive, the agenda, and what can be chosen"),
    "speaking": _l("when the person speaks, if they do"),
    "questions": _l("a request to answer questions that are still open"),
    "calendar": _l("that an entry for the calendar goes along, if it does"),
    "changes": _l("what has changed or is new"),
    "standing": _l("where the registration stands"),
    "turn": _l("how one gets a place from the waiting list"),
    "choosing": _l("that parts of the programme are chosen later, if there are such"),
    "organiser_words": _l("what the organiser wrote to this person or of this change, if anything"),
    "registered_by": _l("who registered this person, if it was someone else"),
    "answers": _l("the buttons by which one says whether one comes"),
    "colleagues": _l("what came of the registration of each colleague"),
    "others": _l("the other meetings to which the person is invited, if there are any"),
    "effort": _l("how many questions there are, how long they take, and whether answers are anonymous"),
    "closes": _l("until when the survey is open, if it closes"),
    "materials": _l("the materials of the event, if there are any"),
    "rights": _l("the rights, one to a line"),
    "answer": _l("the answer that was written"),
    "question": _l("what was asked"),
    "events": _l("the events with what happened at each"),
    "attendance": _l("how much of the attendance is known"),
}
"""What stands alone on a line and is made by the service: with facts, buttons and pictures of its own."""


class Words(Struct, frozen=True):
    """What a letter says in one language: a subject and Markdown, both with fields in braces."""

    subject: str
    body: str

    @property
    def digest(self) -> str:
        """Tells these words from any others."""
        return sha256(f"{self.subject}\n{self.body}".encode()).hexdigest()


class Template(Struct, frozen=True):
    """A letter whose words can be changed. `subject` gives that of the present language, with fields.

    Its built-in body stands in `templates/mail/words/<name>.txt`. Of each group in `required` one field must stay. What
    is not about one event (`of_event`) is written for the network alone.
    """

    name: str
    title: LazyProxy
    subject: Callable[[], str]
    inline: tuple[str, ...]
    blocks: tuple[str, ...] = ()
    required: tuple[tuple[str, ...], ...] = ()
    of_event: bool = True

    @property
    def built_in(self) -> Words:
        """The words that come with the service, in the present language."""
        return Words(self.subject(), tidy(render(f"mail/words/{self.name}.txt")))

    @property
    def in_subject(self) -> list[str]:
        """The fields that the subject may have."""
        return [name for name in self.inline if name in IN_SUBJECT]

    @property
    def fields(self) -> Mapping[str, LazyProxy]:
        """The fields there are, each with what it stands for."""
        return {name: INLINE[name] for name in self.inline} | {name: BLOCKS[name] for name in self.blocks}
