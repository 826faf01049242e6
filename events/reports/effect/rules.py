"""Counting links between organisations: pure, and fast without another library.

A link is a pair of different organisations that took part in the same event; in a quarter it counts once. The partners
of an organisation are the bits of one integer, so that an event of eighty adds its 3,160 pairs in eighty operations,
and the pairs between two regions are added up in all columns at once. Memory: 8,000 organisations take 4 MB for who
ever met, as much for who met in the period and in the quarter; it grows with the square of the organisations.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, groupby
from uuid import UUID

from msgspec import Struct, field

from events.reports.counting.layout import AXES, REGIONS

WIDTH = len(AXES["region"].codes)
"""Bits of a region in the code of a participation."""

CODES = AXES["region"].codes

_REGION = (1 << WIDTH) - 1

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
    def members(self) -> list[int]:
        """The organisations, each once, in the order of their numbers."""
        met = {code >> WIDTH for code in self.codes}
        met.discard(NO_ORGANISATION)
        return sorted(met)

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
    """An event with the organisations that took part, by number, and the place in `AXES` of the region of each."""

    event: UUID
    quarter: str
    members: Sequence[int]
    regions: bytes

    def of(self, region: str) -> list[int]:
        """Return the organisations of a region."""
        place = CODES.index(region)
        return [who for who, where in zip(self.members, self.regions, strict=True) if where == place]

    def joins(self, one: str, other: str) -> bool:
        """Whether two different organisations of these regions met there."""
        a, b = (self.regions.count(CODES.index(code)) for code in (one, other))
        return a > 1 if one == other else bool(a and b)


class Network(Struct):
    """What was counted: links by quarter, organisations by number, participations and organisations by region."""

    quarters: dict[str, Cells] = field(default_factory=dict)
    organisations: dict[int, Seen] = field(default_factory=dict)
    participations: Counter[int] = field(default_factory=Counter)
    by_region: dict[int, int] = field(default_factory=dict)
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
    links = _Links(has_history=start is not None)
    made = Network()
    for past, group in groupby(meetings, key=lambda each: start is not None and each.held_on < start):
        if past:
            for meeting in group:
                links.meet(meeting.members, links.ever)
            continue
        for quarter, held in groupby(group, key=lambda each: each.quarter):
            _add_quarter(made, links, quarter, list(held))
    partners = links.partners()
    made.pairs = sum(partners.values()) // 2
    made.by_region = {region: found.bit_count() for region, found in links.stood.items()}
    made.organisations = {who: Seen(home, links.reached[who], partners[who]) for who, home in links.homes.items()}
    return made


class _Bits(dict[int, int]):
    """Bit n alone, made once."""

    def __missing__(self, place: int) -> int:
        self[place] = 1 << place
        return self[place]


class _Links:
    """Who met whom, as bits: bit n of an organisation's integer is its link to organisation n.

    Each pair stands once, with the organisation of the higher number; so integers are half as long on average. `homes`,
    `reached` and `stood` are of the period: where each stood last, what other regions it met, who stood in a region.
    """

    def __init__(self, *, has_history: bool) -> None:
        self.bits = _Bits()
        self.ever: defaultdict[int, int] = defaultdict(int)
        # who met in the period; without a history that is who ever met, so the two are one
        self.period: defaultdict[int, int] = defaultdict(int) if has_history else self.ever
        self.homes: dict[int, int] = {}
        self.reached: defaultdict[int, int] = defaultdict(int)
        self.stood: defaultdict[int, int] = defaultdict(int)

    def meet(self, members: Iterable[int], into: defaultdict[int, int]) -> None:
        """Let all of some organisations, in the order of their numbers, have met."""
        bits, lower = self.bits, 0
        for who in members:
            into[who] |= lower
            lower |= bits[who]

    def partners(self) -> Counter[int]:
        """Return how many others each organisation met in the period."""
        found = Counter({who: links.bit_count() for who, links in self.period.items()})
        for weight, bits in _added(list(self.period.values())):
            for who, bit in enumerate(reversed(f"{bits:b}")):
                if bit == "1":
                    found[who] += weight
        return found


def _add_quarter(made: Network, links: _Links, quarter: str, meetings: Sequence[Meeting]) -> None:
    codes = Counter(chain.from_iterable(meeting.codes for meeting in meetings))
    for code, number in codes.items():
        made.participations[code & _REGION] += number
    homes = _homes(codes)
    place = {who: region.bit_length() - 1 for who, region in homes.items()}
    now: defaultdict[int, int] = defaultdict(int)
    near: defaultdict[int, int] = defaultdict(int)
    for meeting in meetings:
        members = meeting.members
        stood = bytes(map(place.__getitem__, members))
        encounter = Encounter(meeting.event, quarter, array("I", members), stood)
        made.encounters.append(encounter)
        regions = sum(1 << region for region in set(encounter.regions))
        links.meet(members, now)
        for who in members:
            near[who] |= regions
    for who, region in homes.items():
        links.stood[region] |= links.bits[who]
        links.reached[who] |= 0 if region == UNKNOWN else near[who] & FINNISH & ~region
    links.homes |= homes
    made.quarters[quarter] = _cells(links, now, homes)


def _homes(codes: Mapping[int, int]) -> dict[int, int]:
    """Return where each organisation stands in a quarter, from how often each code of its participations is there.

    That is where most of them come from; if equal, the first in the order of the codes; "unknown" only where no other
    is known. A rank is one number: a quarter has tens of thousands of codes.
    """
    best: dict[int, int] = {}
    known = best.get
    for code, number in codes.items():
        if code < 0:
            continue
        who, region = code >> WIDTH, code & _REGION
        rank = (number << WIDTH) - region if region != UNKNOWN else -region
        if rank > known(who, -UNKNOWN - 1):
            best[who] = rank
    return {who: -rank & _REGION for who, rank in best.items()}


def _cells(links: _Links, now: dict[int, int], homes: dict[int, int]) -> Cells:
    """Add up a quarter's links by region, and let them have been."""
    columns: defaultdict[int, int] = defaultdict(int)
    met: defaultdict[int, list[int]] = defaultdict(list)
    new: defaultdict[int, list[int]] = defaultdict(list)
    for who, partners in now.items():
        region, before = homes[who], links.ever[who]
        columns[region] |= links.bits[who]
        met[region].append(partners)
        links.period[who] |= partners
        links.ever[who] = before | partners
        new[region].append(links.ever[who] ^ before)
    of_all, of_new = _between(met, columns), _between(new, columns)
    return {cell: (of_new[cell], number - of_new[cell]) for cell, number in sorted(of_all.items()) if number}


def _between(rows: dict[int, list[int]], columns: dict[int, int]) -> Counter[tuple[int, int]]:
    """Count the bits of the rows of each region in the columns of each region: (region, region) as bits → links."""
    found: Counter[tuple[int, int]] = Counter()
    for one, partners in rows.items():
        for weight, bits in _added(partners):
            for other, column in columns.items():
                found[min(one, other), max(one, other)] += weight * (bits & column).bit_count()
    return found


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
