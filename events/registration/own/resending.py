"""The ticket and the private link once more, to the address that is registered and to no other."""

from datetime import datetime
from uuid import UUID

from events.core import database, jobs
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict
from events.core.i18n import gettext as _
from events.registration.held import NEWS, Held, hold, require_may_edit, tell
from events.registration.rules import GONE


async def resend(registration_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Owe one's letter again, at most once an hour. Raises Conflict when the registration is gone."""
    async with transaction():
        held = await hold(registration_id)
        require_may_edit(held, actor, now)
        if held.state in GONE:
            raise Conflict(_("This registration has been cancelled."), code="cancelled")
        await _tell_again(held, now)
    jobs.nudge("mail.deliver")


async def resend_to(event_id: UUID, email: str, *, now: datetime) -> None:
    """Owe everyone who is registered with an address their letter again; nothing comes of an unknown address."""
    gone = [state.value for state in GONE]
    for row in await database.fetch(_WITH_ADDRESS, event_id, email, gone):
        async with transaction():
            held = await hold(row["id"])
            if held.state not in GONE and held.email == email:
                await _tell_again(held, now)
    jobs.nudge("mail.deliver")


async def _tell_again(held: Held, now: datetime) -> None:
    await tell(held, NEWS[held.state], now=now, occurrence=f"again.{held.ticket_generation}.{now:%Y%m%d%H}")


_WITH_ADDRESS = """
SELECT registration.id FROM registration JOIN person ON person.id = registration.person
WHERE event = $1 AND person.email = $2 AND state <> ALL($3) ORDER BY registration.id
"""
