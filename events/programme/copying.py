"""Copies of an event: everything that was set up for it, and nothing of its people (events/core/copying.py)."""

from datetime import date, datetime
from uuid import UUID, uuid4

from events.core import database
from events.core.copying import COPIED, statement
from events.messaging.templates.actions import take_along
from events.programme import rules
from events.programme.queries import EventView
from events.programme.slugs import Created, under_free_slug


async def insert_copy(
    event: EventView, starts_at: datetime, *, series: UUID | None = None, series_day: date | None = None
) -> Created:
    """Insert a draft like an event that begins at `starts_at`, maybe as one of a series; the caller has a transaction.

    Its other moments – the end, the dates of registration – move as far by the clock on the wall.
    """
    zone = event.zone
    distance = rules.wall_clock(starts_at, zone) - rules.wall_clock(event.starts_at, zone)
    given = (event.id, str(uuid4()), zone, distance)
    root = statement(COPIED["event"], slug="$5", starts_at="$6", series="$7", series_day="$8")

    async def insert(slug: str) -> UUID | None:
        sql = f"{root} ON CONFLICT (slug) DO NOTHING RETURNING id"
        identity: UUID | None = await database.fetchval(sql, *given, slug, starts_at, series, series_day)
        return identity

    slug = rules.event_slug(event.titles, rules.to_local(starts_at, zone).date())
    created = await under_free_slug(slug, insert)
    for name, copied in COPIED.items():
        if name != "event":
            await database.execute(statement(copied), *given)
    await take_along(event.id, created.id)
    return created
