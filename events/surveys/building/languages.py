"""In which languages of its event a question is not written yet."""

from collections.abc import Iterator, Sequence

from events.surveys.asked import Question, Texts


def lacking(question: Question, languages: Sequence[str]) -> list[str]:
    """Return those of the languages in which something of a question is missing that another language says."""
    texts = [text for text in _texts(question) if any(text.values())]
    return [code for code in languages if any(not text.get(code) for text in texts)]


def _texts(question: Question) -> Iterator[Texts]:
    yield question.labels
    yield question.helps
    yield from question.ends
    for choice in (*question.options, *question.rows):
        yield choice.labels
