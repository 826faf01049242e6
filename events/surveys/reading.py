"""Whether an answer holds, and what is stored of it."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from events.core import bounds
from events.core.errors import Invalid
from events.core.i18n import gettext as _
from events.core.text import clean_text
from events.surveys.asked import SCALES, Question, Value
from events.surveys.rules import LONGEST_TEXT, is_shown
from events.surveys.tables import QuestionKind


class _Wrong(Exception):
    """An answer does not hold; says why."""


def checked(values: Mapping[str, object], questions: Sequence[Question]) -> dict[str, Value]:
    """Return an answer with nothing in it but questions that were asked, and values that they can have.

    `values` holds what came, by the question's code. What a hidden question was answered is left out. Raises Invalid
    with the errors of the questions' fields, or of "" when nothing was answered.
    """
    answer: dict[str, Value] = {}
    errors: dict[str, list[str]] = {}
    for question in questions:
        if question.kind is QuestionKind.SECTION or not is_shown(question, answer):
            continue
        try:
            value = _value(question, values.get(question.code))
        except _Wrong as error:
            errors[question.field] = [str(error)]
            continue
        if value is not None:
            answer[question.code] = value
        if question.required and (value is None or not _whole(question, value)):
            errors[question.field] = [_missing(question)]
    if not answer and not errors:
        errors[""] = [_("Please answer at least one question.")]
    if errors:
        raise Invalid(errors)
    return answer


def _whole(question: Question, value: Value) -> bool:
    return not isinstance(value, dict) or len(value) == len(question.rows)


def _missing(question: Question) -> str:
    if question.kind is QuestionKind.MATRIX:
        return _("Choose an answer on each row.")
    typed = question.kind in {QuestionKind.NUMBER, QuestionKind.TEXT}
    return _("Answer this question.") if typed else _("Choose an answer.")


def _one(question: Question, raw: object) -> Value:
    if str(raw) not in question.codes:
        raise _Wrong(_("Please choose one of the answers."))
    return int(str(raw)) if question.kind in SCALES else str(raw)


def _many(question: Question, raw: object) -> Value:
    wanted = raw if isinstance(raw, list) else [raw]
    if any(code not in question.codes for code in wanted):
        raise _Wrong(_("Choose from the list."))
    return [code for code in question.codes if code in wanted]


def _matrix(question: Question, raw: object) -> Value | None:
    given = raw if isinstance(raw, dict) else {}
    rows = {row.code: str(given[row.code]) for row in question.rows if given.get(row.code)}
    if any(code not in question.codes for code in rows.values()):
        raise _Wrong(_("Please choose one of the answers."))
    return rows or None


def _number(question: Question, raw: object) -> Value:
    try:
        number = Decimal(re.sub(r"\s", "", str(raw)).replace(",", ".").replace("−", "-"))
    except InvalidOperation:
        raise _Wrong(_("Write a number.")) from None
    if number.is_nan():
        raise _Wrong(_("Write a number."))
    least = -bounds.FARTHEST if question.least is None else question.least
    most = bounds.FARTHEST if question.most is None else question.most
    if refusal := bounds.refusal(number, least, most):
        raise _Wrong(refusal)
    return int(number) if number == number.to_integral_value() else float(number)


def _text(_question: Question, raw: object) -> Value | None:
    text = clean_text(str(raw))
    if len(text) > LONGEST_TEXT:
        raise _Wrong(_("At most %(n)s signs, please.", n=LONGEST_TEXT))
    return text or None


def _value(question: Question, raw: object) -> Value | None:
    """Return an answer as it is stored, None for none; raises _Wrong with what it is."""
    return None if raw is None or raw in ("", [], {}) else _READERS[question.kind](question, raw)


_READERS: Mapping[QuestionKind, Callable[[Question, object], Value | None]] = {
    QuestionKind.SCALE: _one,
    QuestionKind.NPS: _one,
    QuestionKind.ONE: _one,
    QuestionKind.MANY: _many,
    QuestionKind.MATRIX: _matrix,
    QuestionKind.NUMBER: _number,
    QuestionKind.TEXT: _text,
}
