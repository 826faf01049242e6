"""Which function writes the letter of each reason: every feature names its own, here they come together."""

from collections.abc import Mapping

from events.accounts import letters as accounts
from events.checkin import letters as checkin
from events.messaging.letter import Compose
from events.messaging.tables import Reason
from events.outreach import letters as outreach
from events.registration import letters as registration
from events.registration.invitations import letters as invitations
from events.surveys import letters as surveys

COMPOSERS: Mapping[Reason, Compose] = {
    **accounts.COMPOSERS,
    **registration.COMPOSERS,
    **invitations.COMPOSERS,
    **checkin.COMPOSERS,
    **surveys.COMPOSERS,
    **outreach.COMPOSERS,
}
