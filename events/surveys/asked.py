"""A question as a survey asks it, and the values that answers have."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from events.core.i18n import LANGUAGES, format_number, pick
from events.surveys.tables import QuestionKind

Value = str | int | float | list[str] | dict[str, str]
"""What is stored: a number, the code of an option, a text; codes; of a matrix the option's code of each row."""

Values = Mapping[str, Value]
"""An answer: code of the question → value; what was left out is not in it."""

CELL = ""
"""Under this an anonymous answer has the place of its label in `Survey.cells`; no question has an empty code."""

Texts = Mapping[str, str]
"""A text by language."""

SCALES = frozenset({QuestionKind.SCALE, QuestionKind.NPS})
WITH_OPTIONS = frozenset({QuestionKind.ONE, QuestionKind.MANY, QuestionKind.MATRIX})


class Choice(Struct, frozen=True):
    """An option, or a row of a matrix; `code` is empty for one that is not stored yet."""

    code: str
    labels: Texts

    @property
    def label(self) -> tuple[str, str]:
        """Its text and the language of that, as near to the present one as there is."""
        return pick(self.labels)


class Question(Struct, frozen=True, kw_only=True):
    """A question, or the text of a section; fields as in the table, `code` empty for one that is not stored yet."""

    code: str = ""
    kind: QuestionKind
    labels: Texts
    helps: Texts = {}
    required: bool = False
    low: int = 0
    high: int = 0
    least: int | None = None
    most: int | None = None
    ends: Sequence[Texts] = ()
    options: Sequence[Choice] = ()
    rows: Sequence[Choice] = ()
    shown_if: Sequence[str] = ()
    bank: str = ""
    bank_version: int = 0

    @property
    def field(self) -> str:
        """The name of its field in forms and of its errors."""
        return f"answers.{self.code}"

    @property
    def label(self) -> tuple[str, str]:
        """Its text and the language of that."""
        return pick(self.labels)

    @property
    def help(self) -> tuple[str, str]:
        """What helps to answer, and its language."""
        return pick(self.helps)

    @property
    def texts(self) -> Iterator[Texts]:
        """All that is written of it, in each language; what nobody wrote, too."""
        yield self.labels
        yield self.helps
        yield from self.ends
        for choice in (*self.options, *self.rows):
            yield choice.labels

    @property
    def choices(self) -> Sequence[Choice]:
        """What can be chosen, in order: the options, or the steps of a scale with the words at its ends."""
        if self.kind not in SCALES:
            return self.options
        return [Choice(str(step), self._words(step)) for step in range(self.low, self.high + 1)]

    @property
    def worded(self) -> bool:
        """Whether words stand at an end of its scale."""
        return any(text for end in self.ends for text in end.values())

    @property
    def codes(self) -> list[str]:
        """What a form may send for it, in order."""
        return [choice.code for choice in self.choices]

    def _words(self, step: int) -> Texts:
        ends = dict(zip((self.low, self.high), self.ends, strict=False)).get(step, {})
        return {code: f"{step} – {text}" for code, text in ends.items() if text} or dict.fromkeys(LANGUAGES, str(step))


def in_words(question: Question, value: Value) -> str:
    """Return an answer as people read it, in the present language."""
    labels = {choice.code: choice.label[0] for choice in question.choices}
    if isinstance(value, dict):
        rows = {row.code: row.label[0] for row in question.rows}
        return "; ".join(f"{rows.get(row, row)}: {labels.get(code, code)}" for row, code in value.items())
    if question.kind is QuestionKind.NUMBER and isinstance(value, int | float):
        return format_number(Decimal(str(value)))
    return ", ".join(labels.get(each, each) for each in values_of(value))


def values_of(value: Value | None) -> list[str]:
    """Return what conditions can ask of an answer: the chosen codes."""
    if isinstance(value, list):
        return value
    return [] if value is None or isinstance(value, dict) else [str(value)]
