"""Writing the demo's projects and events."""

import tomllib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID, uuid4

from events.core import database
from events.core.actor import SYSTEM
from events.demo.agenda import add_meeting_agenda, add_to_all
from events.demo.attendance import Registered
from events.demo.plan import DEMO_PROJECT, Planned
from events.demo.rows import copy_rows
from events.programme import rules
from events.programme.plan.actions import NewEntry, add_entry, make_planned_event
from events.programme.series import recurrence
from events.programme.series.actions import repeat
from events.programme.series.recurrence import Plan

MATERIALS = "[Esitykset ja muistio / Presentationer och anteckningar](https://aineistot.sixnet.example/)"
CONTACT = ("Oskari Järjestäjä", "organiser@sixnet.example")
TOUR = "SIXNET-roadshow"
"""So begin the titles of the events of a series in `history.csv`."""

ARCHIVED_AFTER = timedelta(days=3 * 365)
"""So the oldest events of the network's history stand in the archive."""

_TEXTS = ("title", "description")
_HOLDS = {"confirmed", "offered"}


async def add_project(now: datetime) -> None:
    """Insert the made-up project under which the demo's present events are held: the real ones have ended."""
    year = now.year
    await database.execute(
        """INSERT INTO project (id, code, name_fi, name_sv, name_en, funder, instrument, starts_on, ends_on,
               target_regions, counted_roles, counted_kinds, statement_fi, statement_sv, statement_en,
               emblem, emblem_type, emblem_alt_fi, emblem_alt_sv, emblem_alt_en)
           SELECT $1, $2, 'Esimerkkihanke – verkosto jatkaa', 'Exempelprojektet – nätverket fortsätter',
               'Example project – the network goes on', 'Esimerkkirahoittaja', 'Esimerkkirahoitus',
               make_date($3::int - 1, 1, 1), make_date($3::int + 1, 12, 31),
               target_regions || ARRAY['02', '07', '11', '15'], counted_roles, counted_kinds,
               'Keksitty hanke: vain esittelyä varten.', 'Ett påhittat projekt, bara för demon.',
               'A made-up project, for this demo only.',
               $4, 'image/png', 'Esimerkkirahoittajan tunnus', 'Exempelfinansiärens emblem', 'Example funder’s emblem'
           FROM project WHERE code = 'SIXNET'""",
        *(uuid4(), DEMO_PROJECT, year, (files("events.demo") / "data" / "emblem.png").read_bytes()),
    )


async def add_events(events: Sequence[Planned], known: Sequence[Registered], now: datetime) -> None:
    """Insert events and sites, with the counters that the registrations add up to."""
    await copy_rows("event", [_event_row(event, now) for event in events])
    await copy_rows("site", _site_rows(events, known))
    await copy_rows(
        "event_theme",
        [{"id": uuid4(), "event": event.id, "theme": theme} for event in events for theme in event.themes],
    )
    projects = {row["code"]: row["id"] for row in await database.fetch("SELECT code, id FROM project")}
    await copy_rows(
        "event_project",
        [{"id": uuid4(), "event": event.id, "project": projects[code]} for event in events for code in event.projects],
    )


async def add_series(now: datetime) -> None:
    """Let a theme group meet every month but in July: its next meeting is the first, the others are drafts."""
    row = await database.fetchrow(
        "SELECT id, starts_at FROM event WHERE kind = 'meeting' AND state = 'published' AND starts_at > $1"
        " AND title_fi LIKE 'Teemaryhmä %' ORDER BY starts_at LIMIT 1",
        now,
    )
    if row is None:
        raise RuntimeError("the demo's programme has no coming meeting of a theme group")
    day = rules.to_local(row["starts_at"], rules.ZONE).date()
    monthly = recurrence.monthly(1, [recurrence.position_in_month(day)], recurrence.WEEKDAYS[day.weekday()])
    rule = recurrence.bounded(monthly, skipped=[7], until=None, times=6)
    await add_meeting_agenda(row["id"], row["starts_at"])
    await repeat(row["id"], Plan(rule=rule), actor=SYSTEM, now=now)
    await add_to_all(row["id"], row["starts_at"], now)


async def add_tour(events: Sequence[Planned], now: datetime) -> None:
    """Let the roadshow's workshops of the network's history be a series: what was answered compares over them."""
    tour = [event for event in events if event.titles["fi"].startswith(TOUR)]
    series = uuid4()
    await database.execute("INSERT INTO series (id, created_at) VALUES ($1, $2)", series, now)
    await database.execute(
        "UPDATE event SET series = $1, series_day = (starts_at AT TIME ZONE zone)::date WHERE id = ANY($2)",
        *(series, [event.id for event in tour]),
    )


async def add_plan(now: datetime) -> None:
    """Plan this year and the next by quarter; of one entry an event has been made."""
    plan = tomllib.loads((files("events.demo") / "data" / "year.toml").read_text(encoding="utf-8"))["entry"]
    for entry in plan:
        year = now.year + entry.pop("next_year", 0)
        new = NewEntry(year=year, project=DEMO_PROJECT, **entry)
        identity = await add_entry(new, actor=SYSTEM, now=now)
        if entry is plan[0]:
            await make_planned_event(identity, region=None, actor=SYSTEM, now=now)


def _event_row(event: Planned, now: datetime) -> dict[str, Any]:
    texts = {
        f"{name}_{code}": getattr(event, f"{name}s").get(code, "") for name in _TEXTS for code in ("fi", "sv", "en")
    }
    announced = None if event.state == "draft" else min(event.opens_at, now) - timedelta(days=1)
    return {
        **{name: getattr(event, name) for name in ("id", "slug", "kind", "state", "starts_at", "ends_at", "languages")},
        **texts,
        "host_region": event.region,
        "registration_opens_at": event.opens_at,
        "registration_closes_at": event.starts_at,
        "waiting_list": event.waiting_list,
        "needs_approval": event.needs_approval,
        "contact_name": CONTACT[0],
        "contact_email": CONTACT[1],
        "survey_enabled": event.kind != "meeting",
        "materials": MATERIALS if event.reconciled else "",
        "sequence": int(event.state == "cancelled"),
        "published_at": announced,
        "cancelled_at": now - timedelta(days=2) if event.state == "cancelled" else None,
        "reconciled_at": event.ends_at + timedelta(days=2) if event.reconciled else None,
        "archived_at": event.ends_at + ARCHIVED_AFTER if event.ends_at + ARCHIVED_AFTER < now else None,
        "created_at": announced or now,
    }


def _site_rows(events: Sequence[Planned], known: Sequence[Registered]) -> list[dict[str, Any]]:
    taken: Counter[UUID] = Counter(one.site.id for one in known if one.state in _HOLDS)
    waiting: Counter[UUID] = Counter(one.site.id for one in known if one.state == "waitlisted")
    line: Counter[UUID] = Counter(one.site.id for one in known)
    return [
        {
            "id": site.id,
            "event": event.id,
            "mode": site.mode,
            "name": site.name,
            # drafts lack what their checklist is to find
            "address": "Esimerkkikatu 1" if site.mode == "venue" and event.state != "draft" else "",
            "municipality": site.municipality,
            "join_url": "https://meet.sixnet.example/room" if site.mode == "online" and event.state != "draft" else "",
            "capacity": site.capacity,
            "taken": taken[site.id],
            "waiting": waiting[site.id],
            "line": line[site.id],
            "position": position,
        }
        for event in events
        for position, site in enumerate(event.sites)
    ]
