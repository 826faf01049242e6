"""Use cases of the plan of a year: entries for themes or regions by quarter, and the events that become of them."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from msgspec import Struct, structs

from events.accounts import audit
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, Invalid, NotFound, require
from events.core.i18n import gettext as _
from events.core.i18n import language
from events.programme import rules
from events.programme.actions import NewEvent, NewSite, create_event
from events.programme.plan import queries as plan_queries
from events.programme.plan.queries import Entry, may_plan
from events.programme.slugs import Created
from events.programme.tables import Kind, SiteMode

AHEAD = timedelta(days=14)
"""How far ahead of today the proposed date lies at least: nobody invites for tomorrow."""

_TUESDAY = 1
_BEGINS = time(9, 0)
_LENGTH = {Kind.MEETING: timedelta(minutes=90), Kind.WORKSHOP: timedelta(hours=6)}


class NewEntry(Struct, frozen=True, kw_only=True):
    """What shall be held in a quarter; theme, region and project are codes, each may be missing."""

    year: int
    quarter: int
    kind: str
    title: str
    theme: str | None = None
    region: str | None = None
    project: str | None = None
    note: str = ""


async def add_entry(new: NewEntry, *, actor: Actor, now: datetime) -> UUID:
    """Plan something; raises NotAllowed outside the actor's regions, Invalid without a theme and a region."""
    require(allowed=may_plan(actor, new.region, now))
    identity = uuid4()
    async with transaction():
        columns = {"id": identity, "language": language(), **await _columns(new)}
        places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
        await database.execute(f"INSERT INTO planned_entry ({', '.join(columns)}) VALUES ({places})", *columns.values())
        await audit.record(actor, "plan.added", "planned_entry", identity, now, year=new.year, quarter=new.quarter)
    return identity


async def change_entry(entry_id: UUID, new: NewEntry, *, actor: Actor, now: datetime) -> None:
    """Change what is planned; raises NotFound, NotAllowed in a region that is not the actor's, Conflict once made."""
    async with transaction():
        entry = await _open_entry(entry_id, actor, now)
        require(allowed=may_plan(actor, new.region, now))
        columns = await _columns(new) | ({"language": language()} if new.title != entry.title else {})
        assignments = ", ".join(f"{column} = ${number}" for number, column in enumerate(columns, 2))
        await database.execute(f"UPDATE planned_entry SET {assignments} WHERE id = $1", entry_id, *columns.values())
        await audit.record(actor, "plan.changed", "planned_entry", entry_id, now)


async def remove_entry(entry_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take an entry out of the plan; raises NotFound, Conflict once an event was made of it."""
    async with transaction():
        await _open_entry(entry_id, actor, now)
        await database.execute("DELETE FROM planned_entry WHERE id = $1", entry_id)
        await audit.record(actor, "plan.removed", "planned_entry", entry_id, now)


async def make_planned_event(entry_id: UUID, *, region: str | None, actor: Actor, now: datetime) -> Created:
    """Make a draft of what is planned, in its region or in `region` when it has none; twice gives the same event.

    Raises NotFound, NotAllowed outside the actor's regions, Invalid (`region`) when there is no region.
    """
    async with transaction():
        entry = await plan_queries.locked_entry(entry_id)
        if entry is None:
            raise NotFound
        if entry.event is not None and entry.slug is not None:
            return Created(entry.event, entry.slug)
        host = entry.region or region
        if not host:
            raise Invalid({"region": [_("Choose the host region.")]})
        created = await create_event(_event(entry, host, now), actor=actor, now=now)
        await database.execute("UPDATE planned_entry SET event = $2 WHERE id = $1", entry_id, created.id)
        await audit.record(actor, "plan.event_made", "planned_entry", entry_id, now, slug=created.slug)
    return created


def proposed_day(year: int, quarter: int, today: date) -> date:
    """Return a Tuesday in a quarter, in its middle month, or later when that is too soon; at the latest its last."""
    middle = _tuesday_from(date(year, 3 * quarter - 1, 1))
    end = date(year + quarter // 4, 3 * quarter % 12 + 1, 1) - timedelta(days=1)
    if middle >= today + AHEAD or end < today:
        return middle
    last = _tuesday_from(end - timedelta(days=6))
    return max(middle, min(last, _tuesday_from(today + AHEAD)))


def _tuesday_from(day: date) -> date:
    return day + timedelta(days=(_TUESDAY - day.weekday()) % 7)


def _event(entry: Entry, host: str, now: datetime) -> NewEvent:
    day = proposed_day(entry.year, entry.quarter, rules.to_local(now, rules.ZONE).date())
    starts_at = rules.to_utc(day, _BEGINS, rules.ZONE)
    mode = SiteMode.ONLINE if entry.kind == Kind.MEETING else SiteMode.VENUE
    return NewEvent(
        kind=entry.kind,
        titles={entry.language: entry.title},
        starts_at=starts_at,
        ends_at=starts_at + _LENGTH.get(Kind(entry.kind), _LENGTH[Kind.WORKSHOP]),
        host_region=host,
        themes=(entry.theme,) if entry.theme else (),
        projects=(entry.project,) if entry.project else (),
        sites=(NewSite(mode=mode.value),),
    )


async def _open_entry(entry_id: UUID, actor: Actor, now: datetime) -> Entry:
    """Return an entry, locked, that the actor may change and that no event was made of."""
    entry = await plan_queries.locked_entry(entry_id)
    if entry is None or not may_plan(actor, entry.region, now):
        raise NotFound
    if entry.event is not None:
        raise Conflict(_("An event has been made of this already. Change the event instead."), code="event_made")
    return entry


async def _columns(new: NewEntry) -> dict[str, Any]:
    if new.theme is None and new.region is None:
        raise Invalid({"theme": [_("Choose a theme or a region.")]})
    values = structs.asdict(new)
    values["project"] = await database.fetchval("SELECT id FROM project WHERE code = $1", new.project)
    return values
