"""What a person chose for each row of a report, as the form carries it."""

from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

from msgspec import Struct

from events.checkin.meetings.tables import Fate
from events.core.forms import FormData
from events.core.text import clean_line, clean_text

MOST_TEXT = 4000


class Choice(Struct, frozen=True, kw_only=True):
    """What shall become of someone: `people` are lines of names or addresses, `name` and `organisation` of a walk-in.

    `role`: give them the role that they had in the meeting.
    """

    fate: Fate = Fate.OPEN
    registration: UUID | None = None
    people: str = ""
    name: str = ""
    organisation: str = ""
    role: bool = False


def code_of(identity: str) -> str:
    """Return the short name of a row in the form; it is the same whenever the same person stands in a report."""
    return sha256(identity.encode()).hexdigest()[:12]


def read_choices(sent: FormData) -> Mapping[str, Choice]:
    """Read the choices of a form by the code of their row; what is no choice is taken as none."""
    found = {}
    for field in sent:
        if not field.startswith("fate-"):
            continue
        code = field.removeprefix("fate-")
        fate, registration = _fate(sent.text(field))
        people = clean_text(sent.text(f"people-{code}"))[:MOST_TEXT]
        if people and fate in {Fate.OPEN, Fate.PEOPLE}:
            fate = Fate.PEOPLE
        found[code] = Choice(
            fate=fate,
            registration=registration,
            people=people,
            name=clean_line(sent.text(f"name-{code}"))[:200],
            organisation=clean_line(sent.text(f"organisation-{code}"))[:200],
            role=f"role-{code}" in sent,
        )
    return found


def _fate(text: str) -> tuple[Fate, UUID | None]:
    word, _dot, rest = text.partition(".")
    try:
        fate = Fate(word)
        return fate, UUID(rest) if fate is Fate.MATCH else None
    except ValueError:
        return Fate.OPEN, None
