"""Use cases of those who build a survey: add, change, order, remove questions, and begin again from the template."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from events.accounts import audit
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, Invalid, NotFound
from events.core.i18n import gettext as _
from events.surveys import rules
from events.surveys.asked import Question
from events.surveys.building.holding import Held, hold, write_order, write_out
from events.surveys.building.soundness import NOT_FOR_CODES, coded, require_meaning_kept, require_sound
from events.surveys.building.writing import delete_questions, write_question
from events.surveys.queries import questions_of


async def add_question(
    event: UUID, which: str, new: Question, *, version: int | None, actor: Actor, now: datetime
) -> str:
    """Ask a question at the end of a survey's others; returns its code.

    `version` is that of the survey as its page showed it, None when no page did. Raises NotFound, Invalid, and Conflict
    ("changed") when somebody else has changed the survey since.
    """
    async with transaction():
        held = await hold(event, which, version, actor, now)
        require_sound(new, held.questions)
        if len(held.questions) >= rules.MOST_QUESTIONS:
            raise Invalid({"": [_("A survey asks at most %(n)s questions.", n=rules.MOST_QUESTIONS)]})
        taken = {question.code for question in held.questions} | NOT_FOR_CODES
        if new.bank and new.bank in {question.bank for question in held.questions}:
            raise Conflict(_("The survey asks this already."), code="asked")
        own = new.code if new.bank and new.code not in {question.code for question in held.questions} else ""
        added = coded(msgspec.structs.replace(new, code=own), taken)
        await write_out(held)
        await write_question(held.id, len(held.questions), added)
        await _record(held, "survey.question_added", actor, now, question=added.code, kind=added.kind.value)
    return added.code


async def change_question(
    event: UUID, which: str, code: str, new: Question, *, version: int | None, actor: Actor, now: datetime
) -> None:
    """Change a question. Once there are answers nothing changes that would let them mean something else.

    The words of a question of the bank stay the bank's, unless `new` has no key any more. Raises as `add_question`, and
    Conflict "answered" or "depended_on".
    """
    async with transaction():
        held = await hold(event, which, version, actor, now)
        place, before = _find(held, code)
        new = msgspec.structs.replace(new, code=code)
        if before.bank and new.bank:
            keep = ("required", "shown_if")
            new = msgspec.structs.replace(before, **{name: getattr(new, name) for name in keep})
        elif before.bank:
            rules.require_unanswered(held.answers)
        new = coded(new, set())
        require_sound(new, held.questions[:place])
        require_meaning_kept(before, new, held.answers)
        lost = set(rules.conditions_of(before)) - set(rules.conditions_of(new))
        rules.require_free(held.questions, lost)
        await write_out(held)
        await write_question(held.id, place, new)
        detail = {} if new.labels == before.labels else {"before": dict(before.labels), "after": dict(new.labels)}
        await _record(held, "survey.question_changed", actor, now, question=code, answers=held.answers, **detail)


async def remove_question(
    event: UUID, which: str, code: str, *, version: int | None, actor: Actor, now: datetime
) -> None:
    """Remove a question that nobody can have answered yet. Raises as `change_question`."""
    async with transaction():
        held = await hold(event, which, version, actor, now)
        _place, question = _find(held, code)
        rules.require_unanswered(held.answers)
        rules.require_free(held.questions, rules.conditions_of(question))
        if len(held.questions) == 1 and held.has_template:
            raise Conflict(_("A survey asks something. Begin again from the template instead."), code="last")
        await write_out(held)
        await delete_questions(held.id, [code])
        await _record(held, "survey.question_removed", actor, now, question=code)


async def order_questions(
    event: UUID, which: str, order: Sequence[str], *, version: int | None, actor: Actor, now: datetime
) -> None:
    """Ask questions in this order of their codes; those not named follow in the order they had.

    Raises NotFound, and Conflict "changed" or "depended_on".
    """
    async with transaction():
        held = await hold(event, which, version, actor, now)
        place = {code: number for number, code in enumerate(order)}
        ordered = sorted(held.questions, key=lambda question: place.get(question.code, len(place)))
        rules.require_order(ordered)
        await write_out(held)
        codes = [question.code for question in ordered]
        await write_order(held.id, codes)
        await _record(held, "survey.question_moved", actor, now, order=codes)


async def begin_again(event: UUID, which: str, *, version: int | None, actor: Actor, now: datetime) -> None:
    """Ask what the template asks, as it is now. Raises NotFound, and Conflict "changed" or "answered"."""
    async with transaction():
        held = await hold(event, which, version, actor, now)
        rules.require_unanswered(held.answers)
        if not held.has_template:
            raise NotFound
        await delete_questions(held.id, [question.code for question in held.questions])
        if held.named:  # as in `settling.settle`
            for position, question in enumerate(await questions_of(held.id, held.kind)):
                await write_question(held.id, position, question)
        await _record(held, "survey.begun_again", actor, now)


async def _record(held: Held, what: str, actor: Actor, now: datetime, **detail: object) -> None:
    await audit.record(actor, what, "survey", held.id, now, event=held.event, **detail)


def _find(held: Held, code: str) -> tuple[int, Question]:
    for place, question in enumerate(held.questions):
        if question.code == code:
            return place, question
    raise NotFound
