"""One edit for several events of a series, in one transaction; what each of them takes over says `carrying`."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from msgspec import UNSET, Struct, structs

from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.programme import rules
from events.programme.carrying import Carried, carried_over
from events.programme.editing import Edited, EventChanges, edit_event
from events.programme.queries import EventView
from events.programme.series.actions import editable_together
from events.programme.series.queries import Scope, reached, series_of
from events.programme.series.refusing import saying_the_day

MOVED_APART = ("times",)
"""What stays marked of the event that is edited itself: the others are moved by as much, so it is still apart."""


class SeriesEdited(Struct, frozen=True):
    """What an edit did to the event itself, to how many others, in how many something was kept; messages in all."""

    own: Edited
    others: int
    kept: int
    told: int


async def edit_in_series(
    event_id: UUID,
    changes: EventChanges,
    scope: Scope,
    *,
    actor: Actor,
    now: datetime,
    version: int | None = None,
    by_hand_too: bool = False,
) -> SeriesEdited:
    """Change an event, and others of its series alike: all, or nothing when one of them refuses.

    What was changed by hand in one of the others is kept there, unless that is to be changed `by_hand_too`.

    Raises what `edit_event` does; what another event of the series refuses is said with its date.
    """
    async with transaction():
        event = await editable_together(event_id, actor, now)
        changes = _with_origins(event, changes)
        together = scope != Scope.THIS
        own = MOVED_APART if together else None
        edited = await edit_event(event_id, changes, actor=actor, now=now, version=version, with_series=own)
        if not together or event.series is None or not edited.changed:
            return SeriesEdited(edited, 0, 0, edited.told)
        events = reached(await series_of(event.series), event, scope, actor, now)
        others = [each for each in events if each.id != event_id]
        carry = partial(carried_over, event, changes, by_hand_too=by_hand_too)
        done = [await _edit_alike(carry, other, actor, now) for other in others]
        if days := _days_moved(event, changes):
            moved = [event_id, *(other.id for other, (_, result) in zip(others, done, strict=True) if _moves(result))]
            await _move_days(event.series, moved, days)
    return SeriesEdited(
        edited,
        sum(bool(result.changed) for _, result in done),
        sum(kept for kept, _ in done),
        edited.told + sum(result.told for _, result in done),
    )


def _with_origins(event: EventView, changes: EventChanges) -> EventChanges:
    """Let new sites be known again in the other events that get them too."""
    if changes.sites is UNSET:
        return changes
    known = {site.id for site in event.sites}
    sites = [site if site.id in known else structs.replace(site, origin=uuid4()) for site in changes.sites]
    return structs.replace(changes, sites=sites)


async def _edit_alike(
    carry: Callable[[EventView], Carried], other: EventView, actor: Actor, now: datetime
) -> tuple[bool, Edited]:
    """Edit another event of the series; returns whether something was kept there, and what the edit did."""
    with saying_the_day(other):
        carried = carry(other)
        return carried.kept, await edit_event(other.id, carried.changes, actor=actor, now=now, with_series=())


def _moves(result: Edited) -> bool:
    return "starts_at" in result.changed


def _days_moved(event: EventView, changes: EventChanges) -> int:
    zone = event.zone if changes.zone is UNSET else changes.zone
    start = event.starts_at if changes.starts_at is UNSET else changes.starts_at
    return (rules.to_local(start, zone).date() - rules.to_local(event.starts_at, event.zone).date()).days


async def _move_days(series: UUID, events: Sequence[UUID], days: int) -> None:
    """Give events that moved together their new days; the rule does not say them any more."""
    await database.execute("UPDATE event SET series_day = series_day + $2::int WHERE id = ANY($1)", list(events), days)
    await database.execute("UPDATE series SET rule = '' WHERE id = $1", series)
