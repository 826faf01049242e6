"""Making blocks of participations that stand for five persons or more, and asking whether figures are sums of them."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

from events.core.small_groups import to_hide
from events.reports.protection.lots import Atom, Class, Place, by, least, lots

Value = tuple[str, ...]
"""A cell of a dimension: ("06",), or ("company", "micro")."""


class Sums(Struct, frozen=True):
    """Participations and their minutes."""

    participations: int = 0
    minutes: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        """Put two together."""
        return Sums(self.participations + other.participations, self.minutes + other.minutes)


class Cell(Struct, frozen=True):
    """How many persons a cell of a class holds at least, exactly if they are few, and what they add up to."""

    persons: int
    sums: Sums


class Scanned(Struct, frozen=True):
    """What is known of all participations that are told within a reach.

    `apart` are atoms whose participants are told apart. `cells` are by dimension, class (of these, or of the others)
    and value; `persons` how many took part in which classes, as bits of their places in `classes`.
    """

    atoms: Mapping[Atom, Place]
    apart: frozenset[Atom]
    cells: Mapping[str, Mapping[tuple[Class, bool], Mapping[Value, Cell]]]
    classes: Sequence[Class]
    persons: Mapping[int, int]


class Block(Struct, frozen=True):
    """Participants of a class whose values of a dimension are some of its: told together or not at all."""

    values: frozenset[Value]
    sums: Sums


class Base(Struct, frozen=True):
    """A class, whose participants are told apart by nothing else than their values.

    `apart` are those of its atoms of which they are told apart at all: of each dimension into `blocks`; of the others
    is known which values there are.
    """

    atoms: frozenset[Atom]
    apart: frozenset[Atom]
    blocks: Mapping[str, Sequence[Block]]
    others: Mapping[str, frozenset[Value]]


class Blocks:
    """The blocks of everything that is told within a reach."""

    def __init__(self, scanned: Scanned) -> None:
        """Make them."""
        self._scanned = scanned
        classes = by(scanned.atoms, scanned.atoms, lambda place: place.of)
        self._bases = [self._base(each, frozenset(atoms)) for each, atoms in classes.items()]
        blocks = [block for lot in lots(scanned.atoms) for block in self._blocks_of(lot)]
        self._block = {atom: number for number, block in enumerate(blocks) for atom in block}
        self._sizes = Counter(self._block.values())
        self._few = next((group for group in grouped(scanned.persons) if len(group) > 1), [])

    def whole(self, atoms: Collection[Atom]) -> bool:
        """Whether some participations, all of those of each atom, are a sum of blocks."""
        found = Counter(self._block[atom] for atom in atoms)
        return all(self._sizes[block] == number for block, number in found.items())

    def part(self, dimension: str, place: int, code: str, atoms: frozenset[Atom]) -> Sums | None:
        """Return what may be told of those of some atoms whose value of a dimension has a code in its place.

        That are the blocks of which it is true of all, in classes that lie wholly within the atoms: perhaps not all
        there are, and None if it is none of some.
        """
        found, told, there = Sums(), False, False
        for base in self._bases:
            if base.atoms.isdisjoint(atoms):
                continue
            there = there or any(value[place] == code for value in base.others[dimension])
            for block in base.blocks[dimension]:
                of_it = [value[place] == code for value in block.values]
                there = there or any(of_it)
                if all(of_it) and base.apart <= atoms:
                    found, told = found + block.sums, True
        return found if told or not there else None

    def persons(self, atoms: frozenset[Atom]) -> bool:
        """Whether the number of different persons of some atoms may be shown."""
        if not self.whole(atoms):
            return False
        classes = {self._scanned.atoms[atom].of for atom in atoms}
        complete = all(atom in atoms for atom, place in self._scanned.atoms.items() if place.of in classes)
        bits = sum(1 << place for place, each in enumerate(self._scanned.classes) if each in classes)
        return complete and len({key & bits == 0 for key in self._few}) <= 1

    def _base(self, of: Class, atoms: frozenset[Atom]) -> Base:
        blocks, others = {}, {}
        for dimension, cells in self._scanned.cells.items():
            apart = cells.get((of, True), {})
            blocks[dimension] = [
                Block(frozenset(group), sum((apart[value].sums for value in group), Sums()))
                for group in grouped({value: cell.persons for value, cell in apart.items()})
            ]
            others[dimension] = frozenset(cells.get((of, False), {}))
        return Base(atoms, atoms & self._scanned.apart, blocks, others)

    def _blocks_of(self, lot: Iterable[Atom]) -> list[list[Atom]]:
        """Part a lot by month and event."""
        places = self._scanned.atoms
        months = by(places, lot, lambda place: place.month)
        parts = []
        for group in grouped({month: least(places, inside) for month, inside in months.items()}):
            inside = [atom for month in group for atom in months[month]]
            parts += grouped({atom: places[atom].size for atom in inside}) if len(group) == 1 else [inside]
        return parts


Key = TypeVar("Key", bound=Hashable)


def grouped(sizes: Mapping[Key, int]) -> list[list[Key]]:
    """Group what together is known: what is large enough alone, the others in one that has a large one in it.

    If there is none, all are one group.
    """
    keys = list(sizes)
    hidden = to_hide([sizes[key] for key in keys], behind_large=True)
    together = [keys[place] for place in sorted(hidden)]
    return [*([together] if together else []), *([key] for place, key in enumerate(keys) if place not in hidden)]
