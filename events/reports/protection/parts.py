"""Reading which participations there are, as parts of atoms, and saying which of them filters let in."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct

from events.core.small_groups import SMALLEST
from events.reports.counting import passes
from events.reports.counting.choice import WIDTH, Choice, choose
from events.reports.counting.layout import KINDS_AND_ROLES, month_of, months_until
from events.reports.filters import Filters, Reach
from events.reports.protection.lots import Atom, Class, Place, half_year

_CLOSED = """(extract(year FROM reconciled_at AT TIME ZONE 'UTC') * 12
    + extract(month FROM reconciled_at AT TIME ZONE 'UTC') - 1)::int"""
"""The month in which an event was closed, as `participation.month` numbers it."""


class Part(Struct, frozen=True):
    """Participants of one kind and role at an event: alone or with others they are an atom.

    `counts_as` and `month` are numbered as a participation's, `projects` are words of bits.
    """

    atom: Atom
    projects: tuple[int, ...]
    counts_as: int
    month: int
    slug: str

    @property
    def of(self) -> Class:
        """In which class it is."""
        return self.atom[0], half_year(self.month)

    @property
    def kind(self) -> str:
        """Which kind of event it was."""
        return KINDS_AND_ROLES[self.counts_as - 1][0]


class Everything(Struct, frozen=True):
    """All participations within a reach: what they are parts of, and where each atom stands."""

    parts: Sequence[Part]
    places: Mapping[Atom, Place]


class Let(Struct, frozen=True):
    """An atom that filters let in, with the cells in which its event stands: break-down → codes."""

    atom: Atom
    codes: Mapping[str, frozenset[str]]


async def read(connection: Connection, reach: Reach) -> Everything:
    """Read all that counts within a reach, in a snapshot."""
    choice = await choose(connection, Filters(), reach)
    made = passes.rows(choice, None)
    rows = await made.fetch(
        connection,
        f"SELECT part.*, slug, {_CLOSED} AS closed FROM ("
        "SELECT entry.event, entry.counts_as, entry.month, count(*) AS size"
        f" FROM {made.source} AND {made.counted} GROUP BY 1, 2, 3) AS part JOIN event ON event.id = part.event",
    )
    funded = dict(zip(choice.events, zip(*choice.projects_of, strict=True), strict=True))
    parts = []
    sizes, closed = Counter[Atom](), dict[Atom, int]()
    for row in rows:
        allowed = (words[row["counts_as"] - 1] for words in choice.allowed)
        projects = tuple(word & counts for word, counts in zip(funded[row["event"]], allowed, strict=True))
        atom = (passes.spelled(projects), row["event"])
        parts.append(Part(atom, projects, row["counts_as"], row["month"], row["slug"]))
        sizes[atom] += row["size"]
        closed[atom] = row["closed"]
    few = await _few(connection, choice, [part for part in parts if sizes[part.atom] < SMALLEST])
    places = {
        part.atom: Place(
            of=part.of,
            month=part.month,
            closed=closed[part.atom],
            size=sizes[part.atom],
            few=few.get(part.atom, frozenset()),
        )
        for part in parts
    }
    return Everything(parts, places)


async def _few(connection: Connection, choice: Choice, parts: Iterable[Part]) -> dict[Atom, frozenset[UUID]]:
    """Return who the persons of some parts are, by their atoms."""
    of = {(part.atom[1], part.counts_as): part.atom for part in parts}
    rows = await connection.fetch(
        "SELECT event, counts_as, person FROM participation WHERE event = ANY($1)", [*{event for event, _as in of}]
    )
    stays = dict(zip(*choice.merged["person"], strict=True))
    found: dict[Atom, set[UUID]] = defaultdict(set)
    for row in rows:
        if (atom := of.get((row["event"], row["counts_as"]))) is not None:
            found[atom].add(stays.get(row["person"], row["person"]))
    return {atom: frozenset(persons) for atom, persons in found.items()}


def let_in(choice: Choice, parts: Iterable[Part]) -> list[Let]:
    """Say what the filters of a choice let in, by their period's months, project, kind and chosen events."""
    themes = dict(zip(choice.events, zip(*choice.themes_of, strict=True), strict=True))
    inside = {
        part.atom: part
        for part in parts
        if part.atom not in choice.untold and part.atom[1] in themes and _is_let_in(choice, part)
    }
    return [
        Let(
            part.atom,
            {
                "month": frozenset({month_of(part.month)}),
                "event_kind": frozenset({part.kind}),
                "theme": frozenset(_codes(choice.themes.codes, themes[part.atom[1]])),
                "project": frozenset(_codes(choice.projects.codes, part.projects)),
                "event": frozenset({part.slug}),
            },
        )
        for part in inside.values()
    ]


def _is_let_in(choice: Choice, part: Part) -> bool:
    filters = choice.filters
    start, end = (months_until(day.year, day.month) if day else None for day in (filters.start, filters.end))
    return (
        (start is None or part.month >= start)
        and (end is None or part.month <= end)
        and filters.kind in {None, part.kind}
        and (choice.wanted is None or any(map(int.__and__, choice.wanted, part.projects)))
    )


def _codes(codes: Sequence[str], words: Sequence[int]) -> Iterator[str]:
    return (code for place, code in enumerate(codes) if words[place // WIDTH] >> place % WIDTH & 1)
