"""Rules that tests begin with, made by plain SQL."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from events.core import database
from tests.factories import insert

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


async def no_defaults() -> None:
    """Take the defaults of the network away."""
    await database.execute("DELETE FROM reminder_rule WHERE event IS NULL")


async def make_rule(event: UUID | None, **columns: Any) -> UUID:
    """Insert a rule of an event, or a default, that has stood for long."""
    return await insert("reminder_rule", event=event, **{"origin": uuid4(), "set_at": LONG_AGO, **columns})
