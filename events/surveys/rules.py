"""When a survey is asked and kept, who meets which question, how long answering takes; pure."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from events.core.errors import Conflict
from events.core.i18n import gettext
from events.core.marks import marked
from events.registration.questions.rules import is_met
from events.surveys.asked import SCALES, WITH_OPTIONS, Question, Value, values_of
from events.surveys.tables import QuestionKind

SMALLEST_SHOWN = 5
"""Results of fewer answers stay hidden (design.md §5.12)."""

POOL_FULL = 20
"""Above so many answers in the pool, a part moves to rows of its own …"""

POOL_KEEPS = 10
"""… and so many stay at least, so that the next answer has others to hide among."""

LATE_ANSWERS = timedelta(minutes=10)
"""So long after its end a survey's last answers are moved: one still on its way must not come to stand alone."""

UNTOLD = SMALLEST_SHOWN - 1
"""So many answers of each group carry no label: whichever does can be any one of five who answered."""

LONGEST_TEXT = 4000
"""Signs in a free text."""

MOST_QUESTIONS = 40
MOST_OPTIONS = 40
MOST_ROWS = 12

SECONDS: Mapping[QuestionKind, int] = {
    QuestionKind.SCALE: 8,
    QuestionKind.NPS: 8,
    QuestionKind.ONE: 9,
    QuestionKind.MANY: 13,
    QuestionKind.MATRIX: 6,
    QuestionKind.NUMBER: 9,
    QuestionKind.TEXT: 25,
    QuestionKind.SECTION: 4,
}
"""What a question takes of who answers on a phone: reading it and one answer; estimates of ours."""

SECONDS_PER_ROW = 5
SHORT_ENOUGH = 2
"""Minutes; who is asked for more seldom answers to the end."""


HAS_ANSWERED = marked("survey.marks", "asked.place")
"""SQL: whether an answer has come of whom a row `asked` asks to answer a row `survey`."""

CLOSED = """(
    (closes_at <= $1 OR (closes_at IS NULL
        AND NOT EXISTS (SELECT FROM survey_invitation AS asked WHERE asked.survey = survey.id)))
    AND (link_hash IS NULL OR link_closes_at <= $1))
"""
"""SQL: whether neither an invitation nor the open link of a row `survey` takes answers any more at $1."""

TELLS_NOBODY = f"""(NOT survey.named AND survey.answered > survey.waits
    AND (survey.answered < {2 * SMALLEST_SHOWN} OR survey.waits BETWEEN 1 AND {SMALLEST_SHOWN - 1}))"""
"""SQL: whether letters go to everybody whom a row `survey` asks, as if nobody had answered: the answers that are not
shown yet are those of the last few, and who is reminded would tell who they are. Of ten so few wait only where a survey
had closed and was opened again."""


def is_shown(question: Question, answers: Mapping[str, Value]) -> bool:
    """Say whether a question is asked of who gave these answers to the questions shown before it."""
    return is_met(question.shown_if, {code: values_of(value) for code, value in answers.items()})


def minutes(questions: Iterable[Question]) -> int:
    """Estimate how many minutes it takes to answer, at least 1."""
    seconds = sum(SECONDS[each.kind] + SECONDS_PER_ROW * len(each.rows) for each in questions)
    return max(1, math.ceil(seconds / 60))


def answered_of(questions: Iterable[Question]) -> int:
    """Return how many questions there are to answer: a section is none."""
    return sum(question.kind is not QuestionKind.SECTION for question in questions)


def conditions_of(question: Question) -> list[str]:
    """Return the conditions that later questions can ask of a question's answers."""
    if question.kind is QuestionKind.MATRIX or question.kind not in WITH_OPTIONS | SCALES:
        return []
    return [f"{question.code}={code}" for code in question.codes]


def require_open(closes_at: datetime | None, now: datetime) -> None:
    """Raise Conflict once the survey has closed."""
    if closes_at is not None and closes_at <= now:
        raise Conflict(gettext("This survey has closed. Thank you for your interest."), code="closed")


def require_version(version: int, present: int) -> None:
    """Raise Conflict ("changed") when a survey was changed since its page was opened."""
    if version != present:
        raise Conflict(
            gettext(
                "Somebody else has changed this survey meanwhile. Nothing of yours is lost: look at it as it is now,"
                " then save again."
            ),
            code="changed",
        )


def require_unanswered(answers: int) -> None:
    """Raise Conflict ("answered") once there are answers, however many: to tell how many chose what would give away."""
    if answers:
        raise Conflict(
            gettext(
                "Answers have come: what would change their meaning cannot be changed any more. Mistakes in the wording"
                " can be mended, options and questions can be added."
            ),
            code="answered",
        )


def require_order(questions: Sequence[Question]) -> None:
    """Raise Conflict ("depended_on") when a question would stand before one that its condition asks about."""
    seen: set[str] = set()
    for question in questions:
        if any(condition not in seen for condition in question.shown_if):
            raise Conflict(
                gettext("“%(name)s” must stand after the question that shows it.", name=question.label[0]),
                code="depended_on",
            )
        seen.update(conditions_of(question))


def require_free(questions: Iterable[Question], conditions: Collection[str]) -> None:
    """Raise Conflict ("depended_on") when a question is shown by one of these answers."""
    for question in questions:
        if not set(conditions).isdisjoint(question.shown_if):
            raise Conflict(
                gettext("“%(name)s” is shown by an answer to this. Change that first.", name=question.label[0]),
                code="depended_on",
            )
