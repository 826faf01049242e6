"""Words that staff give to free texts; pure."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

LONGEST_TAG = 40

Tags = Mapping[tuple[str, bytes], tuple[str, ...]]
"""By question and text (`key_of`): its tags by name."""


class Text(Struct, frozen=True):
    """A text that was written so many times, with its tags; `key` tells it in addresses and forms."""

    text: str
    times: int
    key: str
    tags: tuple[str, ...]


def key_of(text: str) -> bytes:
    """Return by what a text is known where its tags stand: its SHA-256."""
    return hashlib.sha256(text.encode()).digest()


def tagged(question: str, texts: Sequence[str], tags: Tags) -> list[Text]:
    """Return the texts of a question, each once, in their order."""
    return [
        Text(text, times, key_of(text).hex(), tags.get((question, key_of(text)), ()))
        for text, times in Counter(texts).items()
    ]


def counted(texts: Iterable[Text]) -> list[tuple[str, int]]:
    """Return how many texts have each tag, the most frequent first."""
    numbers: Counter[str] = Counter()
    for each in texts:
        numbers.update(dict.fromkeys(each.tags, each.times))
    return sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0].casefold()))


def as_known(tag: str, known: Iterable[str]) -> str:
    """Return a tag as it is written in the survey already, else as it was typed."""
    return next((each for each in known if each.casefold() == tag.casefold()), tag)
