"""Sending a registration's letter once more, as it stands now: the ticket, or where one is in line."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from events.core import jobs
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict
from events.core.i18n import gettext as _
from events.messaging.tables import Reason
from events.registration.held import NEWS, hold, note, require_staff, tell
from events.registration.rules import GONE
from events.registration.tables import State

LETTERS: Mapping[State, Reason] = {state: reason for state, reason in NEWS.items() if state not in GONE}
"""The letter that tells how a registration stands."""


async def send_again(registration_id: UUID, *, turn: str, actor: Actor, now: datetime) -> None:
    """Owe the person the letter of how they stand; the same `turn` sends it once.

    Raises Conflict when there is no address, or nothing to send to who is out.
    """
    async with transaction():
        held = await hold(registration_id)
        require_staff(held, actor, now)
        if held.state not in LETTERS:
            raise Conflict(_("There is nothing to send in this state."), code="nothing_to_send")
        if not held.email:
            raise Conflict(_("There is no address to send to."), code="no_address")
        await tell(held, LETTERS[held.state], now=now, occurrence=f"again.{turn}")
        await note(held, "sent_again", actor, now)
    jobs.nudge("mail.deliver")
