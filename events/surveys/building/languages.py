"""In which languages of its event a question is not written yet."""

from collections.abc import Sequence

from events.surveys.asked import Question


def lacking(question: Question, languages: Sequence[str]) -> list[str]:
    """Return those of the languages in which something of a question is missing that another language says."""
    texts = [text for text in question.texts if any(text.values())]
    return [code for code in languages if any(not text.get(code) for text in texts)]
