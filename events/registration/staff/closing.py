"""Closing a site of an event: nobody comes to it any more, and who is registered there is moved or cancelled.

Everything in one transaction: the event, then all its sites, then the registrations are locked, each in the order of
their ids, as everybody does.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database, jobs
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, Invalid, NotFound
from events.core.i18n import gettext as _
from events.programme.actions import editable
from events.programme.queries import EventView, SiteView
from events.programme.tables import EventState
from events.registration.actions import cancel, move_site
from events.registration.held import lock_together
from events.registration.line import lock_sites_of
from events.registration.tables import State


class Concerned(Struct, frozen=True):
    """Someone who is registered at a site; `reached` says whether there is an address to write to."""

    id: UUID
    name: str
    state: str
    reached: bool


class Closed(Struct, frozen=True):
    """What closing did: how many were moved (`waiting` of them to a line) or cancelled, and who is still there."""

    moved: int
    cancelled: int
    rest: int


async def concerned(site_id: UUID) -> list[Concerned]:
    """Return who is registered at a site, in the order in which they are to be moved: places before lines."""
    rows = await database.fetch(_CONCERNED, site_id)
    return [Concerned(**row) for row in rows]


_CONCERNED = """
SELECT registration.id, trim(given_name || ' ' || family_name) AS name, registration.state,
    person.email IS NOT NULL AS reached
FROM registration JOIN person ON person.id = registration.person
WHERE site = $1 AND state NOT IN ('cancelled', 'declined')
ORDER BY state NOT IN ('confirmed', 'offered', 'awaiting_address'), number
"""


async def close_site(
    event_id: UUID, site_id: UUID, *, to: UUID | None, message: str, seen: int, actor: Actor, now: datetime
) -> Closed:
    """Close a site; move everyone there `to` another, or (None) cancel them with a `message`.

    Who finds no place at the other site stays where they are, for the organiser to decide; the site is closed all the
    same. `seen` is how many people the organiser was told it concerns. Raises NotFound, Invalid (`site`) for a place
    that is none, Conflict for the last open site, what is over or cancelled, and ("stale") when others have come since.
    """
    async with transaction():
        event, site = await _closable(event_id, site_id, actor, now)
        if to is not None and to not in {other.id for other in event.open_sites if other.id != site_id}:
            raise Invalid({"site": [_("The event has no such place to attend.")]})
        await lock_sites_of(event_id)
        people = await concerned(site_id)
        if len(people) != seen:
            raise Conflict(
                _("Meanwhile somebody has registered or left. Look at the numbers again, then press once more."),
                code="stale",
            )
        await lock_together([each.id for each in people])
        await database.execute("UPDATE site SET closed_at = coalesce(closed_at, $2) WHERE id = $1", site_id, now)
        done = 0
        for each in people:
            done += await (_moved(each, to, actor, now) if to is not None else _cancelled(each, message, actor, now))
        result = Closed(done if to else 0, 0 if to else done, len(people) - done)
        detail = {"moved": result.moved, "cancelled": result.cancelled, "rest": result.rest}
        if not site.closed or done:
            await audit.record(actor, "site.closed", "event", event_id, now, site=site_id, **detail)
    jobs.nudge("mail.deliver")
    return result


async def reopen_site(event_id: UUID, site_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Let people come to a site again; opening an open one changes nothing. Raises NotFound, Conflict."""
    async with transaction():
        await _closable(event_id, site_id, actor, now, opening=True)
        opened = await database.execute(
            "UPDATE site SET closed_at = NULL WHERE id = $1 AND closed_at IS NOT NULL", site_id
        )
        if opened:
            await audit.record(actor, "site.opened", "event", event_id, now, site=site_id)
    jobs.nudge("waitlist.fill")


async def _closable(
    event_id: UUID, site_id: UUID, actor: Actor, now: datetime, *, opening: bool = False
) -> tuple[EventView, SiteView]:
    """Return an event, locked, and its site; raises what `close_site` says."""
    event = await editable(event_id, actor, now)
    site = next((site for site in event.sites if site.id == site_id), None)
    if site is None or not may(actor, Action.EDIT_REGISTRATIONS, now=now, **event.where):
        raise NotFound
    if event.state == EventState.CANCELLED or now >= event.ends_at or event.archived_at is not None:
        raise Conflict(_("This event is over or cancelled: its places stay as they are."), code="over")
    if not opening and _last(event.open_sites, site_id):
        raise Conflict(
            _("This is the only place that is open. If nobody is to come anywhere, cancel the event."), code="last_site"
        )
    return event, site


def _last(sites: Sequence[SiteView], site_id: UUID) -> bool:
    return all(site.id == site_id for site in sites)


async def _moved(each: Concerned, to: UUID, actor: Actor, now: datetime) -> bool:
    """Move someone where there is a place; who only waits is moved to a place too, never from line to line."""
    try:
        state = await move_site(each.id, to, actor=actor, now=now)
    except Conflict:
        return False
    return state is not State.WAITLISTED


async def _cancelled(each: Concerned, message: str, actor: Actor, now: datetime) -> bool:
    done = await cancel(each.id, actor=actor, now=now, message=message)
    return not done.already
