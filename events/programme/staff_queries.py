"""What the staff pages of events read: lists within the actor's reach, and what an event waits for."""

from collections.abc import Mapping
from datetime import date, datetime
from urllib.parse import urlencode

from msgspec import Struct, structs

from events.accounts.rules import Action, reach
from events.core import database
from events.core.actor import Actor
from events.core.text import clean_line
from events.programme.listing import KINDS
from events.programme.queries import REGIONS, SELECT_EVENT, EventView, event_view

PAGE_SIZE = 30
SHOWS = ("open", "draft", "coming", "past", "reconciled", "cancelled", "archived", "all")
"""Which events a list shows; open: drafts, what is coming, and what was held but not reconciled."""


class Chosen(Struct, frozen=True, kw_only=True):
    """What is looked for in the list; "" is everything, `since` and `until` are days (YYYY-MM-DD) of the start."""

    show: str = "open"
    words: str = ""
    region: str = ""
    kind: str = ""
    since: str = ""
    until: str = ""

    def query(self) -> str:
        """Return this as the query string that `read_chosen` reads."""
        return urlencode({_NAMES.get(name, name): value for name, value in structs.asdict(self).items() if value})


_NAMES = {"words": "q", "since": "from", "until": "to"}


def read_chosen(query: Mapping[str, str]) -> Chosen:
    """Read what is looked for from a query string; what cannot be a value is left out."""
    show, kind = query.get("show", ""), query.get("kind", "")
    return Chosen(
        show=show if show in SHOWS else "open",
        words=clean_line(query.get("q", ""))[:100],
        region=clean_line(query.get("region", ""))[:2],
        kind=kind if kind in KINDS else "",
        since=_day(query.get("from", "")),
        until=_day(query.get("to", "")),
    )


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


SOONEST_FIRST = ("open", "draft", "coming")


class StaffEvents(Struct, frozen=True):
    """One page of the list and how many there are on all."""

    items: list[EventView]
    total: int


_LIST = f"""
WHERE ($1 OR host_region = ANY($2) OR event.id = ANY($3))
  AND CASE $4 WHEN 'open' THEN state = 'draft' OR (state = 'published' AND reconciled_at IS NULL)
              WHEN 'draft' THEN state = 'draft'
              WHEN 'coming' THEN state = 'published' AND ends_at > $5
              WHEN 'past' THEN state = 'published' AND ends_at <= $5 AND archived_at IS NULL
              WHEN 'reconciled' THEN reconciled_at IS NOT NULL AND archived_at IS NULL
              WHEN 'cancelled' THEN state = 'cancelled' AND archived_at IS NULL
              WHEN 'archived' THEN archived_at IS NOT NULL ELSE true END
  AND ($6 = '' OR position(lower($6) in lower(title_fi || ' ' || title_sv || ' ' || title_en)) > 0)
  AND ($7 = '' OR $7 IN ({REGIONS})) AND ($8 = '' OR kind = $8)
  AND ($9::date IS NULL OR (starts_at AT TIME ZONE zone)::date >= $9)
  AND ($10::date IS NULL OR (starts_at AT TIME ZONE zone)::date <= $10)
"""


async def staff_events(actor: Actor, chosen: Chosen, *, page: int, now: datetime) -> StaffEvents:
    """Return the events that `actor` may edit: open ones by start, others the latest first."""
    everywhere, regions, events = reach(actor, Action.EDIT_EVENTS, now=now)
    values = (
        *(everywhere, list(regions), list(events), chosen.show, now, chosen.words, chosen.region, chosen.kind),
        *(date.fromisoformat(day) if day else None for day in (chosen.since, chosen.until)),
    )
    order = "ASC" if chosen.show in SOONEST_FIRST else "DESC"
    rows = await database.fetch(
        f"{SELECT_EVENT} {_LIST} ORDER BY starts_at {order}, slug LIMIT {PAGE_SIZE} OFFSET $11",
        *values,
        (page - 1) * PAGE_SIZE,
    )
    total = await database.fetchval(f"SELECT count(*) FROM event {_LIST}", *values)
    return StaffEvents([event_view(row) for row in rows], total)


_FOLLOWED = """
WHERE ($1 OR host_region = ANY($2) OR event.id = ANY($3)) AND archived_at IS NULL AND ends_at > $4
ORDER BY starts_at, slug LIMIT 500
"""


async def followed(actor: Actor, since: datetime, *, now: datetime) -> list[EventView]:
    """Return the events that `actor` may edit and that end after `since`, drafts too, by start."""
    everywhere, regions, events = reach(actor, Action.EDIT_EVENTS, now=now)
    rows = await database.fetch(f"{SELECT_EVENT} {_FOLLOWED}", everywhere, list(regions), list(events), since)
    return [event_view(row) for row in rows]
