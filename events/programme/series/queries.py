"""Reads of series: their events, and those that one change may reach."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from events.accounts.rules import Action, may
from events.core import database
from events.core.actor import Actor
from events.programme.queries import SELECT_EVENT, EventView, event_view
from events.programme.tables import EventState


class Scope(StrEnum):
    """Which events of a series a change is for."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


class SeriesView(Struct, frozen=True):
    """A series: its rule ("" for picked dates) and the days on which nothing is to be made."""

    id: UUID
    rule: str
    left_out: list[date]


async def series_of(series_id: UUID, *, lock: bool = False) -> list[EventView]:
    """Return the events of a series by start; locked in the order of their ids, so that two changes never cross."""
    locking = "FOR NO KEY UPDATE OF event" if lock else ""
    rows = await database.fetch(f"{SELECT_EVENT} WHERE event.series = $1 ORDER BY event.id {locking}", series_id)
    return sorted((event_view(row) for row in rows), key=lambda event: (event.starts_at, event.slug))


async def series_view(series_id: UUID) -> SeriesView | None:
    """Return a series, or None when there is none."""
    row = await database.fetchrow("SELECT id, rule, left_out FROM series WHERE id = $1", series_id)
    return SeriesView(row["id"], row["rule"], row["left_out"]) if row else None


def reached(events: list[EventView], event: EventView, scope: Scope, actor: Actor, now: datetime) -> list[EventView]:
    """Return those a change of `event` is for: what is held, cancelled, reconciled or another's stays as it is."""
    wanted = {
        Scope.THIS: [other for other in events if other.id == event.id],
        Scope.FOLLOWING: [other for other in events if other.starts_at >= event.starts_at],
        Scope.ALL: events,
    }[scope]
    return [
        other
        for other in wanted
        if other.state != EventState.CANCELLED
        and other.reconciled_at is None
        and other.ends_at > now
        and may(actor, Action.EDIT_EVENTS, now=now, event_id=other.id, region=other.host_region)
    ]
