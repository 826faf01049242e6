"""What people said of their health: how long it is kept, that looking at it leaves a trace, deleting it."""

from datetime import datetime
from uuid import UUID

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database
from events.core.actor import Actor, ActorKind
from events.core.database import transaction
from events.core.errors import NotFound
from events.registration.held import Held, hold, note, require_staff
from events.registration.questions import queries, rules
from events.registration.questions.releasing import keep_only

_ENDED = """
SELECT id FROM event WHERE ((ends_at AT TIME ZONE zone) + interval '7 days') AT TIME ZONE zone <= $1
"""
"""As `rules.kept_until`."""

_EXPIRED = (
    f"DELETE FROM health_answer USING question WHERE question.id = health_answer.question AND event IN ({_ENDED})",
    f"""UPDATE question_option SET taken = 0 FROM question
        WHERE question.id = question_option.question AND question.health AND taken > 0 AND event IN ({_ENDED})""",
    f"DELETE FROM kitchen_order WHERE event IN ({_ENDED})",
)


async def expire(now: datetime) -> int:
    """Delete what was said of health at events that ended seven days ago, and what the catering was ordered by."""
    return sum([await database.execute(statement, now) for statement in _EXPIRED])


async def note_seen(event_id: UUID, registration_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Write down that a member of staff looked at what someone said of their health."""
    await audit.record(actor, "registration.health_seen", "registration", registration_id, now, event=event_id)


async def delete_answer(registration_id: UUID, code: str, *, actor: Actor, now: datetime) -> None:
    """Delete what someone said of their health in answer to a question, for staff who may see it.

    That is all that staff do with it: an answer is kept under the explicit consent of its person (GDPR, article 9),
    which nobody gives for another. Raises NotFound where there is no such answer, or none that the actor may see.
    """
    async with transaction():
        held = await hold(registration_id)
        require_staff(held, actor, now)
        if not may(actor, Action.SEE_HEALTH, now=now, event_id=held.event, region=held.host_region):
            raise NotFound
        await _delete(held, code)
        await note(held, "health_deleted", actor, now)


async def withdraw(registration_id: UUID, code: str, *, actor: Actor, now: datetime) -> None:
    """Take back the consent under which one answered a question of health: the answer is deleted at once.

    At any time, however far the event is (GDPR, articles 7(3) and 9). What was asked because of the answer goes with
    it, and the place of an option that it held is free. Raises NotFound where there is no such answer of the actor's.
    """
    async with transaction():
        held = await hold(registration_id)
        if actor.kind is not ActorKind.PARTICIPANT or actor.id != held.id:
            raise NotFound
        await _delete(held, code)
        await note(held, "health_withdrawn", actor, now)


async def _delete(held: Held, code: str) -> None:
    given = await queries.of_registration(held.id)
    if code not in given.health:
        raise NotFound
    questions = await queries.of_event(held.event)
    left = {each: value for each, value in given.all.items() if each != code}
    await keep_only(held.id, questions, given.all, rules.still_asked(questions, left, held.site))
