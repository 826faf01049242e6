"""Names as people bring them into online meetings: with marks, organisations and nicknames beside them."""

import re
from functools import lru_cache

from msgspec import Struct

from events.core.text import clean_line, fold

_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_BESIDE = re.compile(r"\s+[-–—/@]\s+|\s*[|•]\s*")
_GUESTS = frozenset(
    {
        *("guest", "vieras", "gast", "unverified", "vahvistamaton", "overifierad", "ej verifierad"),
        *("external", "ulkoinen", "extern", "you", "sina", "du", "me", "host", "isanta", "vard", "co host"),
    }
)
"""What meetings add to a name in brackets; folded, in English, Finnish and Swedish."""

_ROOM = re.compile(r"neuvottelu|kokoustila|neukkari|konferens|motesrum|(huone|\broom|\bsali)\b")


class MeetingName(Struct, frozen=True):
    """A name in a report: as it is shown, and the `keys` under which its person may be registered, likeliest first.

    `whole` is all that stood there: of `iPhone (Matti)` what is in brackets is the one clue to whoever looks.
    """

    whole: str
    shown: str
    keys: tuple[str, ...]
    room: bool


def name_key(name: str) -> str:
    """Return the form by which names are compared: folded, with given and family names in any order."""
    return " ".join(sorted(fold(name).split()))


def read_name(text: str) -> MeetingName:
    """Read `Aino Esimerkki (Guest)`, `Esimerkki, Aino`, `Aino (Aino Esimerkki)`, `Aino Esimerkki | Konepaja`."""
    whole = clean_line(text)
    beside = [clean_line(part) for part in _BRACKETS.findall(whole)]
    bare = clean_line(_BRACKETS.sub(" ", whole)) or whole
    first = clean_line(_BESIDE.split(bare)[0]) or bare
    shown = _in_order(first)
    originals = [part for part in beside if fold(part) not in _GUESTS and len(fold(part).split()) > 1]
    if len(fold(shown).split()) < 2 and originals:  # noqa: PLR2004 - a nickname before the name someone has
        shown = _in_order(originals[0])
    before_comma = first.partition(",")[0]
    possible = [shown, first, *([before_comma] if len(fold(before_comma).split()) > 1 else []), bare, *originals]
    keys = dict.fromkeys(key for name in possible if (key := name_key(name)))
    words = fold(whole)
    return MeetingName(whole[:200], shown[:200], tuple(keys), bool(_ROOM.search(words)))


def identity(email: str, name: MeetingName) -> str:
    """Return by what someone is known again in another report of the meeting."""
    return f"{email}|{name.keys[0] if name.keys else fold(name.shown)}"[:400]


def likeness(keys: tuple[str, ...], key: str) -> float:
    """Return from 0 to 1 how much a name is like a registered one: by shared words, or letters mistyped."""
    return max((_likeness(each.split(), key.split()) for each in keys), default=0.0)


def _likeness(one: list[str], other: list[str]) -> float:
    if not one or not other:
        return 0.0
    shared = 0
    for word in one:
        for there in other:
            if _alike(word, there):
                shared += 1
                break
    fewer, more = sorted((len(one), len(other)))
    return min(1.0, shared / fewer) * (0.5 + 0.5 * fewer / more)


@lru_cache(maxsize=50_000)  # the same few hundred words are compared again and again
def _alike(word: str, other: str) -> bool:
    if word == other:
        return True
    if min(len(word), len(other)) < 3:  # noqa: PLR2004 - an initial stands for a name
        return word[0] == other[0] and min(len(word), len(other)) == 1
    return word.startswith(other) or other.startswith(word) or _one_off(word, other)


def _one_off(word: str, other: str) -> bool:
    """Say whether two words differ by one letter that was changed, left out or added."""
    short, long = sorted((word, other), key=len)
    if len(long) - len(short) > 1 or len(short) < 4:  # noqa: PLR2004 - short words are too often alike
        return False
    same = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return short[same + (len(short) == len(long)) :] == long[same + 1 :]


def _in_order(name: str) -> str:
    """Put `Family, Given` the other way round; what stands after a comma behind a whole name is an organisation."""
    before, comma, after = (clean_line(part) for part in name.partition(","))
    if not comma or not after:
        return before or name
    if len(before.split()) == 1 and len(after.split()) < 3:  # noqa: PLR2004 - one or two given names
        return f"{after} {before}"
    return before
