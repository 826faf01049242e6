"""What happened at the events of someone's reach in a time."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from events.accounts.rules import Action, reach
from events.core import database
from events.core.actor import Actor
from events.core.i18n import LANGUAGES, pick


class Happened(Struct, frozen=True):
    """What happened at one event, and what waits there; zeros are left unsaid."""

    id: UUID
    slug: str
    titles: dict[str, str]
    starts_at: datetime
    zone: str
    registered: int
    cancelled: int
    lapsed: int
    to_approve: int
    conflicts: int
    left_open: bool

    @property
    def title(self) -> tuple[str, str]:
        """The title and its language."""
        return pick(self.titles)


_HAPPENED = """
SELECT * FROM (
    SELECT event.id, event.slug, event.title_fi, event.title_sv, event.title_en, event.starts_at, event.zone,
        (SELECT count(*) FROM registration WHERE registration.event = event.id
            AND registered_at >= $4 AND registered_at < $5 AND state NOT IN ('cancelled', 'declined')) AS registered,
        (SELECT count(*) FROM audit JOIN registration ON registration.id::text = audit.subject_id
            WHERE registration.event = event.id AND audit.subject_kind = 'registration'
            AND audit.action = 'registration.cancelled' AND audit.at >= $4 AND audit.at < $5) AS cancelled,
        (SELECT count(*) FROM audit JOIN registration ON registration.id::text = audit.subject_id
            WHERE registration.event = event.id AND audit.subject_kind = 'registration'
            AND audit.action = 'registration.lapsed' AND audit.at >= $4 AND audit.at < $5) AS lapsed,
        (SELECT count(*) FROM registration WHERE registration.event = event.id AND state = 'awaiting_approval'
            AND event.starts_at > $5) AS to_approve,
        (SELECT count(*) FROM registration JOIN attendance ON attendance.registration = registration.id
            WHERE registration.event = event.id AND attendance.conflict AND event.reconciled_at IS NULL) AS conflicts,
        event.state = 'published' AND event.reconciled_at IS NULL AND event.ends_at < $5 AS left_open
    FROM event
    WHERE ($1 OR host_region = ANY($2::text[]) OR id = ANY($3::uuid[])) AND state <> 'draft' AND archived_at IS NULL
        AND ends_at > $4::timestamptz - interval '60 days'
) AS happened
WHERE registered > 0 OR cancelled > 0 OR lapsed > 0 OR to_approve > 0 OR conflicts > 0 OR left_open
ORDER BY starts_at, id
"""


async def happened(actor: Actor, since: datetime, until: datetime) -> list[Happened]:
    """Return what happened from `since` to `until` at events whose registrations the actor sees, by their start."""
    everywhere, regions, events = reach(actor, Action.SEE_REGISTRATIONS, now=until)
    rows = await database.fetch(_HAPPENED, everywhere, list(regions), list(events), since, until)
    return [_happened(row) for row in rows]


def _happened(row: asyncpg.Record) -> Happened:
    titles = {code: row[f"title_{code}"] for code in LANGUAGES if row[f"title_{code}"]}
    kept = [name for name in Happened.__struct_fields__ if name != "titles"]
    return Happened(titles=titles, **{name: row[name] for name in kept})
