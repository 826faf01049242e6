"""Reads of questions and answers."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from events.core import database
from events.core.i18n import LANGUAGES
from events.core.remembering import remembered
from events.registration.questions import rules
from events.registration.questions.asked import Asked, Option, Value, values_of
from events.registration.questions.tables import QuestionKind

_OF_EVENT = """
SELECT question.*, coalesce((
    SELECT json_agg(json_build_object('id', id, 'code', code, 'capacity', capacity, 'taken', taken,
        'labels', json_build_object('fi', label_fi, 'sv', label_sv, 'en', label_en)) ORDER BY position, id)
    FROM question_option WHERE question_option.question = question.id), '[]') AS options,
    ARRAY(SELECT site FROM question_site WHERE question_site.question = question.id) AS shown_at
FROM question WHERE event = {event} ORDER BY position, id
"""

_ANSWERS = """
SELECT registration, question.code, value FROM {table} JOIN question ON question.id = {table}.question
WHERE {where}
"""


class Given(Struct, frozen=True):
    """What someone answered, by code; `health` beside, for whom it is meant."""

    answers: Mapping[str, Value] = {}
    health: Mapping[str, Value] = {}

    @property
    def all(self) -> dict[str, Value]:
        """Both, for the person itself."""
        return {**self.answers, **self.health}


@remembered(lambda event: event)
async def of_event(event: UUID | str) -> list[Asked]:
    """Return the questions of an event, given by id or slug, in their order."""
    this = "$1" if isinstance(event, UUID) else "(SELECT id FROM event WHERE slug = $1)"
    return [_asked(row) for row in await database.fetch(_OF_EVENT.format(event=this), event)]


async def of_registration(registration_id: UUID) -> Given:
    """Return what someone answered."""
    return (await _answers("registration = $1", registration_id, health=True)).get(registration_id, Given())


async def answers_of(event_id: UUID, registrations: Collection[UUID] | None = None) -> dict[UUID, Given]:
    """Return what everybody answered at an event, or these registrations alone; nothing of health."""
    if registrations is None:
        return await _answers("question.event = $1", event_id, health=False)
    return await _answers("registration = ANY($1)", list(registrations), health=False)


async def lacking(registration_id: UUID, event_id: UUID, site_id: UUID) -> bool:
    """Say whether someone at a site of an event has yet to answer a question that must be answered."""
    questions = await of_event(event_id)
    if not any(question.required for question in questions):
        return False
    given = await of_registration(registration_id)
    return bool(rules.lacking(questions, given.all, site_id))


async def answer_counts(event_id: UUID) -> dict[tuple[UUID, str], int]:
    """Return how many answered each question ("") and named each of its options (the code)."""
    counted: dict[tuple[UUID, str], int] = {}
    rows = await database.fetch(
        "SELECT question, value FROM (SELECT question, value FROM registration_answer"
        " UNION ALL SELECT question, value FROM health_answer) AS given JOIN question ON question.id = given.question"
        " WHERE question.event = $1",
        event_id,
    )
    for row in rows:
        for value in ("", *values_of(msgspec.json.decode(row["value"]))):
            counted[row["question"], value] = counted.get((row["question"], value), 0) + 1
    return counted


async def _answers(where: str, identity: UUID | list[UUID], *, health: bool) -> dict[UUID, Given]:
    found: dict[UUID, tuple[dict[str, Value], dict[str, Value]]] = {}
    for number, table in enumerate(("registration_answer", "health_answer")[: 1 + health]):
        for row in await database.fetch(_ANSWERS.format(table=table, where=where), identity):
            both = found.setdefault(row["registration"], ({}, {}))
            both[number][row["code"]] = msgspec.json.decode(row["value"])
    return {registration: Given(*both) for registration, both in found.items()}


def _asked(row: Mapping[str, Any]) -> Asked:
    options: Sequence[Option] = msgspec.json.decode(row["options"], type=list[Option])
    return Asked(
        **{name: row[name] for name in ("id", "code", "required", "health", "kitchen", "least", "most")},
        **{name: row[name] for name in ("shown_if", "shown_at")},
        kind=QuestionKind(row["kind"]),
        labels={code: row[f"label_{code}"] for code in LANGUAGES},
        helps={code: row[f"help_{code}"] for code in LANGUAGES},
        options=options,
    )
