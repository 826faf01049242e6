"""What stands beside the demo's registrations: consents to be seen, notes and tags of staff, the trail."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from events.core.text import fold
from events.demo.attendance import Registered
from events.demo.rows import Row
from events.registration.consents import consent_texts
from events.registration.tables import ConsentKind

AGREES = 0.6
"""Of those who register, how many let the others see that they come."""

WANTS_NEWS = 0.25

RECENT = timedelta(days=60)
"""Of events that ended longer ago nobody's consents, notes and tags are shown."""

_TAGS = (("Bussikuljetus", 0.15), ("Alustaja", 0.04), ("Ensikertalainen", 0.1))
_NOTES = (
    "Tulee iltapäivällä, ehtii vasta toiseen osuuteen.",
    "Soitti: kollega voi tulla tilalle, jos este.",
    "Lasku matkasta menee organisaatiolle.",
    "Kommer med tåget 9.40, ber om skjuts från stationen.",
)


def consent_rows(chance: random.Random, known: Sequence[Registered], now: datetime) -> list[Row]:
    """Rows of the table consent: who may be seen on the list of participants, and who wants to hear news."""
    texts = {language: consent_texts(language) for language in ("fi", "sv", "en")}
    seen = [(one, ConsentKind.PARTICIPANT_LIST) for one in _recent(known, now) if chance.random() < AGREES]
    of_their_own = random.Random(len(known))  # noqa: S311 - no secret
    hears = [(one, ConsentKind.NEWS) for one in known if of_their_own.random() < WANTS_NEWS]
    return [
        {
            "id": uuid4(),
            "registration": one.id,
            "kind": kind.value,
            "text": texts[one.person.language][kind],
            "language": one.person.language,
            "given_at": one.at,
        }
        for one, kind in [*seen, *hears]
    ]


def tag_rows(chance: random.Random, known: Sequence[Registered], now: datetime) -> list[Row]:
    """Rows of the table registration_tag."""
    return [
        {"id": uuid4(), "registration": one.id, "tag": tag, "folded": fold(tag)}
        for one in _recent(known, now)
        for tag, share in _TAGS
        if chance.random() < share
    ]


def note_rows(chance: random.Random, known: Sequence[Registered], staff: UUID, now: datetime) -> list[Row]:
    """Rows of the table registration_note: a colleague wrote some down."""
    return [
        {
            "id": uuid4(),
            "registration": one.id,
            "staff": staff,
            "text": chance.choice(_NOTES),
            "written_at": min(now, one.at + timedelta(days=1)),
        }
        for one in chance.sample(_recent(known, now), 25)
    ]


def _recent(known: Sequence[Registered], now: datetime) -> list[Registered]:
    return [one for one in known if one.event.ends_at > now - RECENT]
