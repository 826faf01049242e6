"""Questions of the events of a series: what a change of one may do to its counterparts, and what it may not."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from events.core import database
from events.core.errors import Invalid
from events.core.i18n import ngettext
from events.programme.counterparts.actions import Part
from events.programme.counterparts.rules import Change
from events.programme.queries import EventView
from events.registration.questions import queries
from events.registration.questions.asked import Asked
from events.registration.questions.refusing import require_free, require_order, require_unanswered
from events.registration.questions.tables import Question, QuestionOption, QuestionSite

_FIXED = ("kind", "health")


async def _require_kept(event: EventView, changes: Sequence[Change]) -> None:
    """Raise Conflict or Invalid where an answer would be lost or made wrong, or a condition be left in the air."""
    questions = await queries.of_event(event.id)
    rows = await database.fetch("SELECT id, origin FROM question WHERE event = $1", event.id)
    ids = {row["origin"]: row["id"] for row in rows}
    counted = await queries.answer_counts(event.id)
    for change in changes:
        question = next((each for each in questions if each.id == ids.get(change.key[0])), None)
        if question is not None and change.table == "question":
            _check_question(change, question, questions, counted)
        elif question is not None and change.table == "question_option":
            _check_option(change, question, questions, counted)


def _check_question(
    change: Change, question: Asked, questions: Sequence[Asked], counted: Mapping[tuple[UUID, str], int]
) -> None:
    before = change.old or {}
    if change.new is None or any(change.new[name] != before[name] for name in _FIXED):
        require_unanswered(counted.get((question.id, ""), 0))
        require_free(questions, f"{question.code}=")


def _check_option(
    change: Change, question: Asked, questions: Sequence[Asked], counted: Mapping[tuple[UUID, str], int]
) -> None:
    code = change.key[1]
    chosen = counted.get((question.id, code), 0)
    if change.new is None:
        require_unanswered(chosen)
        require_free(questions, f"{question.code}={code}", whole=True)
    elif change.new["capacity"] is not None and change.new["capacity"] < chosen:
        message = ngettext("%(n)s has chosen it already.", "%(n)s have chosen it already.", chosen)
        raise Invalid({"": [message]})


async def _settle(event_id: UUID) -> None:
    """Count anew who has chosen what has a limit, and see whether each condition asks about an earlier question."""
    require_order(await queries.of_event(event_id))
    counted = await queries.answer_counts(event_id)
    rows = await database.fetch(
        "SELECT question_option.id, question, question_option.code, capacity FROM question_option"
        " JOIN question ON question.id = question WHERE event = $1 ORDER BY question_option.id",
        event_id,
    )
    taken = [0 if row["capacity"] is None else counted.get((row["question"], row["code"]), 0) for row in rows]
    await database.execute(
        "UPDATE question_option SET taken = counted.taken FROM unnest($1::uuid[], $2::int[]) AS counted (id, taken)"
        " WHERE question_option.id = counted.id AND question_option.taken <> counted.taken",
        *([row["id"] for row in rows], taken),
    )


QUESTIONS = Part((Question, QuestionSite, QuestionOption), check=_require_kept, settle=_settle)
