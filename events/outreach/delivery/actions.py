"""Sending a message once more by hand, or at once when it waits for another try; writing to an address again."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import jobs, secrets
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, NotFound
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.messaging import ledger, queries
from events.messaging.actions import write_again
from events.messaging.letter import Compose
from events.messaging.reading import written
from events.messaging.rules import ERASED, STAFF_ACCESS
from events.messaging.tables import MessageState, Reason
from events.programme.queries import EventView

SHOWN = frozenset(Reason) - STAFF_ACCESS
"""The reasons of messages that staff see and send again; a link that lets in staff is asked for anew."""

_NOTHING_TO_SAY = _l(
    "There is nothing left to say: what the message was about has changed since, or its link has run out."
)


async def send_again(
    message_id: UUID,
    number: int,
    composers: Mapping[Reason, Compose],
    *,
    actor: Actor,
    now: datetime,
    event: EventView | None = None,
) -> None:
    """Owe a message once more as its `number`-th sending, or make one due at once that was tried in vain.

    The same number sends it once, however often it is asked for. `event` is the one on whose page it is, None on that
    of the whole network; `composers` write the letters. Raises NotFound; Conflict when it cannot be sent again.
    """
    async with transaction():
        message = await queries.message(message_id, _within_reach(actor, now, event), event=event.id if event else None)
        if message.owed.recipient == ERASED:
            raise Conflict(_("There is no address to send to."), code="no_address")
        if message.state in {MessageState.QUEUED, MessageState.SENDING}:
            if not await ledger.hurry(message_id, now=now):
                raise Conflict(_("This message is on its way already."), code="under_way")
        elif not await queries.is_reached(message.owed.recipient):
            raise Conflict(_("Mail does not reach this address. Mend it first."), code="not_reached")
        elif not await queries.is_written_to(message.owed.recipient, message.owed.reason):
            raise Conflict(
                _("This address gets no such letters any more: it has unsubscribed, or is not written to."),
                code="not_written_to",
            )
        elif await written(message.owed, composers) is None:
            raise Conflict(str(_NOTHING_TO_SAY), code="nothing_to_say")
        elif not 1 <= number <= message.sendings:
            raise Conflict(_("This message cannot be sent again like this. Open the page anew."), code="stale")
        elif not await ledger.resend(message_id, message.owed.occurrence, number, now=now):
            return
        await audit.record(actor, "message.sent_again", "message", message_id, now, reason=message.owed.reason)
    jobs.nudge("mail.deliver")


async def take_off(address: str, *, actor: Actor, now: datetime) -> None:
    """Write to an address again, whyever it was not written to; raises NotFound when it was."""
    if not may(actor, Action.SEE_MAILBOX, now=now):
        raise NotFound
    async with transaction():
        if not await write_again(address):
            raise NotFound
        await audit.record(actor, "address.taken_off", "address", secrets.digest(address).hex()[:16], now)


def _within_reach(actor: Actor, now: datetime, event: EventView | None) -> Collection[Reason]:
    """Return the reasons of messages that the actor may send again; raises NotFound when there are none."""
    allowed = (
        may(actor, Action.EDIT_REGISTRATIONS, now=now, **event.where)
        if event
        else may(actor, Action.SEE_MAILBOX, now=now)
    )
    if not allowed:
        raise NotFound
    return SHOWN
