"""Health columns of an imported table: stored as answers to the questions of the event that ask the same."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from events.core import database
from events.core.errors import Invalid
from events.core.text import fold
from events.registration.imports.columns import Answer, read_answer
from events.registration.questions import queries
from events.registration.questions.asked import CHOICES, NO, YES, Asked, Value
from events.registration.questions.reading import read
from events.registration.questions.tables import QuestionKind

_STORE = """
INSERT INTO health_answer (id, registration, question, value, consent_text, consent_language, answered_at)
VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6) ON CONFLICT (registration, question) DO NOTHING
"""


class OfHealth(Struct, frozen=True):
    """What a table says of health: the columns that answer a question, its lines, and the consent it was given under.

    Without a column there is nothing to store.
    """

    columns: Mapping[str, Asked] = {}
    lines: Mapping[int, Mapping[str, str]] = {}
    consent: str = ""


async def health_columns(headers: Sequence[str], event_id: UUID) -> dict[str, Asked]:
    """Return which headings name a question about health of an event, by its text in any language or by its code.

    Options with places of their own are not given away by a table, so such a question takes none.
    """
    named = {
        fold(name): question
        for question in await queries.of_event(event_id)
        if question.health and not question.limited
        for name in (question.code, *question.labels.values())
    }
    return {header: named[fold(header)] for header in headers if fold(header) and fold(header) in named}


def answer_in(question: Asked, text: str) -> Value | None:
    """Return the answer that a cell holds, None for an empty one; raises Invalid."""
    raw: object = text
    if question.kind in CHOICES:
        codes = {fold(name): each.code for each in question.options for name in (each.code, *each.labels.values())}
        raw = [codes.get(fold(part), part) for part in re.split(r"[,;/]", text) if part.strip()]
    elif question.kind is QuestionKind.YES_NO:
        raw = {Answer.YES: YES, Answer.NO: NO}.get(read_answer(text) or Answer.NOTHING, text)
    alone = msgspec.structs.replace(question, shown_if=(), shown_at=())
    return read([alone], {question.code: raw}, site=None, agreed=[question.code]).get(question.code)


async def store_imported(
    registration_id: UUID, line: int, health: OfHealth, *, language: str, now: datetime
) -> list[str]:
    """Store what a line says of health, in the transaction that registers; returns what cannot be read.

    So nobody is left without what the table says of them, wherever an import ends.
    """
    wrong = []
    for heading, question in health.columns.items():
        try:
            value = answer_in(question, health.lines[line].get(heading, "").strip())
        except Invalid as invalid:
            said = " ".join(message for messages in invalid.errors.values() for message in messages)
            wrong.append(f"{heading}: {said}")
            continue
        if value is not None:
            stored = msgspec.json.encode(value).decode()
            await database.execute(_STORE, registration_id, question.id, stored, health.consent, language, now)
    return wrong
