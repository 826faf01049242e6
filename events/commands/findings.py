"""What `sixnet doctor` finds."""

from datetime import timedelta
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


def ago(span: timedelta) -> str:
    """Write a span as people say it, in minutes, hours or days."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:  # noqa: PLR2004 - two hours
        return f"{minutes} minutes"
    hours = minutes // 60
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"  # noqa: PLR2004 - two days
