"""Counting links between organisations: pure, and fast without another library.

A link is a pair of different organisations that took part in the same event; in a quarter it counts once. The partners
of an organisation are the bits of one integer, so that an event of eighty adds its 3,160 pairs in eighty operations,
and the pairs between two regions are added up in all columns at once. Memory: 8,000 organisations take 4 MB for who
ever met, as much for who met in the period and in the quarter; it grows with the square of the organisations.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
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
    def quarter(self) -> str:
        """The quarter as 2026-Q1."""
        return f"{self.held_on.year}-Q{(self.held_on.month + 2) // 3}"


class Seen(Struct, frozen=True):
    """What an organisation did in the period: its last region, the other regions it met, how many others it met."""

    home: int
    regions: int
    partners: int


class Encounter(Struct, frozen=True):
    """An event with the place in `AXES` of the region of each organisation that took part."""

    event: UUID
    held_on: date
    regions: bytes

    def joins(self, one: str, other: str) -> bool:
        """Whether two different organisations of these regions met there."""
        a, b = (self.regions.count(CODES.index(code)) for code in (one, other))
        return a > 1 if one == other else bool(a and b)


class Network(Struct):
    """What was counted: links by quarter, organisations by number, participations and places by region."""

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
    links = _Links(has_history=start is not None)
    made = Network()
    for past, group in groupby(meetings, key=lambda each: start is not None and each.held_on < start):
        if past:
            for meeting in group:
                met = {code >> WIDTH for code in meeting.codes} - {NO_ORGANISATION}
                links.meet(sorted(map(links.place, met)), links.ever)
            continue
        for quarter, held in groupby(group, key=lambda each: each.quarter):
            _add_quarter(made, links, quarter, list(held))
    partners = links.partners()
    made.pairs = sum(partners) // 2
    numbers = list(links.places)
    made.organisations = {
        numbers[place]: Seen(seen.home, seen.regions, partners[place]) for place, seen in made.organisations.items()
    }
    return made


class _Links:
    """Who met whom, as bits: organisations have places, and bit n of one stands for its link to that at place n.

    Each pair stands once, with the organisation of the higher place; so integers are half as long on average.
    """

    def __init__(self, *, has_history: bool) -> None:
        self.places: dict[int, int] = {}
        self.bits: list[int] = []
        self.ever: list[int] = []
        # who met in the period; without a history that is who ever met, so the two are one list
        self.period: list[int] = [] if has_history else self.ever

    def place(self, organisation: int) -> int:
        """Return the place of an organisation; a new one gets the next."""
        place = self.places.setdefault(organisation, len(self.bits))
        if place == len(self.bits):
            self.bits.append(1 << place)
            self.ever.append(0)
            if self.period is not self.ever:
                self.period.append(0)
        return place

    def meet(self, members: Sequence[int], into: list[int] | defaultdict[int, int]) -> None:
        """Let all of some organisations have met."""
        bits, lower = self.bits, 0
        for place in members:
            into[place] |= lower
            lower |= bits[place]

    def partners(self) -> list[int]:
        """Return how many others each organisation met in the period, by place."""
        found = [links.bit_count() for links in self.period]
        for weight, bits in _added(self.period):
            for place, bit in enumerate(reversed(f"{bits:b}")):
                if bit == "1":
                    found[place] += weight
        return found


def _add_quarter(made: Network, links: _Links, quarter: str, meetings: Sequence[Meeting]) -> None:
    place_of, homes = _places(made, links, Counter(chain.from_iterable(meeting.codes for meeting in meetings)))
    home = {place: region.bit_length() - 1 for place, region in homes.items()}
    now: defaultdict[int, int] = defaultdict(int)
    others: defaultdict[int, int] = defaultdict(int)
    for meeting in meetings:
        members = set(map(place_of.get, meeting.codes))
        places = sorted(place for place in members if place is not None)
        links.meet(places, now)
        encounter = Encounter(meeting.event, meeting.held_on, bytes(map(home.__getitem__, places)))
        made.encounters.append(encounter)
        regions = sum(1 << region for region in set(encounter.regions))
        for place in places:
            others[place] |= regions
    for place, region in homes.items():
        made.by_region[region].add(place)
        before = made.organisations.get(place)
        outside = 0 if region == UNKNOWN else others[place] & FINNISH & ~region
        made.organisations[place] = Seen(region, outside | (before.regions if before else 0), 0)
    made.quarters[quarter] = _cells(links, now, home)


def _places(made: Network, links: _Links, codes: Counter[int]) -> tuple[dict[int, int], dict[int, int]]:
    """Return the place of each code with an organisation, and where each place stands in a quarter.

    That is where most of its participations come from; if equal, the first in the order of the codes; "unknown" only
    where no other is known. A rank is one number and all is done in one pass: a quarter has tens of thousands of codes.
    """
    place_of: dict[int, int] = {}
    best: dict[int, int] = {}
    for code, number in codes.items():
        region = code & _REGION
        made.participations[region] += number
        if code < 0:
            continue
        place_of[code] = place = links.place(code >> WIDTH)
        rank = (number << WIDTH) - region if region != UNKNOWN else -region
        if rank > best.get(place, -UNKNOWN - 1):
            best[place] = rank
    return place_of, {place: -rank & _REGION for place, rank in best.items()}


def _cells(links: _Links, now: dict[int, int], home: dict[int, int]) -> Cells:
    """Add up a quarter's links by region, and let them have been."""
    columns: defaultdict[int, int] = defaultdict(int)
    met: defaultdict[int, list[int]] = defaultdict(list)
    new: defaultdict[int, list[int]] = defaultdict(list)
    for place, partners in now.items():
        region, before = home[place], links.ever[place]
        columns[region] |= links.bits[place]
        met[region].append(partners)
        links.period[place] |= partners
        links.ever[place] = before | partners
        new[region].append(links.ever[place] ^ before)
    of_all, of_new = _between(met, columns), _between(new, columns)
    return {cell: (of_new[cell], number - of_new[cell]) for cell, number in sorted(of_all.items()) if number}


def _between(rows: dict[int, list[int]], columns: dict[int, int]) -> Counter[tuple[int, int]]:
    """Count the bits of the rows of each region in the columns of each region: (region, region) as bits → links."""
    found: Counter[tuple[int, int]] = Counter()
    for one, partners in rows.items():
        for weight, bits in _added(partners):
            for other, column in columns.items():
                found[1 << min(one, other), 1 << max(one, other)] += weight * (bits & column).bit_count()
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
