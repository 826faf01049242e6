"""What a table says of who attended; the trail hears with it that the import took place."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from events.accounts import audit
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict
from events.core.i18n import gettext as _
from events.core.tabular import ImportReport

# Attendance belongs to checkin, a feature above this one that may not be imported here; so it is SQL, like programme's
# letters to the registered. What a door or the desk has said is known better than by a table and stays. The lock keeps
# the event from being reconciled in between.
_STILL_OPEN = "SELECT reconciled_at IS NULL FROM event WHERE id = $1 FOR SHARE"
_MARK = """
INSERT INTO attendance AS present (registration, state, source, actor_kind, actor_id, changed_at)
SELECT said.registration, CASE WHEN said.came THEN 'attended' ELSE 'no_show' END, 'import', $3, $4, $5
FROM unnest($1::uuid[], $2::boolean[]) AS said (registration, came) ORDER BY said.registration
ON CONFLICT (registration) DO UPDATE SET state = excluded.state, source = excluded.source,
    actor_kind = excluded.actor_kind, actor_id = excluded.actor_id, changed_at = excluded.changed_at
WHERE present.state = 'unknown' OR ($6 AND present.source = 'import' AND present.changed_at = $5)
RETURNING registration
"""


_NOTED = """
SELECT true FROM audit WHERE action = 'registrations.imported' AND subject_kind = 'event' AND subject_id = $1
    AND at = $2
"""


async def mark(
    event_id: UUID, said: Mapping[UUID, bool], *, actor: Actor, now: datetime, report: ImportReport, again: bool
) -> set[UUID]:
    """Note who attended and that this import took place; returns of whom the attendance was news.

    What an earlier try of it has noted is its own `again`, and the trail hears of it once.
    """
    async with transaction():
        if not await database.fetchval(_STILL_OPEN, event_id):
            raise Conflict(_("The attendance of this event is closed. Open it again first."), code="reconciled")
        rows = await database.fetch(_MARK, list(said), list(said.values()), actor.kind.value, actor.id, now, again)
        news = {row["registration"] for row in rows}
        if again and await database.fetchval(_NOTED, str(event_id), now):
            return news
        await audit.record(
            actor,
            "registrations.imported",
            "event",
            event_id,
            now,
            rows=report.rows,
            added=report.added,
            refused=len(report.refused),
            attended=len(news),
        )
    return news
