"""Lists of events: what the front page, the calendar feed and the API choose by the same filters.

A theme group's meeting to which its members are invited is nobody else's matter: no list has it (`EventView.listed`).
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from events.core import database
from events.programme.queries import REGIONS, SELECT_EVENT, EventView, event_view
from events.programme.rules import ZONE
from events.programme.tables import Kind

PAGE_SIZE = 20
PUBLIC_STATES = ("published", "cancelled")
KINDS = tuple(kind.value for kind in Kind)


class Filters(Struct, frozen=True, kw_only=True):
    """What a visitor chose; "" is everything. `month` is YYYY-MM of the start in Finland."""

    region: str = ""
    theme: str = ""
    kind: str = ""
    month: str = ""

    def query(self, **changes: str) -> str:
        """Return the filters as a query string, some of them changed, empty ones left out."""
        values = {**structs.asdict(self), **changes}
        return urlencode({name: value for name, value in values.items() if value})


class Found(Struct, frozen=True):
    """Events of one page and how many there are on all pages."""

    items: list[EventView]
    total: int


class Span(Struct, frozen=True, kw_only=True):
    """Which times a list is about: events that end after one moment and start before another.

    `archived` says whether archived ones are among them.
    """

    ends_after: datetime | None = None
    ends_before: datetime | None = None
    starts_before: datetime | None = None
    archived: bool = True


def read_filters(query: Mapping[str, str]) -> Filters:
    """Read filters from a query string; what cannot be a value is left out."""
    month, kind = query.get("month", ""), query.get("kind", "")
    return Filters(
        region=query.get("region", "")[:2],
        theme=query.get("theme", "")[:40],
        kind=kind if kind in KINDS else "",
        month=month if month_bounds(month) else "",
    )


def month_bounds(month: str) -> tuple[datetime, datetime] | None:
    """Return the first moments of a month (YYYY-MM) in Finland and of the next, or None when it is no month."""
    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=ZoneInfo(ZONE))
        following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    except ValueError:
        return None
    return (first, following) if month == f"{first:%Y-%m}" else None


_WHERE = f"""
WHERE event.state = ANY($1)
  AND ($2 = '' OR $2 IN ({REGIONS}))
  AND ($3 = '' OR EXISTS (SELECT FROM event_theme WHERE event_theme.event = event.id AND event_theme.theme = $3))
  AND ($4 = '' OR event.kind = $4)
  AND ($5::timestamptz IS NULL OR event.starts_at >= $5) AND ($6::timestamptz IS NULL OR event.starts_at < $6)
  AND ($7::timestamptz IS NULL OR event.ends_at > $7) AND ($8::timestamptz IS NULL OR event.ends_at <= $8)
  AND ($9::timestamptz IS NULL OR event.starts_at < $9)
  AND ($10 OR event.archived_at IS NULL)
  AND (event.theme_group IS NULL OR event.access <> 'invited')
"""


async def find(
    filters: Filters,
    span: Span,
    *,
    states: tuple[str, ...] = PUBLIC_STATES,
    newest_first: bool = False,
    limit: int = PAGE_SIZE,
    offset: int = 0,
) -> Found:
    """Find events by start; `total` counts all that the filters let through."""
    values = _values(filters, span, states)
    order = "DESC" if newest_first else "ASC"
    rows = await database.fetch(
        f"{SELECT_EVENT} {_WHERE} ORDER BY event.starts_at {order}, event.slug LIMIT $11 OFFSET $12",
        *values,
        limit,
        offset,
    )
    if offset == 0 and len(rows) < limit:
        total = len(rows)
    else:
        total = await database.fetchval(f"SELECT count(*) FROM event {_WHERE}", *values)
    return Found([event_view(row) for row in rows], total)


async def counts_by_region(filters: Filters, now: datetime) -> dict[str, int]:
    """Count coming events in each region, whichever the filters name; one with venues in several counts in each.

    Cancelled ones are not counted.
    """
    values = _values(structs.replace(filters, region=""), Span(ends_after=now), ("published",))
    rows = await database.fetch(
        f"SELECT region, count(*) AS events FROM event CROSS JOIN LATERAL ({REGIONS}) AS held {_WHERE} GROUP BY region",
        *values,
    )
    return {row["region"]: row["events"] for row in rows}


async def months(now: datetime, *, past: bool = False) -> list[str]:
    """The months, as YYYY-MM, in which events are coming, the next first, or were held, the last first."""
    rows = await database.fetch(
        "SELECT DISTINCT to_char(starts_at AT TIME ZONE $2, 'YYYY-MM') AS month FROM event"
        " WHERE state = ANY($3) AND archived_at IS NULL AND (ends_at > $1) <> $4"
        " AND (theme_group IS NULL OR access <> 'invited') ORDER BY month",
        now,
        ZONE,
        PUBLIC_STATES,
        past,
    )
    return [row["month"] for row in rows[:: -1 if past else 1]]


def _values(filters: Filters, span: Span, states: tuple[str, ...]) -> tuple[object, ...]:
    first, following = month_bounds(filters.month) or (None, None)
    return (
        list(states),
        filters.region,
        filters.theme,
        filters.kind,
        first,
        following,
        span.ends_after,
        span.ends_before,
        span.starts_before,
        span.archived,
    )
