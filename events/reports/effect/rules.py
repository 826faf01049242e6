"""Counting links between organisations: pure, and fast without another library.

A link is a pair of different organisations that took part in the same event; in a quarter it counts once. The partners
of an organisation are the bits of one integer, so that an event of eighty adds its 3,160 pairs in eighty operations,
and the pairs between two regions are added up in all columns at once. Memory: 8,000 organisations take 4 MB for who
ever met, as much for who met in the period, and twice that for a quarter; it grows with the square of the
organisations.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain, groupby
from uuid import UUID

from msgspec import Struct, field

from events.reports.counting.layout import AXES
from events.reports.effect.bits import FINNISH, UNKNOWN, WIDTH, Links, added, bits_of, meet

CODES = AXES["region"].codes

REGION = (1 << WIDTH) - 1

NO_ORGANISATION = -1

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
    links = Links(has_history=start is not None)
    made = Network()
    for past, group in groupby(meetings, key=lambda each: start is not None and each.held_on < start):
        if past:
            links.add_history(each.members for each in group)
            continue
        for quarter, held in groupby(group, key=lambda each: each.quarter):
            _add_quarter(made, links, quarter, list(held))
    partners = links.partners()
    made.pairs = sum(partners.values()) // 2
    made.by_region = {region: found.bit_count() for region, found in links.stood.items()}
    made.organisations = {who: Seen(home, links.reached[who], partners[who]) for who, home in links.homes.items()}
    return made


def _add_quarter(made: Network, links: Links, quarter: str, meetings: Sequence[Meeting]) -> None:
    codes = Counter(chain.from_iterable(meeting.codes for meeting in meetings))
    made.participations.update(_by_region(codes))
    homes = _homes(codes)
    place = {who: region.bit_length() - 1 for who, region in homes.items()}
    met: defaultdict[int, list[int]] = defaultdict(list)
    for meeting in meetings:
        members = meeting.members
        stood = bytes(map(place.__getitem__, members))
        made.encounters.append(Encounter(meeting.event, quarter, array("I", members), stood))
        meet(members, sum(1 << region for region in set(stood)), met)
    links.homes |= homes
    made.quarters[quarter] = _cells(links, met, homes)


def _by_region(codes: Mapping[int, int]) -> dict[int, int]:
    """Add up how often each code is there by its region."""
    found: defaultdict[int, int] = defaultdict(int)
    for code, number in codes.items():
        found[code & REGION] += number
    return found


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
        who, region = code >> WIDTH, code & REGION
        rank = (number << WIDTH) - region if region != UNKNOWN else -region
        if rank > known(who, -UNKNOWN - 1):
            best[who] = rank
    return {who: -rank & REGION for who, rank in best.items()}


def _cells(links: Links, met: Mapping[int, Sequence[int]], homes: Mapping[int, int]) -> Cells:
    """Add up a quarter's links by region, and let them have been."""
    here: defaultdict[int, list[int]] = defaultdict(list)
    for who, region in homes.items():
        here[region].append(who)
    columns = {region: bits_of(organisations) for region, organisations in here.items()}
    of_all: Counter[tuple[int, int]] = Counter()
    of_new: Counter[tuple[int, int]] = Counter()
    for region, organisations in here.items():
        links.stood[region] |= columns[region]
        now, new = links.add(organisations, met, region)
        _count(now, region, columns, of_all)
        _count(new, region, columns, of_new)
    return {cell: (of_new[cell], number - of_new[cell]) for cell, number in sorted(of_all.items()) if number}


def _count(rows: Sequence[int], one: int, columns: Mapping[int, int], into: Counter[tuple[int, int]]) -> None:
    """Count the bits of the rows of a region in the columns of each: (region, region) as bits → links."""
    for weight, bits in added(rows):
        for other, column in columns.items():
            into[min(one, other), max(one, other)] += weight * (bits & column).bit_count()
