"""Columns of an imported table that answer the questions of an event."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from events.core import database
from events.core.errors import Conflict, Invalid
from events.core.i18n import gettext as _
from events.core.text import fold
from events.registration import counters
from events.registration.counters import Full
from events.registration.imports.columns import Answer, Dropped, read_answer, read_columns
from events.registration.questions import queries, rules
from events.registration.questions.asked import CHOICES, NO, YES, Asked, Value
from events.registration.questions.reading import read
from events.registration.questions.releasing import counters_of
from events.registration.questions.tables import QuestionKind

_STORE = """
INSERT INTO {table} (id, registration, question, value, answered_at{columns})
SELECT gen_random_uuid(), given.registration, given.question, given.value::jsonb, $4{values}
FROM unnest($1::uuid[], $2::uuid[], $3::text[]{languages}) AS given (registration, question, value{language})
ON CONFLICT (registration, question) DO NOTHING
"""
_ANSWERS = _STORE.format(table="registration_answer", columns="", values="", languages="", language="")
_OF_HEALTH = _STORE.format(
    table="health_answer",
    columns=", consent_text, consent_language",
    values=", $6, given.language",
    languages=", $5::text[]",
    language=", language",
)


class AnswerColumns(Struct, frozen=True):
    """Which columns answer which of an event's questions, and the consent that what is of health was given under.

    `asked` are all questions of the event in their order; without a column there is nothing to store.
    """

    asked: Sequence[Asked] = ()
    columns: Mapping[str, Asked] = {}
    consent: str = ""

    def heading(self, question: Asked) -> str:
        """Return the heading of the column that answers a question."""
        return next(heading for heading, each in self.columns.items() if each.code == question.code)


class Imported(Struct, frozen=True):
    """What a row answers, by code, and whose registration it is; `placed` says whether it holds a place."""

    registration: UUID
    placed: bool
    language: str
    answers: Mapping[str, Value]


async def answerable(event_id: UUID) -> list[Asked]:
    """Return the questions of an event that a table may answer: nobody agrees to anything for another."""
    return [question for question in await queries.of_event(event_id) if not question.personal]


async def answer_columns(
    headers: Sequence[str], event_id: UUID, *, chosen: Mapping[str, str], health_consent: str | None
) -> AnswerColumns:
    """Find the columns that answer questions: as `chosen` (heading → code, "" for none), else by text or code.

    A heading that says something of everybody answers only what it is chosen for. What sounds of health is taken under
    `health_consent` alone, and never gives away options with places of their own. Raises Conflict for a code or heading
    that there is not ("answers"), and for a consent for which there is no column ("health_data").
    """
    asked = await queries.of_event(event_id)
    takable = {question.code: question for question in asked if not question.personal}
    known, open_to_choice = {"", *takable}, set(headers) - set(_dropped(headers, Dropped.HEALTH))
    wrong = [f"{name} = {code}" for name, code in chosen.items() if name not in open_to_choice or code not in known]
    if wrong:
        raise Conflict(_("There is no such column or question: %(names)s", names=", ".join(wrong)), code="answers")
    free = _dropped(headers, Dropped.FREE_TEXT, Dropped.UNKNOWN)
    columns = {name: each for name, each in _named(free, takable.values()).items() if name not in chosen}
    columns = {**{name: takable[code] for name, code in chosen.items() if code}, **columns}
    if health_consent:
        of_health = _named(headers, [each for each in asked if each.health and not each.limited])
        if not of_health:
            message = _("No column has the text of a question about health of this event as its heading.")
            raise Conflict(message, code="health_data")
        columns |= of_health
    # the first column for a question counts, and of those one that it was chosen for
    once = {question.code: heading for heading, question in reversed(columns.items())}.values()
    found = {heading: columns[heading] for heading in headers if heading in once}
    return AnswerColumns(asked, found, health_consent or "")


def _dropped(headers: Sequence[str], *why: Dropped) -> list[str]:
    return [heading for heading, reason in read_columns(headers).dropped.items() if reason in why]


def _named(headers: Sequence[str], questions: Collection[Asked]) -> dict[str, Asked]:
    names = {fold(name): each for each in questions for name in (each.code, *each.labels.values()) if fold(name)}
    return {heading: names[fold(heading)] for heading in headers if fold(heading) in names}


def answer_in(question: Asked, text: str) -> Value | None:
    """Return the answer that a cell holds, None for an empty one; raises Invalid."""
    raw: object = text
    if question.kind in CHOICES:
        codes = {fold(name): each.code for each in question.options for name in (each.code, *each.labels.values())}
        whole = codes.get(fold(text))  # an option may have a comma in its text
        parts = [whole] if whole else [codes.get(fold(part), part) for part in re.split(r"[,;/]", text) if part.strip()]
        raw = parts
    elif question.kind is QuestionKind.YES_NO:
        raw = {Answer.YES: YES, Answer.NO: NO}.get(read_answer(text) or Answer.NOTHING, text)
    alone = msgspec.structs.replace(question, shown_if=(), shown_at=(), required=False)
    return read([alone], {question.code: raw}, site=None, agreed=[question.code]).get(question.code)


def answers_in(cells: Mapping[str, str], columns: AnswerColumns, site: UUID) -> tuple[dict[str, Value], list[str]]:
    """Return the answers of a row by code, and what of it cannot be taken: unreadable, or not asked of its person."""
    answers: dict[str, Value] = {}
    wrong = []
    for heading, question in columns.columns.items():
        try:
            value = answer_in(question, cells.get(heading, "").strip())
        except Invalid as invalid:
            said = " ".join(message for messages in invalid.errors.values() for message in messages)
            wrong.append(f"{heading}: {said}")
            continue
        if value is not None:
            answers[question.code] = value
    known = {question.code for question in columns.columns.values()}
    # what another question decides is left to the table, unless the table answers that one too
    asked = [
        each
        if {condition.partition("=")[0] for condition in each.shown_if} & known
        else msgspec.structs.replace(each, shown_if=())
        for each in columns.asked
    ]
    kept = rules.still_asked(asked, answers, site)
    for question in columns.asked:
        if question.code in answers and question.code not in kept:
            heading = columns.heading(question)
            wrong.append(_("%(column)s is left out: this is not asked of this person.", column=heading))
    return kept, wrong


async def store_imported(rows: Sequence[Imported], columns: AnswerColumns, now: datetime) -> list[list[str]]:
    """Store what rows answer, in the transaction that registers them; returns for each what could not be taken.

    So nobody is left without what the table says of them, wherever an import ends. Options with places of their own are
    taken in the order of the rows, by who holds a place at the event.
    """
    fitted = [await _fitted(row, columns) for row in rows]
    codes = {question.code: question for question in columns.columns.values()}
    for health, statement in ((False, _ANSWERS), (True, _OF_HEALTH)):
        given = [
            (row, codes[code].id, msgspec.json.encode(value).decode())
            for row, (answers, _wrong) in zip(rows, fitted, strict=True)
            for code, value in answers.items()
            if codes[code].health == health
        ]
        if given:
            more = ([row.language for row, _question, _value in given], columns.consent) if health else ()
            registrations = [row.registration for row, _question, _value in given]
            questions, values = ([each[place] for each in given] for place in (1, 2))
            await database.execute(statement, registrations, questions, values, now, *more)
    return [wrong for _answers, wrong in fitted]


async def _fitted(row: Imported, columns: AnswerColumns) -> tuple[Mapping[str, Value], list[str]]:
    """Take the places of the options that a row names; returns its answers without those that cannot be had."""
    wanted = limited_of(row.answers, columns) if row.placed else frozenset()
    full: frozenset[UUID] = frozenset()
    try:
        await counters.move(take=counters_of(wanted))
    except Full as error:
        full = frozenset(counter.id for counter in error.counters)
        await counters.move(take=counters_of(wanted - full))
    return fit(row.answers, columns, placed=row.placed, full=full)


def limited_of(answers: Mapping[str, Value], columns: AnswerColumns) -> frozenset[UUID]:
    """Return the options with places of their own that answers name."""
    return rules.chosen(columns.columns.values(), answers) & rules.limited(columns.columns.values())


def fit(
    answers: Mapping[str, Value], columns: AnswerColumns, *, placed: bool, full: frozenset[UUID]
) -> tuple[Mapping[str, Value], list[str]]:
    """Return answers without the options that cannot be had, and what is to be said of those."""
    limited = limited_of(answers, columns)
    gone = limited & full if placed else limited
    if not gone:
        return answers, []
    said = _("%(column)s is left out: what was chosen is full.")
    if not placed:
        said = _("%(column)s is left out: it has places of its own, and this person has none at the event yet.")
    left = rules.without(columns.asked, answers, gone)
    lost = [each for each in columns.asked if answers.get(each.code) != left.get(each.code)]
    return left, [said % {"column": columns.heading(question)} for question in lost]
