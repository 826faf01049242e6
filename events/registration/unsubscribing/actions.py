"""Taking back that an address left the list of who is written to, by the link it left by."""

from datetime import datetime

from events.core import database
from events.core.database import transaction
from events.messaging.actions import get_letters_again
from events.registration.consents import give_news_back
from events.registration.unsubscribing.queries import standing


async def undo(address: str, *, language: str, now: datetime) -> None:
    """Write to an address again that left not long ago, and let its agreements to news hold again, from now on.

    They were read in a language. What stands against writing beside, as mail that came back, stays; doing it twice
    changes nothing.
    """
    async with transaction():
        # First, as whoever agrees by their private link does: else the two would wait for each other.
        await database.execute(_HOLD, address)
        found = await standing(address, ())
        if found.stopped is None or not found.may_undo(now):
            return
        await get_letters_again(address)
        await give_news_back(address, found.stopped, language=language, now=now)


_HOLD = """
SELECT FROM registration WHERE person IN (SELECT id FROM person WHERE email = $1) ORDER BY id FOR UPDATE
"""
