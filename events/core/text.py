"""Text as it comes from people: one normal form, nothing invisible, a folded form for comparing and sorting."""

import re
import unicodedata
from collections.abc import Iterable
from uuid import UUID

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff"
    "\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)
"""Direction marks, zero-width signs, fillers that look like nothing, tags and what is no character at all; variation
selectors of emoji stay."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SPACE = re.compile(r"\s+")


def clean_line(value: str) -> str:
    """Return one line in NFC without control signs, direction marks, zero-width signs and surplus spaces."""
    return _SPACE.sub(" ", _without_invisible(value)).strip()


def clean_text(value: str) -> str:
    """Return text in NFC with its line breaks, without what cannot be seen."""
    return _without_invisible(value.replace("\r\n", "\n").replace("\r", "\n")).strip()


_PARTICLES = frozenset({"af", "al", "da", "de", "den", "der", "di", "du", "la", "le", "van", "von", "zu"})
"""What belongs to the family name though it stands before its last word."""


def split_name(name: str) -> tuple[str, str]:
    """Return given and family name of a name in one piece, split before its last word; one word is a given name."""
    given, _space, family = name.rpartition(" ")
    return (given, family) if given else (family, "")


def called(name: str) -> str:
    """Return by what to greet somebody of whom only the whole name is known: the given name, if it reads as one's name.

    Anything else – a firm, an office, words in small letters – is greeted whole.
    """
    words = name.split()
    names = [word for word in words if word not in _PARTICLES]
    if len(names) < 2 or not all(word[0].isupper() and word[-1].isalpha() for word in names):  # noqa: PLR2004
        return name
    given = words[:-1]
    while given[-1] in _PARTICLES:
        given.pop()
    return " ".join(given)


def fold(value: str) -> str:
    """Return the form by which names are compared: no case, no accents, no punctuation; å ä ö become a a o."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", clean_line(value)).casefold())
    letters = "".join(sign if sign.isalnum() else " " for sign in decomposed if not unicodedata.combining(sign))
    return _SPACE.sub(" ", letters).strip()


def slugify(value: str) -> str:
    """Return text as a part of a URL: a–z, digits and single hyphens; å ä ö become a a o."""
    ascii_only = fold(value.lower().replace("ø", "o").replace("æ", "ae")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")


def sort_key(value: str) -> tuple[int, ...]:
    """Order names as Finnish and Swedish do: å ä ö after z, other accents as their base letter."""
    order = []
    for sign in unicodedata.normalize("NFC", value).casefold():
        if sign in "åäö":
            order.append(0x10000 + "åäö".index(sign))
        else:
            order.append(ord(unicodedata.normalize("NFKD", sign)[0]))
    return tuple(order)


_ACCENTED = "".join(map(chr, range(0xC0, 0x17F)))
_BASES = "".join(
    {"å": "{", "ä": "|", "ö": "}"}.get(sign.lower()) or unicodedata.normalize("NFKD", sign).casefold()[0]
    for sign in _ACCENTED
)


def sort_sql(column: str) -> str:
    """Return SQL that orders a text column as `sort_key` does, the same on servers with and without ICU.

    Signs outside Latin come after all others, by their code.
    """
    other = f"translate({column}, '{_ACCENTED}', '{_BASES}')"  # slow, and most names have no need of it
    plain = f"octet_length({column}) = length({column})"
    return f'lower(CASE WHEN {plain} THEN {column} ELSE {other} END) COLLATE "C"'


_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def as_uuid(text: str) -> UUID | None:
    """Return the id that an address or a form names; None when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def harmless_cell(text: str) -> str:
    """Return a cell's text for a CSV file so that no spreadsheet runs it as a formula."""
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text


def harmless_row(cells: Iterable[object]) -> list[object]:
    """Return the cells of a row for a CSV file: its texts harmless, true and false the same in every language."""
    return [
        harmless_cell(cell) if isinstance(cell, str) else str(cell).lower() if isinstance(cell, bool) else cell
        for cell in cells
    ]


def _without_invisible(value: str) -> str:
    # what is taken out may have stood between a letter and its accent, so the form is made at the end
    return unicodedata.normalize("NFC", _CONTROL.sub("", _INVISIBLE.sub("", value)))
