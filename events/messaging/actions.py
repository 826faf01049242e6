"""Leaving the list of those who are invited, wholly or as to some themes; and taking an address off the lists."""

from collections.abc import Sequence
from datetime import datetime

from events.core import database
from events.messaging.bounces.actions import reaches_again
from events.messaging.rules import UNASKED, UNSUBSCRIBED


async def unsubscribe(address: str, *, now: datetime) -> None:
    """Write to an address no more unasked, and drop what has not left; doing it twice changes nothing.

    What its people agreed to of news is withdrawn, so that nobody is written to again by being taken off the list.
    """
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
        await database.execute(_WITHDRAW_NEWS, address, now)


# Consents belong to a feature above this one: so it is SQL here.
_WITHDRAW_NEWS = """
UPDATE consent SET withdrawn_at = $2 FROM registration JOIN person ON person.id = registration.person
WHERE consent.registration = registration.id AND person.email = $1 AND kind = 'news' AND withdrawn_at IS NULL
"""


async def subscribe_again(address: str) -> None:
    """Write unasked to an address again that had unsubscribed, as its owner says; a mail that came back stays known."""
    async with database.transaction():
        await get_letters_again(address)
        await database.execute("DELETE FROM refused_theme WHERE address = $1", address)


async def get_letters_again(address: str) -> None:
    """Write unasked to an address again that had unsubscribed; the themes it refused stay refused."""
    await database.execute("DELETE FROM suppression WHERE address = $1 AND reason = $2", address, UNSUBSCRIBED)


async def hear_again(address: str) -> None:
    """Write to an address again whose owner says so out of a mail that reached it.

    What was entered by hand stays: that is for who entered it.
    """
    async with database.transaction():
        await subscribe_again(address)
        await reaches_again(address)


async def refuse_themes(address: str, themes: Sequence[str], *, now: datetime) -> None:
    """Invite an address no more to events of these themes alone; doing it twice changes nothing.

    Letters that have not left are not written any more.
    """
    await database.execute(
        "INSERT INTO refused_theme (id, address, theme, since) SELECT gen_random_uuid(), $1, theme, $3"
        " FROM unnest($2::varchar[]) AS theme ON CONFLICT (address, theme) DO NOTHING",
        *(address, list(themes), now),
    )


async def hear_of_themes(address: str, themes: Sequence[str]) -> None:
    """Take back what was refused last of these themes; doing it twice changes nothing but what was refused before."""
    await database.execute(
        "DELETE FROM refused_theme WHERE address = $1 AND theme = ANY($2) AND since = ("
        "SELECT max(since) FROM refused_theme WHERE address = $1 AND theme = ANY($2))",
        *(address, list(themes)),
    )


async def write_again(address: str) -> bool:
    """Take an address off all lists of those that are not written to; returns whether it was on one."""
    async with database.transaction():
        taken = await database.execute("DELETE FROM suppression WHERE address = $1", address)
        taken += await database.execute("DELETE FROM refused_theme WHERE address = $1", address)
        return await reaches_again(address) or taken > 0
