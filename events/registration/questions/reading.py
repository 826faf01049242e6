"""Whether answers hold, and the values that are stored of them: the same for forms and programs."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

from events.core import bounds
from events.core.errors import Invalid
from events.core.i18n import gettext as _
from events.core.i18n import language
from events.core.text import clean_line, clean_text
from events.registration.questions.asked import CHOICES, NO, YES, Asked, Value
from events.registration.questions.rules import is_shown
from events.registration.questions.tables import QuestionKind

LONGEST = {QuestionKind.SHORT: 300, QuestionKind.LONG: 4000}
BIGGEST = Decimal(10) ** 12


_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+")
"""What an English reader takes for thousands, and a Finnish one for a fraction."""


class _Wrong(Exception):
    """An answer does not hold; says why."""


def read(
    questions: Iterable[Asked],
    raw: Mapping[str, object],
    *,
    site: UUID | None,
    agreed: Collection[str] = (),
    later: bool = False,
    standing: Mapping[str, Value | None] | None = None,
    before: Mapping[str, Value] | None = None,
) -> dict[str, Value]:
    """Return the answers that are to be stored, by code; `raw` holds what came, by code.

    What a hidden question was answered is left out. What is said of health needs its consent (`agreed` holds the
    codes). Who has no place yet (`later`) may leave questions with limited options open. Of `standing` the answers
    stand as they are, or are missing, whatever came. A number answered `before` may stay though limits were set since.
    Raises Invalid with the errors of "answers.<code>", and of "agreed.<code>" where the consent is missing.
    """
    answers: dict[str, Value] = {}
    errors: dict[str, list[str]] = {}
    for question in questions:
        if not is_shown(question, answers, site):
            continue
        if standing is not None and question.code in standing:
            if (stands := standing[question.code]) is not None:
                answers[question.code] = stands
            continue
        try:
            value = _value(question, raw.get(question.code))
            _require_within(question, value, (before or {}).get(question.code))
        except _Wrong as error:
            errors[question.field] = [str(error)]
            continue
        if value is not None:
            answers[question.code] = value
            if question.health and question.code not in agreed:
                errors[question.agreed_field] = [_not_agreed(question)]
        elif question.required and not (later and question.limited):
            errors[question.field] = [_missing(question)]
    if errors:
        raise Invalid(errors)
    return answers


def _require_within(question: Asked, value: Value | None, before: Value | None) -> None:
    if isinstance(value, int | float) and value != before:
        refusal = bounds.refusal(value, question.least, question.most)
        if refusal:
            raise _Wrong(refusal)


def _not_agreed(question: Asked) -> str:
    return _("Tick this, or leave the question “%(question)s” unanswered.", question=question.label[0])


def _missing(question: Asked) -> str:
    if question.kind is QuestionKind.CONSENT:
        return _("This must be agreed to.")
    return _("Choose an answer.") if question.kind in {*CHOICES, QuestionKind.YES_NO} else _("Answer this question.")


def _choice(question: Asked, raw: object) -> Value | None:
    wanted = raw if isinstance(raw, list) else [raw]
    codes = [option.code for option in question.options if option.code in wanted]
    if any(code not in codes for code in wanted):
        raise _Wrong(_("Choose from the list."))
    if question.kind is QuestionKind.MANY:
        return codes
    if len(wanted) > 1:
        raise _Wrong(_("Choose one answer only."))
    return codes[0]


def _consent(question: Asked, raw: object) -> Value | None:
    text, code = question.label
    return {"text": text, "language": code} if _yes_or_no(raw) == YES else None


def _yes_or_no(raw: object) -> str:
    if raw in (True, YES):
        return YES
    if raw in (False, NO):
        return NO
    raise _Wrong(_("Answer yes or no."))


def _number(raw: object) -> int | float:
    wrong = _("Write a number.")
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise _Wrong(wrong)
    if language() == "en" and _GROUPED.fullmatch(str(raw).strip()):
        raise _Wrong(_("Write the number without commas between the thousands: 12500."))
    try:
        number = Decimal(re.sub(r"[\s ]", "", str(raw)).replace(",", ".").replace("−", "-"))
    except InvalidOperation:
        raise _Wrong(wrong) from None
    if not number.is_finite() or abs(number) > BIGGEST:
        raise _Wrong(wrong)
    return int(number) if number == number.to_integral_value() else float(number)


def _date(raw: object) -> str:
    text = clean_line(str(raw))
    finnish = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text, re.ASCII)
    try:
        day = date(int(finnish[3]), int(finnish[2]), int(finnish[1])) if finnish else date.fromisoformat(text)
    except ValueError:
        raise _Wrong(_("There is no such date. Write it like 22.9.2026.")) from None
    return day.isoformat()


def _text(question: Asked, raw: object) -> str | None:
    if not isinstance(raw, str):
        raise _Wrong(_("Write a text."))
    if "\x00" in raw:
        raise _Wrong(_("There is a sign in it that is no text."))
    text = clean_line(raw) if question.kind is QuestionKind.SHORT else clean_text(raw)
    if len(text) > LONGEST[question.kind]:
        raise _Wrong(_("At most %(n)s signs, please.", n=LONGEST[question.kind]))
    return text or None


def _value(question: Asked, raw: object) -> Value | None:
    """Return an answer as it is stored, None for none; raises _Wrong with what it is."""
    return None if raw is None or raw in ("", []) else _READERS[question.kind](question, raw)


_READERS: Mapping[QuestionKind, Callable[[Asked, object], Value | None]] = {
    QuestionKind.SHORT: _text,
    QuestionKind.LONG: _text,
    QuestionKind.ONE: _choice,
    QuestionKind.MANY: _choice,
    QuestionKind.YES_NO: lambda _question, raw: _yes_or_no(raw),
    QuestionKind.NUMBER: lambda _question, raw: _number(raw),
    QuestionKind.DATE: lambda _question, raw: _date(raw),
    QuestionKind.CONSENT: _consent,
}
