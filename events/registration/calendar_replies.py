"""What follows when a calendar says that its person declined the entry of a place: a question by mail, no more."""

import re
from datetime import datetime
from uuid import UUID

from events.core import jobs
from events.core.database import transaction
from events.messaging import ledger
from events.messaging.incoming.replies import DECLINED, Reply
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason
from events.programme import queries as programme
from events.programme.tables import EventState
from events.registration import calendar, queries
from events.registration.tables import State

_UID = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@sixnet", re.IGNORECASE)


async def take(reply: Reply, *, now: datetime) -> bool:
    """Ask who declined whether to cancel; says whether the question is owed now.

    Anybody can write a reply: so it must name the address of the registration, frees nothing, and has one question
    asked for each change of the entry by us, whatever number it claims to answer. The question has no entry to decline.
    """
    found = _UID.fullmatch(reply.uid)
    if found is None or reply.status != DECLINED:
        return False
    registration = await queries.by_id(UUID(found[1]))
    if registration is None or registration.email not in reply.addresses or registration.state is not State.CONFIRMED:
        return False
    event = await programme.by_id(registration.event)
    if event is None or event.state == EventState.CANCELLED or now >= event.starts_at:
        return False
    recipient = Recipient(registration.email, registration.name, registration.language)
    occurrence = str(calendar.sequence(event, registration.revision))
    async with transaction():
        asked = await ledger.add(
            Reason.ENTRY_DECLINED, recipient, "registration", registration.id, now=now, occurrence=occurrence
        )
    jobs.nudge("mail.deliver")
    return asked
