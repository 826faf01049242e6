"""Reading whom to invite from a pasted list: a name with an address, or an address, a line or one after the other."""

import re

from msgspec import Struct

from events.core.addresses import normal_address
from events.core.i18n import gettext as _
from events.core.tabular import Refused
from events.core.text import clean_line, fold

LONGEST_NAME = 200

_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")
_BEHIND_ADDRESS = re.compile(r"(?<=>)\s*,")


class Guest(Struct, frozen=True):
    """Whom to invite: an address in its normal form, maybe with a name and a language."""

    email: str
    name: str = ""
    language: str = ""

    @property
    def folded(self) -> str:
        """The form of the name by which people of one address are told apart."""
        return fold(self.name)[:220]


class Guests(Struct, frozen=True):
    """Whom a list names, each once; the lines that name nobody; how many named someone a second time."""

    found: list[Guest]
    refused: list[Refused]
    doubles: int = 0


def read_lines(text: str) -> Guests:
    """Read a pasted list, as mail programs write recipients or as people type them."""
    found: list[Guest] = []
    refused: list[Refused] = []
    for line, words in enumerate(text.splitlines(), 1):
        for part in _parts(clean_line(words)):
            guest = _guest(part)
            if guest is None:
                refused.append(Refused(line, _("“%(text)s” holds no address.", text=part[:80])))
            else:
                found.append(guest)
    return without_doubles(found, refused)


def without_doubles(found: list[Guest], refused: list[Refused]) -> Guests:
    """Keep each guest once; an address alone is the same as the one that came with a name."""
    once: dict[tuple[str, str], Guest] = {}
    for guest in sorted(found, key=lambda each: not each.name):
        named = any(guest.email == email for email, _name in once)
        if guest.name or not named:
            once.setdefault((guest.email, guest.folded), guest)
    kept = [guest for guest in dict.fromkeys(found) if once.get((guest.email, guest.folded)) is guest]
    return Guests(kept, refused, len(found) - len(kept))


def _parts(line: str) -> list[str]:
    """Split a line into recipients; a comma in a name is none between two."""
    pieces = [piece.strip() for half in line.split(";") for piece in _BEHIND_ADDRESS.split(half)]
    parts = []
    for piece in pieces:
        alone = [word.strip() for word in piece.split(",")]
        parts += alone if all(normal_address(word) for word in alone if word) else [piece]
    return [part for part in parts if part]


def _guest(part: str) -> Guest | None:
    named = _NAMED.fullmatch(part)
    address = normal_address(named["address"] if named else part)
    if address is None:
        return None
    return Guest(address, _name(named["name"]) if named else "")


def _name(text: str) -> str:
    """Return a name without its quotes, the given name first: “Esimerkki, Aino” is how address books sort."""
    name = text.strip().strip("\"'").strip()
    family, comma, given = name.partition(",")
    return clean_line(f"{given} {family}" if comma else name)[:LONGEST_NAME]
