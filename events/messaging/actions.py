"""Leaving the list of those who are invited."""

from datetime import datetime

from events.core import database
from events.messaging.rules import UNASKED, UNSUBSCRIBED


async def unsubscribe(address: str, *, now: datetime) -> None:
    """Write to an address no more unasked, and drop what has not left; doing it twice changes nothing."""
    async with database.transaction():
        await database.execute(
            "INSERT INTO suppression (address, reason, since) VALUES ($1, $2, $3) ON CONFLICT (address) DO NOTHING",
            *(address, UNSUBSCRIBED, now),
        )
        await database.execute(
            "UPDATE message SET state = 'dropped', finished_at = $2"
            " WHERE recipient = $1 AND state = 'queued' AND reason = ANY($3)",
            *(address, now, [reason.value for reason in UNASKED]),
        )
