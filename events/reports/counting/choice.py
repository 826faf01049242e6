"""What a count is about, as values for its passes: the chosen events with their projects and themes, months, days."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct

from events.core.remembering import remembered
from events.registration.tables import RegistrationRole
from events.reports.counting.found import CHOSEN_EVENTS, arguments
from events.reports.counting.layout import AXES, KINDS_AND_ROLES, months_until
from events.reports.filters import Filters, Reach

WIDTH = 60
"""Cells of one word of bits."""

NONE = "none"
"""The cell of events without a project, or without a theme."""

_DEFAULT_ROLES = {RegistrationRole.PARTICIPANT, RegistrationRole.SPEAKER}

_CHOSEN = f"""
SELECT event.id,
    (SELECT array_agg(project.code) FROM event_project AS funded JOIN project ON project.id = funded.project
     WHERE funded.event = event.id) AS projects,
    (SELECT array_agg(about.theme) FROM event_theme AS about WHERE about.event = event.id) AS themes
FROM event WHERE event.reconciled_at IS NOT NULL AND {CHOSEN_EVENTS}
    AND ($15::timestamptz IS NULL OR event.reconciled_at < $15)
"""

_PROJECTS = "SELECT code, counted_kinds, counted_roles FROM project ORDER BY code"

_DAYS = "SELECT min(held_on) AS first, max(held_on) AS last FROM participation"

_MERGED = "SELECT id, merged_into FROM {kind} WHERE merged_into IS NOT NULL"


class Period(Struct, frozen=True):
    """Days from `start` to `end`, both included; None is open."""

    start: date | None
    end: date | None

    @property
    def before(self) -> "Period | None":
        """The period of the same length that ends the day before; None unless this one has both ends."""
        if self.start is None or self.end is None:
            return None
        day = timedelta(days=1)
        try:
            return Period(self.start - (self.end - self.start) - day, self.start - day)
        except OverflowError:  # before the year 1 nobody came
            return None


class Words(Struct, frozen=True):
    """Bits for the cells of one overlapping break-down or of the months: code n is bit n % WIDTH of word n // WIDTH."""

    codes: tuple[str, ...]

    @property
    def number(self) -> int:
        """How many words it takes."""
        return max(1, -(-len(self.codes) // WIDTH))

    def of(self, codes: Iterable[str]) -> list[int]:
        """Return the words in which the bits of some codes are set."""
        words = [0] * self.number
        for code in codes:
            place = self.codes.index(code)
            words[place // WIDTH] |= 1 << place % WIDTH
        return words


class Choice(Struct, frozen=True, kw_only=True):
    """Everything that the passes of one count are given.

    `projects_of` and `themes_of` are a list for each word, of one value for each event; `allowed` is, for each word of
    projects, which of them count what `counts_as` says, and `wanted` the bits of the project that was asked for.
    `merged` is who goes by another id: kind → (ids, what they go by). `untold` is left out (`Reach.untold`).
    """

    filters: Filters
    period: Period
    events: list[UUID]
    projects: Words
    projects_of: list[list[int]]
    allowed: list[list[int]]
    wanted: list[int] | None
    themes: Words
    themes_of: list[list[int]]
    first_month: int
    months: int
    merged: Mapping[str, tuple[list[UUID], list[UUID]]]
    untold: Sequence[tuple[str, UUID]]

    @property
    def cells(self) -> int:
        """The bits that a row must have for the filters on participants, kind and mode."""
        chosen = self.filters
        wanted = {
            "region": chosen.region,
            "organisation_type": chosen.type,
            "size_class": chosen.size,
            "event_kind": chosen.kind,
            "site_mode": chosen.mode,
        }
        return sum(AXES[axis].bit(code) for axis, code in wanted.items() if code)


@remembered(lambda connection, filters, reach: (filters, reach))  # noqa: ARG005 - a block's snapshot is one
async def choose(connection: Connection, filters: Filters, reach: Reach) -> Choice:
    """Look up, on one connection in one snapshot, what the filters let in."""
    rows = await connection.fetch(_CHOSEN, *arguments(filters, reach), _first_day(reach.closed_before))
    rules = await connection.fetch(_PROJECTS)
    projects = Words((NONE, *(row["code"] for row in rules)))
    themes = Words((NONE, *sorted({theme for row in rows for theme in row["themes"] or ()})))
    first, months = await _months(connection, filters)
    return Choice(
        filters=filters,
        period=Period(filters.start, filters.end),
        events=[row["id"] for row in rows],
        projects=projects,
        projects_of=_columns(projects, [row["projects"] for row in rows]),
        allowed=_columns(projects, _counted_by(rules)),
        wanted=projects.of([filters.project]) if filters.project else None,
        themes=themes,
        themes_of=_columns(themes, [row["themes"] for row in rows]),
        first_month=first,
        months=months,
        merged={kind: await _merged(connection, kind) for kind in ("person", "organisation")},
        untold=reach.untold,
    )


def _first_day(month: int | None) -> datetime | None:
    return None if month is None else datetime(max(1, month // 12), month % 12 + 1, 1, tzinfo=UTC)


def _columns(words: Words, sets: Sequence[Sequence[str] | None]) -> list[list[int]]:
    """Turn a set of codes for each event into a column of values for each word; many events share few sets."""
    known: dict[tuple[str, ...], list[int]] = {}
    made = []
    for each in sets:
        codes = (NONE,) if each is None else tuple(each)
        if codes not in known:
            known[codes] = words.of(codes)
        made.append(known[codes])
    return [[row[word] for row in made] for word in range(words.number)]


def _counted_by(rules: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return for each kind and role, in the order of `counts_as`, which projects count it."""
    return [
        [row["code"] for row in rules if kind in row["counted_kinds"] and role in row["counted_roles"]]
        + ([NONE] if role in _DEFAULT_ROLES else [])
        for kind, role in KINDS_AND_ROLES
    ]


async def _months(connection: Connection, filters: Filters) -> tuple[int, int]:
    """Return the first month in which something can be found, and how many there are."""
    days = await connection.fetchrow(_DAYS)
    if days is None or days["first"] is None:
        return 0, 1
    first = max(days["first"], filters.start or days["first"])
    last = min(days["last"], filters.end or days["last"])
    number = months_until(first.year, first.month)
    return number, max(1, months_until(last.year, last.month) - number + 1)


async def _merged(connection: Connection, kind: str) -> tuple[list[UUID], list[UUID]]:
    rows = await connection.fetch(_MERGED.format(kind=kind))
    return [row["id"] for row in rows], [row["merged_into"] for row in rows]
