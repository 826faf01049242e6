"""Whether a question can be asked, the codes of what is new, and whether a change keeps what answers mean; pure."""

from collections.abc import Collection, Sequence

import msgspec

from events.core import bounds
from events.core.errors import Invalid
from events.core.i18n import LANGUAGES
from events.core.i18n import gettext as _
from events.registration.questions.rules import new_code
from events.surveys import rules
from events.surveys.asked import WITH_OPTIONS, Choice, Question, Texts
from events.surveys.tables import QuestionKind
from events.surveys.templates import RESERVED

NOT_FOR_CODES = RESERVED | {"new", "order", "bank", "again"}
"""What no question of somebody's own is called: questions of the templates, and words in addresses."""

LOWEST, HIGHEST = 0, 10
"""Between these a scale lies."""

NPS = (0, 10)


def name_of(labels: Texts) -> str:
    """Return a text in the first language there is of English, Finnish, Swedish; "" for none."""
    return labels.get("en") or next((labels[code] for code in LANGUAGES if labels.get(code)), "")


def coded(question: Question, taken: Collection[str]) -> Question:
    """Return a question with a code of its own, not among `taken`, and with codes for its new options and rows.

    What does not belong to its kind is left out.
    """
    kind = question.kind
    low, high = NPS if kind is QuestionKind.NPS else (question.low, question.high)
    scaled = kind in {QuestionKind.SCALE, QuestionKind.NPS}
    return msgspec.structs.replace(
        question,
        code=question.code or new_code(name_of(question.labels), taken),
        required=question.required and kind is not QuestionKind.SECTION,
        low=low if scaled else 0,
        high=high if scaled else 0,
        least=question.least if kind is QuestionKind.NUMBER else None,
        most=question.most if kind is QuestionKind.NUMBER else None,
        ends=question.ends if scaled else (),
        options=_coded(question.options) if kind in WITH_OPTIONS else (),
        rows=_coded(question.rows) if kind is QuestionKind.MATRIX else (),
    )


def _coded(choices: Sequence[Choice]) -> list[Choice]:
    codes = {choice.code for choice in choices if choice.code}
    given = []
    for choice in choices:
        code = choice.code or new_code(name_of(choice.labels), codes)
        codes.add(code)
        given.append(Choice(code, choice.labels))
    return given


def require_sound(question: Question, earlier: Sequence[Question]) -> None:
    """Raise Invalid for a question that cannot be asked after `earlier` ones; by the fields of the form."""
    errors: dict[str, list[str]] = {}
    if not name_of(question.labels):
        section = question.kind is QuestionKind.SECTION
        any_of = _("Write it in at least one language.")
        errors["label_fi"] = [any_of if section else _("Write the question in at least one language.")]
    if question.kind is QuestionKind.SCALE and not LOWEST <= question.low < question.high <= HIGHEST:
        errors["high"] = [_("A scale goes from a smaller number to a larger one, between 0 and 10.")]
    if unsound := bounds.unsound(question.least, question.most):
        errors["most"] = [unsound]
    if question.kind in WITH_OPTIONS and len(question.options) < 2:  # noqa: PLR2004 - nothing to choose from
        errors["options"] = [_("Write at least two options.")]
    if question.kind is QuestionKind.MATRIX and not question.rows:
        errors["rows"] = [_("Write at least one row.")]
    errors |= _nameless(question)
    possible = {condition for each in earlier for condition in rules.conditions_of(each)}
    if not possible.issuperset(question.shown_if):
        errors["shown_if"] = [_("Choose from the list.")]
    if errors:
        raise Invalid(errors)


def _nameless(question: Question) -> dict[str, list[str]]:
    return {
        f"{name}-{number}-label_fi": [_("Write it in at least one language.")]
        for name, choices in (("options", question.options), ("rows", question.rows))
        for number, choice in enumerate(choices)
        if not name_of(choice.labels)
    }


def require_meaning_kept(before: Question, after: Question, answers: int) -> None:
    """Raise Conflict ("answered") when there are answers and a change takes from what they say.

    Whatever could have been chosen must stay; words may be mended, options and rows may come. The limits of a number
    keep slips out and may move: they say nothing of the answers that came.
    """
    scale = ("kind", "low", "high")
    kept = all(getattr(before, name) == getattr(after, name) for name in scale)
    kept &= {choice.code for choice in before.options} <= {choice.code for choice in after.options}
    kept &= {row.code for row in before.rows} <= {row.code for row in after.rows}
    if not kept:
        rules.require_unanswered(answers)
