"""Changing one's details by the private link, without learning by it who else takes part."""

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from events.core import jobs
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict
from events.core.i18n import gettext as _
from events.messaging import ledger
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason
from events.registration import queries
from events.registration.details import AlreadyRegistered, Details, change_details, placed_by
from events.registration.held import NEWS, hold, note, require_may_edit, tell
from events.registration.queries import Registered
from events.registration.renewing import renew
from events.registration.rules import GONE


async def change_own_details(registration_id: UUID, details: Details, *, actor: Actor, now: datetime) -> Registered:
    """Mend one's details; returns the registration as who asked for it may see it; raises as `change_details`.

    Where they are those of someone who is registered nothing changes, and the answer looks as if it did: the links are
    replaced, and letters say it, to the address that stays and to the other person.
    """
    try:
        return await change_details(registration_id, details, actor=actor, now=now)
    except AlreadyRegistered as taken:
        return await _leave(registration_id, details, taken.registration, actor=actor, now=now)


async def _leave(registration_id: UUID, details: Details, other: UUID, *, actor: Actor, now: datetime) -> Registered:
    async with transaction():
        held = await hold(registration_id)
        require_may_edit(held, actor, now)
        if held.state in GONE:
            raise Conflict(_("This registration has been cancelled."), code="cancelled")
        turn = f"{await renew(held, link=True)}.{held.number}"
        await ledger.drop_all("registration", held.id, now=now)
        await tell(held, NEWS[held.state], now=now, occurrence=turn)
        await tell(held, Reason.NOT_CHANGED, now=now, occurrence=turn)
        await _tell(other, now, occurrence=f"{held.id.hex[:12]}.{turn}")
        await note(held, "details_not_changed", actor, now)
        left = await queries.registered(held.id)
    jobs.nudge("mail.deliver")
    return left if details.email == held.email else replace(left, state=placed_by(held, actor))


async def _tell(registration_id: UUID, now: datetime, *, occurrence: str) -> None:
    """Tell who is registered that someone entered their name and address again, as the form of registration does."""
    other = await queries.by_id(registration_id)
    if other and other.email and not other.gone:
        recipient = Recipient(other.email, other.name, other.language)
        await ledger.add(Reason.ALREADY_REGISTERED, recipient, "registration", other.id, now=now, occurrence=occurrence)
