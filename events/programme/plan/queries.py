"""Reads of the plan of a year: what is planned, coming and held, in a grid of themes or regions by quarter."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from events.accounts.rules import Action, may, reach
from events.core import database
from events.core.actor import Actor
from events.core.i18n import LANGUAGES, pick
from events.network.queries import Named
from events.programme import rules
from events.programme.queries import REGIONS
from events.programme.tables import EventState

QUARTERS = (1, 2, 3, 4)


class Entry(Struct, frozen=True, kw_only=True):
    """Something planned for a quarter; `project` is a code, `event` the one made of it unless that was cancelled."""

    id: UUID
    year: int
    quarter: int
    theme: str | None
    region: str | None
    project: str | None
    kind: str
    title: str
    language: str
    note: str
    event: UUID | None
    slug: str | None


class Item(Struct, frozen=True, kw_only=True):
    """What stands in a cell: an `entry` still to be made an event, or an event; `url` None when it has no page.

    `may_make`: who looks may make an event of the entry.
    """

    state: str
    title: str
    language: str
    kind: str
    quarter: int
    themes: list[str]
    regions: list[str]
    url: str | None
    starts_at: datetime | None = None
    zone: str = rules.ZONE
    entry: UUID | None = None
    may_make: bool = False
    note: str = ""


class Row(Struct, frozen=True):
    """A theme or region ("" for what has none) and what stands in each quarter."""

    code: str
    name: str
    cells: list[list[Item]]


_ENTRIES = """
SELECT planned_entry.*, project.code AS project, event.id AS event, event.slug
FROM planned_entry LEFT JOIN project ON project.id = planned_entry.project
LEFT JOIN event ON event.id = planned_entry.event AND event.state <> 'cancelled'
"""

_EVENTS = f"""
SELECT event.id, slug, kind, state, title_fi, title_sv, title_en, starts_at, ends_at, zone, host_region, reconciled_at,
    extract(quarter FROM starts_at AT TIME ZONE zone)::int AS quarter,
    ARRAY(SELECT theme FROM event_theme WHERE event_theme.event = event.id) AS themes, ARRAY({REGIONS}) AS regions
FROM event
WHERE extract(year FROM starts_at AT TIME ZONE zone) = $1 AND state <> 'cancelled'
  AND ($2 = '' OR EXISTS (SELECT FROM event_project JOIN project ON project.id = event_project.project
                          WHERE event_project.event = event.id AND project.code = $2))
  AND (state = 'published' OR $3 OR host_region = ANY($4) OR event.id = ANY($5))
ORDER BY starts_at, slug
"""


async def entry(entry_id: UUID) -> Entry | None:
    """Return a planned entry, or None when there is none."""
    row = await database.fetchrow(f"{_ENTRIES} WHERE planned_entry.id = $1", entry_id)
    return msgspec.convert(dict(row), Entry) if row else None


async def locked_entry(entry_id: UUID) -> Entry | None:
    """Return an entry and keep others from changing it until the transaction ends.

    It is read after the lock is held: a joined row would be as it was before the wait.
    """
    await database.fetchval("SELECT id FROM planned_entry WHERE id = $1 FOR UPDATE", entry_id)
    return await entry(entry_id)


async def items(year: int, project: str, *, actor: Actor, now: datetime) -> list[Item]:
    """Return what is planned for a year and what is or was held in it; drafts only those the actor may edit."""
    open_entries = await database.fetch(
        f"{_ENTRIES} WHERE year = $1 AND ($2 = '' OR project.code = $2) AND event.id IS NULL ORDER BY title, 1",
        year,
        project,
    )
    everywhere, regions, events = reach(actor, Action.EDIT_EVENTS, now=now)
    held = await database.fetch(_EVENTS, year, project, everywhere, list(regions), list(events))
    return [
        *(_event_item(row, actor, now) for row in held),
        *(_entry_item(msgspec.convert(dict(row), Entry), actor, now) for row in open_entries),
    ]


def _entry_item(entry: Entry, actor: Actor, now: datetime) -> Item:
    return Item(
        state="planned",
        title=entry.title,
        language=entry.language,
        kind=entry.kind,
        quarter=entry.quarter,
        themes=[entry.theme] if entry.theme else [],
        regions=[entry.region] if entry.region else [],
        url=f"/staff/clock/{entry.id}" if may_plan(actor, entry.region, now) else None,
        entry=entry.id,
        may_make=may_make(actor, entry.region, now),
        note=entry.note,
    )


def _event_item(row: Any, actor: Actor, now: datetime) -> Item:
    title, language = pick({code: row[f"title_{code}"] for code in LANGUAGES})
    mine = may(actor, Action.EDIT_EVENTS, now=now, event_id=row["id"], region=row["host_region"])
    was = row["state"] == EventState.PUBLISHED and row["ends_at"] <= now
    return Item(
        state="held" if was else row["state"],
        title=title,
        language=language,
        kind=row["kind"],
        quarter=row["quarter"],
        themes=row["themes"],
        regions=row["regions"],
        url=f"/staff/events/{row['slug']}" if mine else f"/events/{row['slug']}",
        starts_at=row["starts_at"],
        zone=row["zone"],
    )


def may_make(actor: Actor, region: str | None, now: datetime) -> bool:
    """Say whether `actor` may make an event of what is planned for a region; for none, whether they may anywhere."""
    everywhere, regions, _events = reach(actor, Action.EDIT_EVENTS, now=now)
    return everywhere or (region in regions if region else bool(regions))


def may_plan(actor: Actor, region: str | None, now: datetime) -> bool:
    """Say whether `actor` may change the plan of a region, or of the whole network when none is given."""
    return may(actor, Action.PLAN_YEAR, now=now, region=region)


def grid(found: Sequence[Item], names: Sequence[Named], view: str, nameless: str) -> list[Row]:
    """Return a row per theme or region; one more, called `nameless`, when something has none.

    An event with several themes, or venues in several regions, stands in the row of each.
    """
    rows = [Row(each.code, each.name, [[] for _ in QUARTERS]) for each in names]
    rows.append(Row("", nameless, [[] for _ in QUARTERS]))
    by_code = {row.code: row for row in rows}
    for item in found:
        codes = item.themes if view == "themes" else item.regions
        for code in codes or [""]:
            by_code[code].cells[item.quarter - 1].append(item)
    return rows if any(rows[-1].cells) else rows[:-1]
