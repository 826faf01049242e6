"""When the code of a poster lets people check in, and who is meant by what they write; pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from events.core.text import fold

OPENS_BEFORE = timedelta(hours=4)
"""A poster's code works from this long before the event's start until its end."""

STEP = timedelta(seconds=30)
"""How long a changing code is shown."""

SCANNED_WITHIN = 3
"""So many codes back one may still be scanned: a phone's camera and a hall's network are slow."""

SENT_WITHIN = 20
"""So many codes back the form may still be sent that was opened with it: ten minutes for typing."""

FEWEST_LETTERS = 2


def step_of(now: datetime) -> int:
    """Return the number of the half minute."""
    return int(now.timestamp() // STEP.total_seconds())


def is_time(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Say whether people may check in on their own phones."""
    return starts_at - OPENS_BEFORE <= now <= ends_at


def is_meant(letters: str, names: Iterable[str]) -> bool:
    """Say whether someone of these names may have written these first letters: of a name, or of all of them."""
    written = fold(letters)
    return len(written) >= FEWEST_LETTERS and any(fold(name).startswith(written) for name in names)
