"""Giving back what someone's answers hold."""

from collections.abc import Collection
from uuid import UUID

import msgspec

from events.core import database
from events.registration import counters
from events.registration.counters import Counter
from events.registration.questions import queries, rules
from events.registration.questions.asked import Asked, Value


async def release(registration_id: UUID, *, gone: bool) -> None:
    """Give back the places of options that someone has: they left, or went back to the line.

    Of who left (`gone`) no answers are kept. The registration's site must be locked.
    """
    event = await database.fetchval("SELECT event FROM registration WHERE id = $1", registration_id)
    questions = await queries.of_event(event)
    if not questions:
        return
    given = (await queries.of_registration(registration_id)).all
    limited = {option.id for question in questions for option in question.options if option.capacity is not None}
    await counters.move(give=counters_of(rules.chosen(questions, given) & limited))
    kept = {} if gone else rules.without(questions, given, limited)
    for question in questions:
        if kept.get(question.code) != given.get(question.code):
            await _keep(registration_id, question, kept.get(question.code))


def counters_of(options: Collection[UUID]) -> list[Counter]:
    """Return the counters of options."""
    return [Counter("option", option) for option in options]


async def _keep(registration_id: UUID, question: Asked, left: Value | None) -> None:
    """Let what is left of an answer stand, under the consent it was given under."""
    table = "health_answer" if question.health else "registration_answer"
    this = f"{table} WHERE registration = $1 AND question = $2"
    if left is None:
        await database.execute(f"DELETE FROM {this}", registration_id, question.id)
    else:
        value = msgspec.json.encode(left).decode()
        await database.execute(
            f"UPDATE {this}".replace(" WHERE", " SET value = $3 WHERE"), registration_id, question.id, value
        )
