"""Taking in what doors did without network: readings and walk-ins, late, twice and in any order."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from events.accounts.rules import Action, reach
from events.checkin.actions.append import take_in
from events.checkin.shapes import Answers, Batch
from events.checkin.walk_in.actions import take_in as take_in_person
from events.core import database
from events.core.actor import Actor
from events.core.errors import NotFound

_OPEN = """
SELECT slug, id FROM event
WHERE slug = ANY($1::text[]) AND ($2 OR host_region = ANY($3::text[]) OR id = ANY($4::uuid[]))
"""


async def upload(batch: Batch, *, actor: Actor, now: datetime) -> Answers:
    """Take in what a door has done by itself; one answer for each, in order, and the same when sent again.

    Whoever such a door has let in was let in: two doors that admitted one ticket become a conflict, and what cannot be
    placed is kept. Raises NotFound, having stored nothing, when any event is not open to the actor.
    """
    events = await _events(batch, actor, now)
    scans = [replace(scan, sent_at=scan.sent_at or batch.sent_at) for scan in batch.scans]
    return Answers(
        results=[await take_in(scan, actor, now) for scan in scans],
        walk_ins=[
            await take_in_person(heard, events[heard.event], sent_at=batch.sent_at, actor=actor, now=now)
            for heard in batch.walk_ins
        ],
    )


async def _events(batch: Batch, actor: Actor, now: datetime) -> Mapping[str, UUID]:
    wanted = {scan.event for scan in batch.scans} | {heard.event for heard in batch.walk_ins}
    everywhere, regions, events = reach(actor, Action.CHECK_IN, now=now)
    rows = await database.fetch(_OPEN, list(wanted), everywhere, list(regions), list(events)) if wanted else []
    if len(rows) != len(wanted):
        raise NotFound
    return {row["slug"]: row["id"] for row in rows}
