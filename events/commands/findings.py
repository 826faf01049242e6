"""What `sixnet doctor` finds."""

from enum import StrEnum

from msgspec import Struct


class Level(StrEnum):
    """How bad it is."""

    FINE = "ok"
    NOTE = "note"
    BAD = "BAD"


class Finding(Struct, frozen=True):
    """One thing that was looked at."""

    level: Level
    text: str
