"""Counting links between organisations: pure, and fast without another library.

A link is a pair of different organisations that took part in the same event; in a quarter it counts once. The partners
of an organisation are the bits of one integer, so that an event of eighty adds its 3,160 pairs in eighty operations,
and the pairs between two regions are added up column by column, thirty thousand bits at a time. Memory: three such
integers for each organisation, 8,000² bits = 8 MB each way for 8,000 of them; it grows with the square of those.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from uuid import UUID

from msgspec import Struct, field

from events.reports.counting.layout import AXES, REGIONS

WIDTH = len(AXES["region"].codes)
"""Bits of a region in the code of a participation."""

UNKNOWN = AXES["region"].bit("unknown")

FINNISH = sum(AXES["region"].bit(code) for code in REGIONS)

NO_ORGANISATION = -1

ROWS_OF_AN_ADDER = 3

Cells = dict[tuple[int, int], tuple[int, int]]
"""(region, region) as bits, the lower first → (new links, repeated links)."""


class Meeting(Struct, frozen=True):
    """An event: for each counted participation the organisation's number above `WIDTH` bits of which one is the region.

    The number is `NO_ORGANISATION` where there is none.
    """

    event: UUID
    held_on: date
    codes: Sequence[int]

    @property
    def quarter(self) -> str:
        """The quarter as 2026-Q1."""
        return f"{self.held_on.year}-Q{(self.held_on.month + 2) // 3}"


class Seen(Struct, frozen=True):
    """What an organisation did in the period: its last region, the other regions it met, how many others it met."""

    home: int
    regions: int
    partners: int


class Encounter(Struct, frozen=True):
    """The regions whose organisations an event brought together, and those from which it had at least two."""

    event: UUID
    held_on: date
    once: int
    twice: int

    def joins(self, one: int, other: int) -> bool:
        """Whether two different organisations of these regions met there."""
        return bool(self.twice & one) if one == other else self.once & (one | other) == one | other


class Network(Struct):
    """What was counted: links by quarter, organisations by number, participations and organisations by region."""

    quarters: dict[str, Cells] = field(default_factory=dict)
    organisations: dict[int, Seen] = field(default_factory=dict)
    participations: Counter[int] = field(default_factory=Counter)
    by_region: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    encounters: list[Encounter] = field(default_factory=list)
    pairs: int = 0

    def linked(self, region: int) -> int:
        """Return the bits of the other Finnish regions with which a region has links."""
        linked = 0
        for cells in self.quarters.values():
            for cell in cells:
                if region in cell:
                    linked |= sum({*cell})
        return linked & FINNISH & ~region


def count(meetings: Iterable[Meeting], start: date | None = None) -> Network:
    """Count the links of meetings, which come in the order of their days; what is before `start` is history alone."""
    links = _Links()
    made = Network()
    for past, group in groupby(meetings, key=lambda each: start is not None and each.held_on < start):
        if past:
            for meeting in group:
                links.meet(links.members(meeting), links.ever)
            continue
        for quarter, held in groupby(group, key=lambda each: each.quarter):
            _add_quarter(made, links, quarter, list(held))
    for place, organisation in enumerate(links.numbers):
        if organisation in made.organisations:
            seen = made.organisations[organisation]
            partners = (links.period[place] & ~links.bits[place]).bit_count()
            made.organisations[organisation] = Seen(seen.home, seen.regions, partners)
            made.pairs += partners
    made.pairs //= 2
    return made


class _Links:
    """Who met whom, as bits: organisation at place n is bit n."""

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}
        self.bits: list[int] = []
        self.ever: list[int] = []
        self.period: list[int] = []

    def members(self, meeting: Meeting) -> set[int]:
        """Return the places of the organisations of a meeting; new ones get the next."""
        numbers = {code >> WIDTH for code in meeting.codes}
        numbers.discard(NO_ORGANISATION)
        for number in numbers - self.numbers.keys():
            self.numbers[number] = place = len(self.bits)
            self.bits.append(1 << place)
            self.ever.append(0)
            self.period.append(0)
        return {self.numbers[number] for number in numbers}

    def meet(self, members: Iterable[int], into: list[int] | defaultdict[int, int]) -> None:
        """Let all of some organisations have met (each of them itself, too)."""
        all_of_them = 0
        for place in members:
            all_of_them |= self.bits[place]
        for place in members:
            into[place] |= all_of_them


def _add_quarter(made: Network, links: _Links, quarter: str, meetings: Sequence[Meeting]) -> None:
    codes = Counter(code for meeting in meetings for code in meeting.codes)
    for code, number in codes.items():
        made.participations[code & (1 << WIDTH) - 1] += number
    homes = _homes(codes)
    now: defaultdict[int, int] = defaultdict(int)
    members = [links.members(meeting) for meeting in meetings]
    home = {links.numbers[organisation]: region for organisation, region in homes.items()}
    others: defaultdict[int, int] = defaultdict(int)
    for meeting, places in zip(meetings, members, strict=True):
        links.meet(places, now)
        made.encounters.append(encounter := _encounter(meeting, [home[place] for place in places]))
        for place in places:
            others[place] |= encounter.once
    for organisation, region in homes.items():
        made.by_region[region].add(organisation)
        before = made.organisations.get(organisation)
        outside = 0 if region == UNKNOWN else others[links.numbers[organisation]] & FINNISH & ~region
        made.organisations[organisation] = Seen(region, outside | (before.regions if before else 0), 0)
    made.quarters[quarter] = _cells(links, now, home)


def _homes(codes: Counter[int]) -> dict[int, int]:
    """Return where each organisation stands in a quarter: where most of its participations come from.

    If equal, the first in the order of the codes; "unknown" only where no other is known.
    """
    best: dict[int, tuple[bool, int, int]] = {}
    for code, number in codes.items():
        organisation, region = code >> WIDTH, code & (1 << WIDTH) - 1
        rank = (region != UNKNOWN, number, -region)
        if organisation != NO_ORGANISATION and rank > best.get(organisation, (False, 0, 0)):
            best[organisation] = rank
    return {organisation: -rank[2] for organisation, rank in best.items()}


def _encounter(meeting: Meeting, regions: Sequence[int]) -> Encounter:
    once = twice = 0
    for region in regions:
        twice |= once & region
        once |= region
    return Encounter(meeting.event, meeting.held_on, once, twice)


def _cells(links: _Links, now: dict[int, int], home: dict[int, int]) -> Cells:
    """Add up a quarter's links by region, and let them have been."""
    columns: defaultdict[int, int] = defaultdict(int)
    met: defaultdict[int, list[int]] = defaultdict(list)
    new: defaultdict[int, list[int]] = defaultdict(list)
    for place, partners in now.items():
        region, ever = home[place], links.ever[place]
        columns[region] |= links.bits[place]
        met[region].append(partners ^ links.bits[place])
        links.ever[place] = ever | partners
        new[region].append((links.ever[place] ^ ever) & ~links.bits[place])
        links.period[place] |= partners
    links_of = {kind: _between(rows, columns) for kind, rows in (("met", met), ("new", new))}
    return {
        cell: (links_of["new"].get(cell, 0), number - links_of["new"].get(cell, 0))
        for cell, number in sorted(links_of["met"].items())
    }


def _between(rows: dict[int, list[int]], columns: dict[int, int]) -> dict[tuple[int, int], int]:
    """Count the bits of the rows of each region in the columns of each region; within one, every pair stands twice."""
    found: Counter[tuple[int, int]] = Counter()
    for one, partners in rows.items():
        for weight, bits in _added(partners):
            for other, column in columns.items():
                if other >= one:
                    found[one, other] += weight * (bits & column).bit_count()
    return {(one, other): number // 2 if one == other else number for (one, other), number in found.items() if number}


def _added(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Add up integers bit by bit, in all columns at once: yields weights with the columns that have them.

    Three rows become their sum and what is carried, as a full adder does; so a thousand rows end as some ten.
    """
    left, weight = list(rows), 1
    while left:
        carried = []
        while len(left) >= ROWS_OF_AN_ADDER:
            a, b, c = left.pop(), left.pop(), left.pop()
            either = a ^ b
            left.append(either ^ c)
            carried.append((a & b) | (either & c))
        yield from ((weight, bits) for bits in left)
        left, weight = carried, weight * 2
