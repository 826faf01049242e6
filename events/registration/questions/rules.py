"""Which questions are asked, what is missing, how long what was answered is kept: pure functions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.lists import format_list
from markupsafe import Markup, escape

from events.core.i18n import babel_locale
from events.core.i18n import gettext as _
from events.core.text import slugify
from events.registration.questions.asked import CHOICES, Asked, Value, values_of

LONGEST_CODE = 40

HEALTH_KEPT = timedelta(days=7)
"""How long after the end of an event what people said of their health is kept."""


def is_shown(question: Asked, answers: Mapping[str, Value], site: UUID | None) -> bool:
    """Say whether a question is asked of someone at `site` with these answers to the questions shown before it."""
    if question.shown_at and site not in question.shown_at:
        return False
    return is_met(question.shown_if, {code: values_of(answer) for code, answer in answers.items()})


def is_met(shown_if: Collection[str], given: Mapping[str, Iterable[str]]) -> bool:
    """Say whether one of the conditions ("code=value") is among the values given by code; none asks everybody."""
    return not shown_if or any(f"{code}={value}" in shown_if for code, values in given.items() for value in values)


def only_if(chosen: Iterable[tuple[str, str]], places: Sequence[str] = ()) -> str:
    """Say who is asked by (question, answer) pairs and places that one of them is enough of; "" for everybody.

    A question stands once, with all its answers: “A” or “B” in the question “Q”. Texts may be Markup, and so is what
    is said.
    """
    answers: dict[str, list[str]] = {}
    for question, answer in chosen:
        answers.setdefault(question, []).append(escape(_("“%(text)s”")) % {"text": answer})
    parts = [
        escape(_("%(answers)s in the question “%(question)s”"))
        % {
            "answers": Markup(format_list(each, style="or", locale=babel_locale())),  # noqa: S704 - each is escaped
            "question": question,
        }
        for question, each in answers.items()
    ]
    if not parts and not places:
        return ""
    return escape(_("Only if you chose: %(what)s")) % {"what": Markup(", ").join([*parts, *places])}


def lacking(questions: Iterable[Asked], answers: Mapping[str, Value], site: UUID | None) -> list[Asked]:
    """Return the required questions that someone has not answered and would be asked."""
    shown: dict[str, Value] = {}
    missing = []
    for question in questions:
        if is_shown(question, shown, site):
            if question.code in answers:
                shown[question.code] = answers[question.code]
            elif question.required:
                missing.append(question)
    return missing


def for_another(questions: Iterable[Asked]) -> list[Asked]:
    """Return what can be answered for someone else: not what is personal, nor what an answer to such shows."""
    answerable: list[Asked] = []
    left: set[str] = set()
    for question in questions:
        if question.personal or any(condition.partition("=")[0] in left for condition in question.shown_if):
            left.add(question.code)
        else:
            answerable.append(question)
    return answerable


def personal(questions: Sequence[Asked], answers: Mapping[str, Value]) -> dict[str, Value | None]:
    """Return what stands, or None, in answer to each question that nobody answers for another."""
    theirs = {question.code for question in questions} - {question.code for question in for_another(questions)}
    return {code: answers.get(code) for code in theirs}


def chosen(questions: Iterable[Asked], answers: Mapping[str, Value]) -> frozenset[UUID]:
    """Return the ids of the options that answers name."""
    return frozenset(
        option.id
        for question in questions
        if question.kind in CHOICES
        for option in question.options
        if option.code in values_of(answers.get(question.code))
    )


def limited(questions: Iterable[Asked]) -> frozenset[UUID]:
    """Return the ids of the options that have places of their own."""
    return frozenset(option.id for question in questions for option in question.options if option.capacity is not None)


def still_asked(questions: Iterable[Asked], answers: Mapping[str, Value], site: UUID | None) -> dict[str, Value]:
    """Return the answers to questions that are asked of someone at `site` with these answers."""
    kept: dict[str, Value] = {}
    for question in questions:
        if question.code in answers and is_shown(question, kept, site):
            kept[question.code] = answers[question.code]
    return kept


def without(questions: Iterable[Asked], answers: Mapping[str, Value], gone: Collection[UUID]) -> dict[str, Value]:
    """Return answers that do not name the options of `gone` any more."""
    kept = dict(answers)
    for question in questions:
        codes = {option.code for option in question.options if option.id in gone}
        if question.kind in CHOICES and not codes.isdisjoint(values_of(kept.get(question.code))):
            left = [code for code in values_of(kept.pop(question.code)) if code not in codes]
            if left:
                kept[question.code] = left
    return kept


def kept_until(ends_at: datetime, zone: str) -> datetime:
    """Return when what people said of their health is deleted: seven days after the end by the event's own clock."""
    return ends_at.astimezone(ZoneInfo(zone)) + HEALTH_KEPT


def new_code(text: str, taken: Collection[str]) -> str:
    """Return a code made of a text, different from those `taken`."""
    base = slugify(text)[: LONGEST_CODE - 4].strip("-") or "question"
    number = 1
    while (code := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return code
