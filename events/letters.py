"""Which function writes the letter of each reason, and who hears what calendars answer: here they come together."""

from collections.abc import Mapping
from datetime import datetime

from events.accounts import letters as accounts
from events.checkin import letters as checkin
from events.messaging.incoming.replies import Reply
from events.messaging.letter import Compose
from events.messaging.tables import Reason
from events.outreach import letters as outreach
from events.registration import calendar_replies
from events.registration import letters as registration
from events.registration.announcements import letters as announcements
from events.registration.invitations import letters as invitations
from events.surveys import letters as surveys

COMPOSERS: Mapping[Reason, Compose] = {
    **accounts.COMPOSERS,
    **registration.COMPOSERS,
    **invitations.COMPOSERS,
    **announcements.COMPOSERS,
    **checkin.COMPOSERS,
    **surveys.COMPOSERS,
    **outreach.COMPOSERS,
}


async def answer(reply: Reply, now: datetime) -> bool:
    """Take in what a calendar answered to an entry of a letter."""
    return await calendar_replies.take(reply, now=now)
