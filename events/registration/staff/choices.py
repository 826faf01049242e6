"""The filters of the list of registrations as its page offers them, and those that are on, in words."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from events.core import clock
from events.core.i18n import LANGUAGE_NAMES
from events.core.i18n import gettext as _
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration.questions import queries as questions
from events.registration.questions.asked import CHOICES, NO, YES, Asked
from events.registration.questions.tables import QuestionKind
from events.registration.staff import queries as staff_queries
from events.registration.staff.columns import Words
from events.registration.staff.filters import ANY, ATTENDANCE, NONE, NOWHERE, SOURCES, WITH, WITHOUT, View


class Choice(Struct, frozen=True):
    """A filter with what can be chosen."""

    name: str
    label: str
    options: list[tuple[str, str]]


class Chip(Struct, frozen=True):
    """A filter that is on, in words, and the query of the list without it."""

    words: str
    without: str


async def choices_of(event: EventView, words: Words) -> list[Choice]:
    """Return the filters beside text and state; those that would let everybody through are left out."""
    yes_no = [(WITH, _("Yes")), (WITHOUT, _("No"))]
    items = [(str(item.id), item.title[0]) for item in await programme.agenda(event.id) if item.sign_up]
    choices = [
        Choice("role", _("Role"), list(words.roles.items())),
        Choice("site", _("Place"), [(str(site), name) for site, name in words.places.items()]),
        Choice("type", _("Type of organisation"), list(words.types.items())),
        Choice("region", _("Region"), [*words.regions.items(), (NOWHERE, _("Not known or abroad"))]),
        Choice("item", _("Signed up for"), items),
        Choice("tag", _("Tag"), await staff_queries.tags(event.id)),
        Choice("note", _("Has a note"), yes_no),
        Choice("listed", _("On the participants’ list"), yes_no),
        Choice("by", _("Registered by somebody else"), yes_no),
        Choice("source", _("Source"), [(source, words.sources[source]) for source in SOURCES]),
        Choice("language", _("Language"), list(LANGUAGE_NAMES.items())),
    ]
    if clock.now() >= event.starts_at:
        choices.append(Choice("attendance", _("Attendance"), [(each, words.attendance[each]) for each in ATTENDANCE]))
    return [choice for choice in choices if choice.options and (choice.name != "site" or len(choice.options) > 1)]


async def answer_choices(event_id: UUID) -> list[Choice]:
    """Return what can be asked of the answers to each question; health stays out of lists."""
    asked = [question for question in await questions.of_event(event_id) if not question.health]
    return [
        Choice("answer", question.label[0], [(f"{question.code}={value}", name) for value, name in _values(question)])
        for question in asked
    ]


def _values(question: Asked) -> list[tuple[str, str]]:
    if question.kind in CHOICES:
        values = [(option.code, option.label[0]) for option in question.options]
    elif question.kind is QuestionKind.YES_NO:
        values = [(YES, _("Yes")), (NO, _("No"))]
    else:
        values = [(ANY, _("Answered"))]
    return [*values, (NONE, _("Not answered"))]


def chips_of(view: View, choices: Sequence[Choice], words: Words) -> list[Chip]:
    """Return what is on, in words."""
    known = {(choice.name, value): (choice.label, name) for choice in choices for value, name in choice.options}
    labels = {choice.name: choice.label for choice in choices if choice.name != "answer"}
    labels["organisation"] = _("Organisation")
    chips = []
    for name, value in view.filters.pairs():
        if name == "q":
            text = _("“%(text)s”", text=value)
        elif name == "state":
            text = words.states[value]
        else:
            text = "{}: {}".format(*known.get((name, value), (labels.get(name, name), value)))
        chips.append(Chip(text, view.without(name, value).query()))
    return chips
