"""What the mailbox page shows to whom: every feature's letters and the staff's rights come together here."""

from collections.abc import Collection
from datetime import datetime

from events.accounts.rules import Action, may
from events.core.actor import Actor
from events.letters import COMPOSERS
from events.messaging.reading import Mailbox
from events.messaging.rules import STAFF_ACCESS
from events.messaging.tables import Reason


def readable(actor: Actor, now: datetime) -> Collection[Reason]:
    """Return the reasons whose messages `actor` may read; links that let in staff are for administrators alone.

    The ledger knows no regions: a right on a part of the network opens none of it.
    """
    if not may(actor, Action.SEE_MAILBOX, now=now):
        return ()
    return tuple(Reason) if may(actor, Action.SEE_STAFF_LINKS, now=now) else tuple(set(Reason) - STAFF_ACCESS)


MAILBOX = Mailbox(composers=COMPOSERS, readable=readable)
