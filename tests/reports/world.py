"""A small world of events and participations, in the database and as plain rows to count by hand."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st

from events.core import database
from events.reports.filters import Filters
from tests.factories import insert, make_event, make_person

FIRST = date(2026, 1, 10)
REGIONS = ("06", "14", "")
PROJECTS = {
    "P1": (["participant", "speaker"], ["meeting", "workshop", "experience_exchange"]),
    "P2": (["participant"], ["workshop"]),
}
DAYS = (0, 1, 30, 60)
THEMES = ("digitalisation", "low-carbon")
ROLES = ("participant", "speaker", "project_staff")
KINDS = ("meeting", "workshop")
SERIES = UUID(int=7)
DEFAULT_ROLES = {"participant", "speaker"}


@dataclass
class Row:
    """A participation with what the report knows of its event."""

    event: int
    person: int
    organisation: int | None
    role: str = "participant"
    region: str = "06"
    country: str = "FI"
    organisation_type: str = "company"
    size_class: str = "small"
    minutes: int = 60
    certain: bool = True
    mode: str = "venue"


@dataclass
class Held:
    """An event of the world."""

    kind: str = "workshop"
    day: int = 0
    projects: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    reconciled: bool = True
    host: str = "06"
    series: int | None = None

    @property
    def held_on(self) -> date:
        return FIRST + timedelta(days=self.day)


@dataclass
class World:
    """Events and rows; rows of the same event and person are one."""

    events: list[Held] = field(default_factory=lambda: [Held()])
    rows: list[Row] = field(default_factory=list)


def worlds() -> st.SearchStrategy[World]:
    """Worlds of five events with few or many participations."""
    held = st.builds(
        Held,
        kind=st.sampled_from(KINDS),
        day=st.sampled_from(DAYS),
        projects=st.sets(st.sampled_from(sorted(PROJECTS))).map(lambda chosen: tuple(sorted(chosen))),
        themes=st.sets(st.sampled_from(THEMES)).map(lambda chosen: tuple(sorted(chosen))),
        reconciled=st.sampled_from([True, True, True, False]),
        host=st.sampled_from(["06", "14"]),
        series=st.sampled_from([None, 0]),
    )
    row = st.builds(
        Row,
        event=st.integers(0, 4),
        person=st.integers(0, 9),
        organisation=st.none() | st.integers(0, 4),
        role=st.sampled_from(ROLES),
        region=st.sampled_from(REGIONS),
        country=st.sampled_from(["FI", "SE"]),
        organisation_type=st.sampled_from(["company", "university", "unknown"]),
        size_class=st.sampled_from(["micro", "none", "unknown"]),
        minutes=st.integers(0, 500),
        certain=st.booleans(),
        mode=st.sampled_from(["venue", "online"]),
    )
    sizes = st.sampled_from([(0, 3), (12, 30), (20, 40)])
    rows = sizes.flatmap(
        lambda size: st.lists(row, min_size=size[0], max_size=size[1], unique_by=lambda each: (each.event, each.person))
    )
    return st.builds(World, st.lists(held, min_size=5, max_size=5), rows)


def filters() -> st.SearchStrategy[Filters]:
    """Filters that sometimes let everything in, and sometimes nothing."""
    day = st.sampled_from(DAYS).map(lambda days: FIRST + timedelta(days=days))
    return st.builds(
        Filters,
        start=_mostly_none(day),
        end=_mostly_none(day),
        project=_mostly_none(st.sampled_from(sorted(PROJECTS))),
        region=_mostly_none(st.sampled_from(["06", "14", "unknown", "abroad"])),
        theme=_mostly_none(st.sampled_from(THEMES)),
        kind=_mostly_none(st.sampled_from(KINDS)),
        host=_rarely(st.sampled_from(["06", "14"])),
        series=_rarely(st.just(SERIES)),
        type=_rarely(st.sampled_from(["company", "university", "unknown"])),
        size=_rarely(st.sampled_from(["micro", "none"])),
        mode=_rarely(st.sampled_from(["venue", "online"])),
    )


def _rarely(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(*[st.none()] * 6, values)


def _mostly_none(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), st.none(), st.none(), values)


async def build(world: World) -> list[UUID]:
    """Put a world into the database; returns the events' ids."""
    projects = {code: await _project(code) for code in PROJECTS}
    await insert("series", id=SERIES, rule="FREQ=MONTHLY")
    persons = [await make_person(f"Henkilö{each}") for each in range(max([9, *(row.person for row in world.rows)]) + 1)]
    organisations = [
        await insert("organisation", name=f"Yritys {n}", folded=f"yritys {n} {uuid4().hex}")
        for n in range(max([4, *(row.organisation or 0 for row in world.rows)]) + 1)
    ]
    events = [await _event(held, projects) for held in world.events]
    sites = [await database.fetchval("SELECT id FROM site WHERE event = $1", event) for event in events]
    for row in world.rows:
        owner = None if row.organisation is None else organisations[row.organisation]
        held_on = world.events[row.event].held_on
        registration = await _registration(events[row.event], sites[row.event], persons[row.person])
        await _participation(row, registration, held_on, owner)
    return events


async def _project(code: str) -> UUID:
    roles, kinds = PROJECTS[code]
    return await insert(
        "project",
        code=code,
        name_fi=code,
        funder="Rahoittaja",
        instrument="EAKR",
        starts_on=FIRST,
        ends_on=FIRST,
        counted_roles=roles,
        counted_kinds=kinds,
    )


async def _event(held: Held, projects: dict[str, UUID]) -> UUID:
    starts = datetime.combine(held.held_on, time(9), UTC)
    event = await make_event(
        starts_at=starts,
        ends_at=starts + timedelta(hours=6),
        kind=held.kind,
        host_region=held.host,
        series=None if held.series is None else SERIES,
        reconciled_at=starts + timedelta(days=1) if held.reconciled else None,
    )
    for code in held.projects:
        await insert("event_project", event=event, project=projects[code])
    for theme in held.themes:
        await insert("event_theme", event=event, theme=theme)
    return event


async def _registration(event: UUID, site: UUID, person: UUID) -> dict[str, UUID]:
    identity = uuid4()
    await insert(
        "registration",
        id=identity,
        event=event,
        person=person,
        site=site,
        state="confirmed",
        number=1,
        ticket_hash=identity.bytes,
        ticket_code=identity.hex[:6],
        manage_hash=identity.bytes,
    )
    return {"registration": identity, "event": event, "person": person}


async def _participation(row: Row, keys: dict[str, UUID], held_on: date, organisation: UUID | None) -> None:
    event = await database.fetchrow("SELECT kind, host_region FROM event WHERE id = $1", keys["event"])
    assert event
    await insert(
        "participation",
        **keys,
        organisation=organisation,
        role=row.role,
        held_on=held_on,
        event_kind=event["kind"],
        host_region=event["host_region"],
        site_mode=row.mode,
        organisation_type=row.organisation_type,
        size_class=row.size_class,
        region=row.region,
        country=row.country,
        person_certain=row.certain,
        minutes=row.minutes,
        source="scan",
    )


def admitted(world: World, wanted: Filters) -> list[Row]:
    """The rows that filters let in, counted or not: by hand."""

    def fits(row: Row) -> bool:
        held = world.events[row.event]
        return (
            held.reconciled
            and (wanted.host is None or wanted.host == held.host)
            and (wanted.series is None or held.series is not None)
            and (wanted.type is None or wanted.type == row.organisation_type)
            and (wanted.size is None or wanted.size == row.size_class)
            and (wanted.mode is None or wanted.mode == row.mode)
            and (wanted.start is None or held.held_on >= wanted.start)
            and (wanted.end is None or held.held_on <= wanted.end)
            and (wanted.project is None or wanted.project in held.projects)
            and (wanted.theme is None or wanted.theme in held.themes)
            and (wanted.kind is None or wanted.kind == held.kind)
            and (wanted.region is None or wanted.region == cell_of("region", row, world)[0])
        )

    return [row for row in world.rows if fits(row)]


def counts(row: Row, world: World, project: str | None) -> bool:
    """Whether a row counts: by hand."""
    held = world.events[row.event]
    if not held.projects:
        return row.role in DEFAULT_ROLES
    asked = [project] if project else held.projects
    return any(row.role in PROJECTS[code][0] and held.kind in PROJECTS[code][1] for code in asked)


def cell_of(by: str, row: Row, world: World) -> list[str]:
    """The cells in which a row stands: by hand."""
    held = world.events[row.event]
    cells: dict[str, Callable[[], list[str]]] = {
        "region": lambda: [row.region or ("unknown" if row.country == "FI" else "abroad")],
        "organisation_type": lambda: [row.organisation_type],
        "size_class": lambda: [row.size_class],
        "event_kind": lambda: [held.kind],
        "site_mode": lambda: [row.mode],
        "month": lambda: [f"{held.held_on:%Y-%m}"],
        "theme": lambda: list(held.themes) or ["none"],
        "project": lambda: [code for code in held.projects if counts(row, world, code)] or ["none"],
    }
    return cells[by]()


def by_hand(rows: Iterable[Row]) -> dict[str, Any]:
    """The figures of some rows, counted in plain Python."""
    rows = list(rows)
    certain = {row.person for row in rows if row.certain}
    persons = {row.person for row in rows}
    return {
        "participations": len(rows),
        "persons": len(persons),
        "organisations": len({row.organisation for row in rows if row.organisation is not None}),
        "minutes": sum(row.minutes for row in rows),
        "without_address": len(persons - certain),
        "without_organisation": sum(row.organisation is None for row in rows),
    }
