"""What an import makes of each column and of each word in it, to be shown before it writes."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import Struct

from events.core.errors import Invalid
from events.core.i18n import LANGUAGE_NAMES
from events.core.i18n import gettext as _
from events.core.tabular import Table
from events.core.text import clean_line, fold
from events.network.queries import municipality_names
from events.programme.queries import EventView
from events.registration.imports.columns import (
    LANGUAGE_WORDS,
    ROLES,
    Answer,
    Columns,
    Dropped,
    Field,
    read_answer,
    read_columns,
)
from events.registration.imports.plan import known
from events.registration.imports.rows import municipality_code
from events.registration.questions.asked import CHOICES, Asked, in_words
from events.registration.questions.importing import AnswerColumns, answer_in
from events.registration.questions.tables import QuestionKind
from events.registration.tables import RegistrationRole

MOST_VALUES = 100
"""Distinct words shown of one column, the most frequent first."""


class ColumnUse(Struct, frozen=True):
    """A heading and what its column becomes; `read` is False for one that is left out.

    `choosable` says whether it may answer a question instead, `answers` is the code of the one that it does.
    """

    heading: str
    becomes: str
    read: bool
    choosable: bool = False
    answers: str = ""


class ValueUse(Struct, frozen=True):
    """A distinct word of a column ("" for an empty cell), in how many rows it stands, and what it becomes."""

    heading: str
    value: str
    rows: int
    becomes: str


async def preview(
    table: Table, answers: AnswerColumns, event: EventView, *, now: datetime
) -> tuple[list[ColumnUse], list[ValueUse]]:
    """Say what each column, and each distinct word in those that are read by words, becomes."""
    others = [heading for heading in table.headers if heading not in answers.columns]
    columns = read_columns(others)
    uses = [
        _answers(heading, answers.columns[heading])
        if heading in answers.columns
        else _use(heading, columns, begun=now >= event.starts_at)
        for heading in table.headers
    ]
    read = {use.heading for use in uses if use.read}
    meanings = {columns.by_field.get(field, ""): said for field, said in (await _meanings(columns, event)).items()}
    by_words = {QuestionKind.YES_NO, *CHOICES}
    meanings |= {heading: _answer(each) for heading, each in answers.columns.items() if each.kind in by_words}
    values = []
    for heading, meaning in meanings.items():
        if heading in read:
            counted = Counter(clean_line(row.get(heading)) for row in table.rows)
            values += [ValueUse(heading, text, rows, meaning(text)) for text, rows in counted.most_common(MOST_VALUES)]
    return uses, values


def _use(heading: str, columns: Columns, *, begun: bool) -> ColumnUse:
    why = columns.dropped.get(heading)
    if why is not None:
        return ColumnUse(heading, _dropped(why), read=False, choosable=why is not Dropped.HEALTH)
    field = next(field for field, name in columns.by_field.items() if name == heading)
    if field is Field.ATTENDED and not begun:
        return ColumnUse(heading, _("left out: the event has not begun"), read=False)
    return ColumnUse(heading, _field(field), read=True)


def _answers(heading: str, question: Asked) -> ColumnUse:
    if question.health:
        return ColumnUse(heading, _("answer about health"), read=True)
    becomes = _("answer to: %(question)s", question=question.label[0])
    return ColumnUse(heading, becomes, read=True, choosable=True, answers=question.code)


def _answer(question: Asked) -> Callable[[str], str]:
    def meaning(text: str) -> str:
        try:
            value = answer_in(question, text)
        except Invalid:
            return _("not understood: the answer is left out")
        return _("no answer") if value is None else in_words(question, value)

    return meaning


def _field(field: Field) -> str:
    return {
        Field.FAMILY_NAME: _("family name"),
        Field.GIVEN_NAME: _("given name"),
        Field.NAME: _("name"),
        Field.EMAIL: _("e-mail address"),
        Field.ORGANISATION: _("organisation, recognised however it is spelled"),
        Field.BUSINESS_ID: _("business ID of the organisation"),
        Field.MUNICIPALITY: _("municipality of the workplace"),
        Field.ATTENDS: _("who comes, and how"),
        Field.ATTENDED: _("who came; an empty cell says nothing"),
        Field.ROLE: _("role at the event"),
        Field.LANGUAGE: _("language of the mails"),
    }[field]


def _dropped(why: Dropped) -> str:
    return {
        Dropped.HEALTH: _("left out: health data"),
        Dropped.FREE_TEXT: _("left out: free text"),
        Dropped.TWICE: _("left out: an earlier column says the same"),
        Dropped.UNKNOWN: _("left out: the heading is not known"),
    }[why]


async def _meanings(columns: Columns, event: EventView) -> Mapping[Field, Callable[[str], str]]:
    there = await known(event)
    names = await municipality_names(set(there.municipalities.values()))
    sites = {fold(site.name): site.name for site in event.open_sites if site.name}
    modes = {site.mode for site in event.open_sites}
    refused = _("not understood: the row is refused")

    def attends(text: str) -> str:
        answer = read_answer(text)
        usual = _("on site") if "venue" in modes else _("online")
        words = {
            Answer.VENUE: _("on site") if "venue" in modes else _("refused: the event is online only"),
            Answer.ONLINE: _("online") if "online" in modes else _("refused: one cannot attend online"),
            Answer.YES: usual,
            Answer.NO: _("not taken"),
            Answer.NOTHING: usual,
        }
        return sites.get(fold(text)) or (refused if answer is None else words[answer])

    def attended(text: str) -> str:
        words = {Answer.NO: _("did not attend"), Answer.NOTHING: _("not known"), Answer.ONLINE: _("attended online")}
        answer = read_answer(text)
        return refused if answer is None else words.get(answer, _("attended"))

    def municipality(text: str) -> str:
        return names.get(municipality_code(text, there) or "", _("unknown"))

    def spoken(text: str) -> str:
        return LANGUAGE_NAMES[LANGUAGE_WORDS.get(fold(text), columns.language)]

    return {
        Field.ATTENDS: attends,
        Field.ATTENDED: attended,
        Field.MUNICIPALITY: municipality,
        Field.ROLE: _role,
        Field.LANGUAGE: spoken,
    }


def _role(text: str) -> str:
    role = ROLES.get(fold(text)) if text else RegistrationRole.PARTICIPANT
    words = {
        RegistrationRole.PARTICIPANT: _("participant"),
        RegistrationRole.SPEAKER: _("speaker"),
        RegistrationRole.HOST: _("host"),
        RegistrationRole.STAFF: _("project staff"),
        RegistrationRole.PARTNER: _("project partner"),
    }
    return words[role] if role else _("not understood: the row is refused")
