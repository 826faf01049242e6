"""Giving back what someone's answers hold, where they leave, go back to the line or attend elsewhere."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec

from events.core import database
from events.registration import counters
from events.registration.counters import Counter
from events.registration.questions import queries, rules
from events.registration.questions.asked import Asked, Value


async def forget_answers(registration_id: UUID, event_id: UUID) -> None:
    """Delete the answers of someone who left, with the places they hold. The registration's site must be locked."""
    if questions := await queries.of_event(event_id):
        given = (await queries.of_registration(registration_id)).all
        await keep_only(registration_id, questions, given, {})


async def fit_answers(registration_id: UUID, event_id: UUID, site_id: UUID, *, placed: bool) -> None:
    """Keep of someone's answers what is asked at their new site, and without a place there nothing that has a limit.

    Both sites must be locked.
    """
    if questions := await queries.of_event(event_id):
        given = (await queries.of_registration(registration_id)).all
        kept = given if placed else rules.without(questions, given, rules.limited(questions))
        await keep_only(registration_id, questions, given, rules.still_asked(questions, kept, site_id))


def counters_of(options: Collection[UUID]) -> list[Counter]:
    """Return the counters of options."""
    return [Counter("option", option) for option in options]


async def keep_only(
    registration_id: UUID, questions: Sequence[Asked], given: Mapping[str, Value], kept: Mapping[str, Value]
) -> None:
    """Let of the answers `given` only those `kept` stand, each under the consent it was given under."""
    await counters.move(give=counters_of(rules.chosen(questions, given) - rules.chosen(questions, kept)))
    for question in questions:
        if kept.get(question.code) != given.get(question.code):
            await _keep(registration_id, question, kept.get(question.code))


async def _keep(registration_id: UUID, question: Asked, left: Value | None) -> None:
    table = "health_answer" if question.health else "registration_answer"
    this = "registration = $1 AND question = $2"
    if left is None:
        await database.execute(f"DELETE FROM {table} WHERE {this}", registration_id, question.id)
    else:
        value = msgspec.json.encode(left).decode()
        await database.execute(f"UPDATE {table} SET value = $3 WHERE {this}", registration_id, question.id, value)
