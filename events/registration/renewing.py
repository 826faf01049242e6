"""A new ticket, and maybe a new private link, for a registration: the old ones stop working."""

from contextlib import suppress

import asyncpg

from events.core import database, secrets
from events.registration.held import Held
from events.registration.registering import TRIES

_RENEW = """
UPDATE registration SET ticket_generation = $2, ticket_hash = $3, ticket_code = $4, manage_generation = $5,
    manage_hash = $6, revision = revision + 1
WHERE id = $1
"""


async def renew(held: Held, *, link: bool) -> int:
    """Replace the ticket, and with `link` the private link too; returns the ticket's generation."""
    ticket, manage = held.ticket_generation + 1, held.manage_generation + int(link)
    for tried in range(TRIES):
        with suppress(asyncpg.UniqueViolationError):  # the short code is taken in the event
            await database.attempt(
                _RENEW,
                *(held.id, ticket, secrets.digest(secrets.derive("ticket", held.id, ticket))),
                secrets.short_code(held.id, ticket, tried),
                *(manage, secrets.digest(secrets.derive("manage", held.id, manage))),
            )
            break
    return ticket
