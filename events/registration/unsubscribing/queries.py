"""How an address that may have been taken off the list of who is written to stands now."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from events.core import database
from events.messaging.rules import UNSUBSCRIBED

UNDONE_WITHIN = timedelta(days=7)
"""How long the link of a letter takes back that its address gets no more.

A letter may have been passed on: who left long ago is not brought back by whoever has it now.
"""


class Standing(Struct, frozen=True):
    """What stands against letters and invitations to an address: each is the moment since when, or None.

    `stopped` for all of them, `refused` for those about some themes; `barred` was entered by hand, at `unreachable`
    mail came back. `news`: being stopped withdrew an agreement to news.
    """

    stopped: datetime | None
    refused: datetime | None
    barred: datetime | None
    unreachable: datetime | None
    news: bool

    def may_undo(self, now: datetime) -> bool:
        """Say whether it can be taken back that all were stopped."""
        return self.stopped is not None and now < self.stopped + UNDONE_WITHIN


# Themes of which one is still wanted are not refused: a letter about both is written.
_STANDING = f"""
WITH theirs AS (SELECT since, reason FROM suppression WHERE address = $1)
SELECT (SELECT since FROM theirs WHERE reason = '{UNSUBSCRIBED}') AS stopped,
    (SELECT since FROM theirs WHERE reason <> '{UNSUBSCRIBED}') AS barred,
    (SELECT since FROM unreachable WHERE address = $1) AS unreachable,
    (SELECT max(since) FROM refused_theme WHERE address = $1 AND theme = ANY($2)
        HAVING count(*) = cardinality($2::varchar[])) AS refused,
    EXISTS (SELECT FROM consent JOIN registration ON registration.id = consent.registration
        JOIN person ON person.id = registration.person JOIN theirs ON theirs.since = withdrawn_at
        WHERE person.email = $1 AND kind = 'news' AND reason = '{UNSUBSCRIBED}') AS news
"""


async def standing(address: str, themes: Sequence[str]) -> Standing:
    """Return how an address stands, as to letters about these themes."""
    row = await database.fetchrow(_STANDING, address, list(themes))
    if row is None:
        raise RuntimeError("there is one row")
    return Standing(**row)
