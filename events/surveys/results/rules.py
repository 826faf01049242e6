"""Summing up what was answered; pure."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

import msgspec
from msgspec import Struct

from events.surveys.asked import SCALES, Question, Values, values_of
from events.surveys.rules import SMALLEST_SHOWN, is_shown
from events.surveys.tables import QuestionKind

PROMOTER = 9
DETRACTOR = 6
"""Bounds of the net promoter score (Reichheld 2003)."""


def whole(number: Decimal) -> int:
    """Round to a whole number, halves away from nought, as people do."""
    return int(number.quantize(Decimal(1), ROUND_HALF_UP))


def share(count: int, of: int) -> int:
    """Return how many per cent that is, as a whole number."""
    return whole(Decimal(100 * count) / of)


class Nps(Struct, frozen=True):
    """Net promoter score: per cent of 9–10 minus per cent of 0–6, of all who answered, and the three parts."""

    promoters: int
    passives: int
    detractors: int

    @property
    def score(self) -> int:
        """From −100 to 100, rounded to a whole number; ValueError when nobody answered."""
        total = self.promoters + self.passives + self.detractors
        if not total:
            raise ValueError("no answers, no score")
        return share(self.promoters - self.detractors, total)


def nps(values: Sequence[int]) -> Nps:
    """Sort answers from 0 to 10 into promoters (9–10), passives (7–8) and detractors (0–6)."""
    promoters = sum(value >= PROMOTER for value in values)
    detractors = sum(value <= DETRACTOR for value in values)
    return Nps(promoters, len(values) - promoters - detractors, detractors)


def mean_of(values: Sequence[float]) -> Decimal:
    """Return the mean with the one decimal that it has wherever it stands; more would tell of no difference."""
    return (Decimal(str(sum(values))) / len(values)).quantize(Decimal("0.1"), ROUND_HALF_UP)


class Row(Struct, frozen=True):
    """One row of a matrix: how many answered it, and how often each option; no counts below `SMALLEST_SHOWN`."""

    label: str
    n: int
    counts: tuple[int, ...] = ()


class Result(Struct, frozen=True):
    """What was answered to one question: how many answered, how often each choice; mean and NPS where they fit.

    `asked` is how many of those who answered the survey met the question. Below `SMALLEST_SHOWN` answers `hidden` is
    set and there is nothing else in it.
    """

    question: Question
    n: int
    hidden: bool = False
    counts: tuple[tuple[str, int], ...] = ()
    mean: Decimal | None = None
    nps: Nps | None = None
    texts: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    asked: int = 0


def result(question: Question, answers: Sequence[Values]) -> Result:
    """Sum up one question over all answers of a survey, in the present language."""
    asked = sum(is_shown(question, answer) for answer in answers)
    return msgspec.structs.replace(_summed(question, answers), asked=asked)


def _summed(question: Question, answers: Sequence[Values]) -> Result:
    given = [answer[question.code] for answer in answers if question.code in answer]
    if question.kind is QuestionKind.TEXT:
        hidden = len(answers) < SMALLEST_SHOWN
        return Result(question, len(given), hidden, texts=() if hidden else tuple(sorted(map(str, given))))
    if len(given) < SMALLEST_SHOWN:
        return Result(question, len(given), hidden=True)
    if question.kind is QuestionKind.MATRIX:
        cells = [value for value in given if isinstance(value, dict)]
        return Result(
            question, len(given), rows=tuple(_row(question, row.code, row.label[0], cells) for row in question.rows)
        )
    numbers = [value for value in given if isinstance(value, int | float)]
    mean = mean_of(numbers) if numbers else None
    if question.kind is QuestionKind.NUMBER:
        return Result(question, len(given), mean=mean)
    chosen = [code for value in given for code in values_of(value)]
    counts = tuple((choice.label[0], chosen.count(choice.code)) for choice in question.choices)
    score = nps([int(number) for number in numbers]) if question.kind is QuestionKind.NPS else None
    return Result(question, len(given), counts=counts, mean=mean if question.kind in SCALES else None, nps=score)


def _row(question: Question, code: str, label: str, answers: Sequence[dict[str, str]]) -> Row:
    given = [answer[code] for answer in answers if code in answer]
    shown = len(given) >= SMALLEST_SHOWN
    return Row(label, len(given), tuple(given.count(option) for option in question.codes) if shown else ())
