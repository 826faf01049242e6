"""What a message says: made from the present state of its subject when it is sent or looked at, never stored."""

import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from msgspec import Struct, field

from events.core import i18n
from events.core.i18n import LANGUAGES

LETTER_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none';"
    " frame-ancestors 'self'; sandbox"
)
"""A letter holds what participants wrote: it runs nothing, loads nothing and is framed by our own page alone."""

_CID = re.compile(r'(?<=src=")cid:([\w.-]+)(?=")')


class Owed(Struct, frozen=True):
    """A row of the ledger, as the function that writes its letter needs it."""

    id: UUID
    recipient: str
    recipient_name: str
    reason: str
    subject_kind: str
    subject_id: UUID
    occurrence: str
    language: str
    message_id: str


class OwnWords(Struct, frozen=True):
    """What staff have written of a letter, by language; empty texts are left out."""

    subjects: Mapping[str, str]
    bodies: Mapping[str, str]

    def spoken(self, wanted: str) -> str:
        """Return the language in which who wants `wanted` gets the whole letter: that one, else the first there is."""
        return wanted if wanted in self.subjects and wanted in self.bodies else next(iter(self.subjects), wanted)

    def text(self, wanted: str) -> tuple[str, str, str]:
        """Return subject, body and their language."""
        code = self.spoken(wanted)
        return self.subjects.get(code, ""), self.bodies.get(code, ""), code

    def instead(self, people: Mapping[str, int]) -> list[tuple[str, str, int]]:
        """Return of people by language those who get another, as (theirs, the one they get, how many)."""
        return [(code, self.spoken(code), n) for code, n in people.items() if n and self.spoken(code) != code]

    @property
    def columns(self) -> dict[str, str]:
        """What is written, by column (subject_fi, body_fi and so on)."""
        subjects = {f"subject_{code}": text for code, text in self.subjects.items()}
        return subjects | {f"body_{code}": text for code, text in self.bodies.items()}


def own_words(columns: Mapping[str, str]) -> OwnWords:
    """Return what is written of its columns, empty ones and others among them."""
    subjects, bodies = (
        {code: columns[f"{part}_{code}"] for code in LANGUAGES if columns[f"{part}_{code}"]}
        for part in ("subject", "body")
    )
    return OwnWords(subjects, bodies)


class Picture(Struct, frozen=True):
    """An image inside the HTML part, referred to as `cid:<name>`."""

    name: str
    content: bytes
    type: str = "image/png"
    alt: str = ""


class Letter(Struct, frozen=True):
    """Subject, text and HTML part, with what goes along; `calendar` is (METHOD, iCalendar text).

    `unsubscribe` is the address behind which one click ends such letters (RFC 8058), "" where none does. `language` is
    that in which it is written.
    """

    subject: str
    text: str
    html: str
    pictures: tuple[Picture, ...] = ()
    calendar: tuple[str, str] | None = None
    reply_to: str = ""
    unsubscribe: str = ""
    language: str = field(default_factory=i18n.language)


class Held(Exception):
    """A letter is held by who wrote it: it is not to go out now, and not given up either."""


Compose = Callable[[Owed], Awaitable[Letter | None]]
"""Writes the letter in the present language (set by the caller); None when nothing is left to say: it is dropped.

Raises Held for one that is not to go out now.
"""


def tidy(text: str) -> str:
    """Return a text part without the blank lines that templates leave where they had nothing to say."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip() + "\n"


def html_of(letter: Letter) -> str:
    """Return the HTML part with its pictures inside as `data:` addresses, for there is no mail beside it."""
    pictures = {
        picture.name: f"data:{picture.type};base64,{b64encode(picture.content).decode()}" for picture in letter.pictures
    }
    return _CID.sub(lambda found: pictures.get(found[1], found[0]), letter.html)
