"""The rows behind a figure: which participations, of whom, for those who may see persons."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import msgspec
from asyncpg import Record
from msgspec import Struct

from events.core.i18n import pick
from events.core.replica import snapshot
from events.core.text import sort_sql
from events.network import queries as network
from events.reports import words
from events.reports.counting import found as counting
from events.reports.filters import Filters, Reach

PAGE = 200
"""Rows of one page."""


class Behind(Struct, frozen=True, kw_only=True):
    """Which figure is opened: `by` and `cell` name a cell of a break-down, and `whose` rows of it alone.

    `by` "event" is an event by its slug, "role" and "kind" what was not counted for that reason; "heat" is a theme and
    a region with a comma between; "new_persons", "returning_organisations", "uncertain" and the like need no cell; with
    neither, all that counts. `person` and `organisation` are ids.
    """

    by: str = ""
    cell: str = ""
    person: UUID | None = None
    organisation: UUID | None = None


ALL = Behind()
"""Everything that counts."""


class ParticipationRow(Struct, frozen=True, kw_only=True):
    """One participation with its person; names are empty once the person or the event's data were deleted."""

    id: UUID
    held_on: date
    slug: str
    title_fi: str
    title_sv: str
    title_en: str
    given_name: str
    family_name: str
    organisation: str
    role: str
    region: str
    minutes: int

    @property
    def title(self) -> tuple[str, str]:
        """The event's title and its language."""
        return pick({"fi": self.title_fi, "sv": self.title_sv, "en": self.title_en})

    @property
    def role_name(self) -> str:
        """The role in the present language."""
        return str(words.ROLES.get(self.role, self.role))


class Rows(Struct, frozen=True, kw_only=True):
    """One page: `next` is what the page after it begins behind; the sums of all pages stand on the first alone."""

    rows: list[ParticipationRow]
    next: UUID | None = None
    total: int | None = None
    minutes: int | None = None


PERSON_NAMED = sort_sql("person.given_name || ' ' || person.family_name")
"""The SQL by which persons are put in order."""

_SELECT = f"""
SELECT shown.id, shown.held_on, event.slug, event.title_fi, event.title_sv, event.title_en, shown.minutes, shown.role,
    shown.region, person.given_name, person.family_name, coalesce(organisation.name, '') AS organisation
FROM shown
JOIN event ON event.id = shown.event
JOIN registration ON registration.id = shown.registration
JOIN person ON person.id = registration.person
LEFT JOIN organisation ON organisation.id = shown.organisation
WHERE $19::timestamptz IS NULL
    OR (event.starts_at, event.slug, {PERSON_NAMED}, shown.id) > ($19, $20::text, $21::text, $22::uuid)
ORDER BY event.starts_at, event.slug, {PERSON_NAMED}, shown.id LIMIT $23
"""

# Those of the period alone: to look for rows at thousands of events before it takes seconds.
_EVENTS = f"""
SELECT event.id FROM event WHERE event.reconciled_at IS NOT NULL AND {counting.CHOSEN_EVENTS}
    AND ($15::timestamptz IS NULL OR (event.starts_at, event.slug) >= ($15, $16::text))
    AND (($1::date IS NULL AND $2::date IS NULL)
        OR event.id IN (SELECT entry.event FROM participation AS entry WHERE {counting.PERIOD}))
ORDER BY event.starts_at, event.slug
"""

_OF_EVENTS = "WHERE event.id = ANY($18::uuid[]) AND event.reconciled_at IS NOT NULL"

FEW, MANY = 4, 128
"""Events of which rows are first looked for: many where each look reads all that was before the period as well."""

_SUMS = "SELECT count(*) AS total, coalesce(sum(minutes), 0)::bigint AS minutes FROM shown"

_KEY = f"""
SELECT event.starts_at, event.slug, {PERSON_NAMED}, participation.id FROM participation
JOIN event ON event.id = participation.event
JOIN registration ON registration.id = participation.registration
JOIN person ON person.id = registration.person
WHERE participation.id = $1
"""

COUNTING = "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL enable_nestloop = off"
"""For what reads all rows of a figure: the planner takes them for few."""

_COLUMN = {
    **{name: f"{name}::text" for name in (*counting.DIMENSIONS, "site_mode")},
    "event": "(SELECT event.slug FROM event WHERE event.id = counted.event)",
    **{name: cell for name, (cell, _join) in counting.OVERLAPPING.items()},
    "heat": f"{counting.OVERLAPPING['theme'][0]} || ',' || region",
}

_JOIN = {
    **{name: join for name, (_cell, join) in counting.OVERLAPPING.items()},
    "heat": counting.OVERLAPPING["theme"][1],
}

_SEEN = {
    f"{seen}_{whom}s": f"{whom} {test} ({counting.EARLIER} SELECT {whom} FROM counted WHERE {whom} IS NOT NULL)"
    for seen, test in (("new", "NOT IN"), ("returning", "IN"))
    for whom in ("person", "organisation")
}
"""Rows of who came for the first time in the period, or had come before it, by the same filters without the period."""


_UNCERTAIN = "NOT person_certain OR person = ANY(string_to_array($15::text, ',')::uuid[])"

Given = tuple[str, UUID | None, UUID | None]


async def rows(filters: Filters, reach: Reach, behind: Behind, *, after: UUID | None = None) -> Rows:
    """Return the rows behind a figure that follow the row `after`, or the first; of an unknown `by` there are none.

    Rows stand event by event, and a page reads those of its own events alone.
    """
    async with snapshot() as connection:
        opened = await shown_of(behind)
        if opened is None:
            return Rows(rows=[], total=0, minutes=0)
        shown, given = opened[0], (*counting.arguments(filters, reach), *opened[1])
        key = (None, None, None, None) if after is None else await connection.fetchrow(_KEY, after)
        if key is None:
            return Rows(rows=[])
        sums = {}
        if after is None:
            await connection.execute(COUNTING)
            sums = dict(await connection.fetchrow(f"{shown} {_SUMS}", *given))
            await connection.execute("SET LOCAL enable_nestloop = on")
        events = await connection.fetch(_EVENTS, *counting.arguments(filters, reach), *tuple(key)[:2])
        found: list[Record] = []
        of_events = shown.replace("WHERE event.reconciled_at IS NOT NULL", _OF_EVENTS, 1)
        for chunk in _growing([row["id"] for row in events], MANY if behind.by in _SEEN else FEW):
            missing = PAGE + 1 - len(found)
            found += await connection.fetch(f"{of_events} {_SELECT}", *given, chunk, *key, missing)
            if len(found) > PAGE:
                break
    made = [msgspec.convert(dict(row), ParticipationRow) for row in found[:PAGE]]
    return Rows(rows=made, next=made[-1].id if len(found) > PAGE else None, **sums)


def _growing(events: list[UUID], size: int) -> Iterator[list[UUID]]:
    """Yield the events in pieces, each twice as long as the one before."""
    start = 0
    while start < len(events):
        yield events[start : start + size]
        start, size = start + size, size * 2


async def shown_of(behind: Behind) -> tuple[str, Given] | None:
    """Return the SQL up to `shown`, the rows behind a figure, and what it takes after the filters: $15 to $17.

    None for an unknown break-down. Call it in a snapshot.
    """
    source = _source(behind.by)
    if source is None:
        return None
    whose = (
        "($16::uuid IS NULL OR one.person = $16) AND ($17::uuid IS NULL OR one.organisation = $17)"
        if behind.person or behind.organisation
        else "$16::uuid IS NULL AND $17::uuid IS NULL"
    )
    cell = behind.cell.replace("-", "") if behind.by == "month" else behind.cell
    if behind.by == "uncertain":
        _state, doubles = await network.likely_doubles()
        cell = ",".join(map(str, doubles))
    sql = f"{counting.FOUND}, shown AS (SELECT * FROM ({source}) AS one WHERE {whose})"
    return sql, (cell, behind.person, behind.organisation)


def _source(by: str) -> str | None:
    """Return the SELECT of the rows of a break-down; $15 is the cell."""
    if not by:
        return "SELECT counted.* FROM counted WHERE '' = $15::text"
    if by == "uncertain":
        return f"SELECT counted.* FROM counted WHERE {_UNCERTAIN}"
    if by in {"role", "kind"}:
        column = "role" if by == "role" else "event_kind"
        return f"SELECT found.* FROM found WHERE why = '{by}' AND {column} = $15::text"
    if by in _SEEN:
        return f"SELECT counted.* FROM counted WHERE {_SEEN[by]} AND '' = $15::text"
    if by not in _COLUMN:
        return None
    return f"SELECT counted.* FROM counted {_JOIN.get(by, '')} WHERE {_COLUMN[by]} = $15::text"
