"""The ticket and the private link once more, to the address that is registered and to no other."""

from datetime import datetime
from uuid import UUID

from events.core import database, jobs
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict
from events.core.i18n import gettext as _
from events.messaging.tables import Reason
from events.registration.held import NEWS, Held, hold, require_may_edit, tell
from events.registration.rules import GONE
from events.registration.tables import State


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
    """Owe everyone who registered with an address the letter with their link again; of an unknown one nothing comes.

    Those who cancelled or were declined too: behind the link is what is held about them, and what they agree to.
    """
    for row in await database.fetch(_WITH_ADDRESS, event_id, email):
        async with transaction():
            held = await hold(row["id"])
            if held.email == email:
                await _tell_again(held, now)
    jobs.nudge("mail.deliver")


async def _tell_again(held: Held, now: datetime) -> None:
    lapsed = held.state is State.CANCELLED and held.deadline is not None
    reason = Reason.LAPSED if lapsed else NEWS[held.state]
    await tell(held, reason, now=now, occurrence=f"again.{held.ticket_generation}.{now:%Y%m%d%H}")


_WITH_ADDRESS = """
SELECT registration.id FROM registration JOIN person ON person.id = registration.person
WHERE event = $1 AND person.email = $2 ORDER BY registration.id
"""
