"""What keeps questions from being changed: answers that were given, conditions that ask about them."""

from collections.abc import Sequence

from events.core.errors import Conflict
from events.core.i18n import gettext as _
from events.core.i18n import ngettext
from events.registration.questions.asked import Asked


def require_unanswered(answers: int) -> None:
    """Raise Conflict where somebody has answered."""
    if answers:
        words = ngettext(
            "%(n)s has answered so already: this cannot be changed any more.",
            "%(n)s have answered so already: this cannot be changed any more.",
            answers,
        )
        raise Conflict(words, code="answered")


def require_free(questions: Sequence[Asked], condition: str, *, whole: bool = False) -> None:
    """Raise Conflict when a question is shown by an answer that begins so, or (`whole`) is so."""
    for question in questions:
        if any(each == condition if whole else each.startswith(condition) for each in question.shown_if):
            raise Conflict(
                _("“%(name)s” is shown by an answer to this. Change that first.", name=question.label[0]),
                code="depended_on",
            )


def require_order(questions: Sequence[Asked]) -> None:
    """Raise Conflict when a question would stand before one that its condition asks about, or that is not there."""
    seen: set[str] = set()
    for question in questions:
        if any(condition.partition("=")[0] not in seen for condition in question.shown_if):
            raise Conflict(
                _("“%(name)s” must stand after the question that shows it.", name=question.label[0]),
                code="depended_on",
            )
        seen.add(question.code)
