"""Sets of organisations and regions as the bits of integers: who met whom, and how many bits stand in each column.

The bit of organisation n is n + `WIDTH`; the lowest ones are those of the regions.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_

from events.reports.counting.layout import AXES, REGIONS

WIDTH = len(AXES["region"].codes)
"""Bits of the regions."""

UNKNOWN = AXES["region"].bit("unknown")

FINNISH = sum(AXES["region"].bit(code) for code in REGIONS)

ROWS_OF_AN_ADDER = 3


class _Below(dict[int, int]):
    """The bits of all organisations of a lower number, made once for each."""

    def __missing__(self, who: int) -> int:
        self[who] = (1 << who + WIDTH) - (1 << WIDTH)
        return self[who]


class Links:
    """Who met whom.

    Each pair stands once, with the organisation of the higher number; so integers are half as long on average. `homes`,
    `reached` and `stood` are of the period: where each stood last, what other regions it met, who stood in a region.
    """

    def __init__(self, *, has_history: bool) -> None:
        self.below = _Below()
        self.ever: defaultdict[int, int] = defaultdict(int)
        # who met in the period; without a history that is who ever met, so the two are one
        self.period: defaultdict[int, int] = defaultdict(int) if has_history else self.ever
        self.homes: dict[int, int] = {}
        self.reached: defaultdict[int, int] = defaultdict(int)
        self.stood: defaultdict[int, int] = defaultdict(int)

    def add_history(self, meetings: Iterable[Sequence[int]]) -> None:
        """Let all organisations of each meeting have met before the period."""
        met: defaultdict[int, list[int]] = defaultdict(list)
        for members in meetings:
            meet(members, 0, met)
        for who, together in met.items():
            self.ever[who] |= reduce(or_, together) & self.below[who]

    def add(
        self, organisations: Iterable[int], met: Mapping[int, Sequence[int]], region: int
    ) -> tuple[list[int], list[int]]:
        """Let organisations of a region have met in a quarter; returns the links of each, and of these the new ones."""
        has_history, elsewhere = self.period is not self.ever, 0 if region == UNKNOWN else FINNISH & ~region
        now, new = [], []
        for who in organisations:
            together, before = reduce(or_, met[who]), self.ever[who]
            partners = together & self.below[who]
            self.ever[who] = after = before | partners
            if has_history:
                self.period[who] |= partners
            self.reached[who] |= together & elsewhere
            now.append(partners)
            new.append(after ^ before)
        return now, new

    def partners(self) -> Counter[int]:
        """Return how many others each organisation met in the period."""
        found = Counter({who: links.bit_count() for who, links in self.period.items()})
        for weight, bits in added(list(self.period.values())):
            for who, bit in enumerate(reversed(f"{bits >> WIDTH:b}")):
                if bit == "1":
                    found[who] += weight
        return found


def meet(members: Sequence[int], regions: int, met: defaultdict[int, list[int]]) -> None:
    """Note for each of some organisations whom it met: all of them, and the regions that stood there.

    The integer is one for all of them, and is added to others when the turn of an organisation comes: so what is
    worked on is near, where adding to each of thousands at every meeting would wait for the memory.
    """
    together = bits_of(members) | regions
    for who in members:
        met[who].append(together)


def bits_of(organisations: Sequence[int]) -> int:
    """Return the bits of organisations: made in bytes, as an integer would be made anew for each bit."""
    made = bytearray((max(organisations, default=0) >> 3) + 1)
    for who in organisations:
        made[who >> 3] |= 1 << (who & 7)
    return int.from_bytes(made, "little") << WIDTH


def added(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
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
