"""Health columns of an imported table: stored as answers to the questions of the event that ask the same."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

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
    registration_id: UUID,
    cells: Mapping[str, str],
    columns: Mapping[str, Asked],
    *,
    consent: str,
    language: str,
    now: datetime,
) -> dict[str, list[str]]:
    """Store what a row says of health, under the consent that the whole table was given under.

    Returns what cannot be read, by heading.
    """
    wrong: dict[str, list[str]] = {}
    for heading, question in columns.items():
        try:
            value = answer_in(question, cells.get(heading, "").strip())
        except Invalid as invalid:
            wrong[heading] = [message for messages in invalid.errors.values() for message in messages]
            continue
        if value is not None:
            stored = msgspec.json.encode(value).decode()
            await database.execute(_STORE, registration_id, question.id, stored, consent, language, now)
    return wrong
