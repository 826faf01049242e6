"""The one place that asks what time it is (design.md §5.7), and whose days count."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

FINLAND = "Europe/Helsinki"
"""The zone of the network's days, and of an event unless it says another."""

_frozen: ContextVar[datetime | None] = ContextVar("frozen_time", default=None)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let `now` answer with an aware `moment` for everything that runs inside."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
