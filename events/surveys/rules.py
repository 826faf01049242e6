"""The default survey, what an answer may hold, and when one is asked; pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from babel.support import LazyProxy
from msgspec import Struct

from events.core.errors import Conflict, Invalid
from events.core.i18n import gettext
from events.core.i18n import lazy_gettext as _
from events.core.text import clean_text

SMALLEST_SHOWN = 5
"""Results of fewer answers stay hidden (design.md §5.12)."""

INVITE_FOR = timedelta(days=14)
"""So long after an event those are still asked whose attendance is only then marked."""

OPEN_FOR = timedelta(days=28)
"""A survey closes so long after its first invitations."""

POOL_FULL = 20
"""Above so many answers in the pool, a part moves to rows of its own …"""

POOL_KEEPS = 10
"""… and so many stay at least, so that the next answer has others to hide among."""

LATE_ANSWERS = timedelta(minutes=10)
"""So long after its end a survey's last answers are moved: one still on its way must not come to stand alone."""

LONGEST_TEXT = 4000
"""Signs in a free text."""

PROMOTER = 9
DETRACTOR = 6
"""Bounds of the net promoter score (Reichheld 2003)."""

Values = Mapping[str, int | str]
"""An answer: name of the question → number, code of the choice, or text; what was left out is not in it."""


Words = str | LazyProxy
"""Words that may be translated when they are shown."""


class QuestionKind(StrEnum):
    """How a question is answered."""

    SCALE = "scale"
    NPS = "nps"
    ONE = "one"
    TEXT = "text"


class Question(Struct, frozen=True):
    """A question; `low`–`high` of a scale with the words at its ends, or the choices of a question for one of them."""

    name: str
    kind: QuestionKind
    label: Words
    low: int = 0
    high: int = 0
    ends: tuple[Words, Words] = ("", "")
    choices: tuple[tuple[str, Words], ...] = ()

    @property
    def codes(self) -> list[str]:
        """What a form may send for it, in order."""
        return [code for code, _label in self.choices] or [str(n) for n in range(self.low, self.high + 1)]


DEFAULT_SURVEY: Sequence[Question] = (
    Question(
        "usefulness",
        QuestionKind.SCALE,
        _("How useful was the event for your work?"),
        low=1,
        high=5,
        ends=(_("not useful"), _("very useful")),
    ),
    Question(
        "recommend",
        QuestionKind.NPS,
        _("How likely would you recommend such an event to a colleague?"),
        low=0,
        high=10,
        ends=(_("not at all likely"), _("very likely")),
    ),
    Question(
        "contacts",
        QuestionKind.ONE,
        _("How many new contacts from other regions did you make?"),
        choices=(("0", _("None")), ("1-2", _("1–2")), ("3+", _("3 or more"))),
    ),
    Question(
        "next",
        QuestionKind.ONE,
        _("What happens next with them?"),
        choices=(
            ("nothing", _("Nothing for now")),
            ("stay_in_touch", _("We stay in touch")),
            ("joint_project", _("We plan a joint project")),
            ("funding_application", _("We plan to apply for funding together")),
            ("other", _("Something else")),
        ),
    ),
    Question("comments", QuestionKind.TEXT, _("What should we keep, and what should we do otherwise?")),
)


def checked(values: Mapping[str, object], questions: Sequence[Question] = DEFAULT_SURVEY) -> dict[str, int | str]:
    """Return an answer with nothing in it but known questions and possible values; Invalid otherwise or when empty."""
    answer: dict[str, int | str] = {}
    for question in questions:
        value = values.get(question.name)
        if value in (None, ""):
            continue
        answer[question.name] = _checked_value(question, str(value))
    if not answer:
        raise Invalid({"": [gettext("Please answer at least one question.")]})
    return answer


def _checked_value(question: Question, value: str) -> int | str:
    if question.kind is QuestionKind.TEXT:
        return clean_text(value)[:LONGEST_TEXT]
    if value not in question.codes:
        raise Invalid({question.name: [gettext("Please choose one of the answers.")]})
    return value if question.kind is QuestionKind.ONE else int(value)


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
        return round(100 * (self.promoters - self.detractors) / total)


def nps(values: Sequence[int]) -> Nps:
    """Sort answers from 0 to 10 into promoters (9–10), passives (7–8) and detractors (0–6)."""
    promoters = sum(value >= PROMOTER for value in values)
    detractors = sum(value <= DETRACTOR for value in values)
    return Nps(promoters, len(values) - promoters - detractors, detractors)


class Result(Struct, frozen=True):
    """What was answered to one question: how many answered, how often each choice; mean and NPS where they fit.

    Below `SMALLEST_SHOWN` answers `hidden` is set and there is nothing else in it.
    """

    question: Question
    n: int
    hidden: bool = False
    counts: tuple[tuple[Words, int], ...] = ()
    mean: float | None = None
    nps: Nps | None = None
    texts: tuple[str, ...] = ()


def result(question: Question, answers: Sequence[Values]) -> Result:
    """Sum up one question over all answers of a survey."""
    given = [answer[question.name] for answer in answers if question.name in answer]
    if question.kind is QuestionKind.TEXT:
        hidden = len(answers) < SMALLEST_SHOWN
        return Result(question, len(given), hidden, texts=() if hidden else tuple(sorted(map(str, given))))
    if len(given) < SMALLEST_SHOWN:
        return Result(question, len(given), hidden=True)
    labels = question.choices or tuple((code, code) for code in question.codes)
    counts = tuple((label, sum(str(value) == code for value in given)) for code, label in labels)
    if question.kind is QuestionKind.ONE:
        return Result(question, len(given), counts=counts)
    numbers = [int(value) for value in given]
    score = nps(numbers) if question.kind is QuestionKind.NPS else None
    return Result(question, len(given), counts=counts, mean=sum(numbers) / len(numbers), nps=score)


def require_open(closes_at: datetime | None, now: datetime) -> None:
    """Raise Conflict once the survey has closed."""
    if closes_at is not None and closes_at <= now:
        raise Conflict(gettext("This survey has closed. Thank you for your interest."), code="closed")
