"""Making blocks of participations that stand for five persons or more, and asking whether figures are sums of them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from msgspec import Struct

from events.core.small_groups import SMALLEST, to_hide

Class = tuple[str, int]
"""For which projects participations count, as words of bits, and the year."""

Atom = tuple[str, UUID]
"""For which projects participations count, and their event."""

Value = tuple[str, ...]
"""A cell of a dimension: ("06",), or ("company", "micro")."""


class Place(Struct, frozen=True):
    """Where an atom stands, the month in which it was closed, and how many participations (and persons) it holds.

    Months are numbered as `participation.month` is.
    """

    of: Class
    month: int
    closed: int
    size: int


class Scanned(Struct, frozen=True):
    """What is known of all participations within a reach.

    `cells` are persons by dimension, class and value; `persons` how many took part in which classes.
    """

    atoms: Mapping[Atom, Place]
    cells: Mapping[str, Mapping[Class, Mapping[Value, int]]]
    persons: Mapping[frozenset[Class], int]


class Base(Struct, frozen=True):
    """Classes of a year whose participants are told apart by nothing else, and which are not fewer than five persons.

    Of each dimension it says what it holds, and what is one.
    """

    year: int
    enough: bool
    atoms: frozenset[Atom]
    holds: Mapping[str, frozenset[Value]]
    together: Mapping[str, frozenset[Value]]


class Blocks:
    """The blocks of everything within a reach."""

    def __init__(self, scanned: Scanned) -> None:
        """Make them."""
        self._scanned = scanned
        by_year: dict[int, dict[Class, int]] = defaultdict(dict)
        for each in {place.of for place in scanned.atoms.values()}:
            by_year[each[1]][each] = self._persons_in({each})
        self._bases = [self._base(year, group) for year, sizes in by_year.items() for group in grouped(sizes)]
        self._added = self._additions()
        full = [atoms for _month, atoms in self._added if self._least(atoms) >= SMALLEST]
        events = [block for atoms in full for block in self._blocks_of(atoms)]
        self._block = {atom: number for number, block in enumerate(events) for atom in block}
        self._sizes = Counter(self._block.values())
        self._keys = [frozenset(group) for group in grouped(scanned.persons)]

    @cached_property
    def too_few(self) -> bool:
        """Whether all there is stands for fewer than five persons."""
        return 0 < sum(self._scanned.persons.values()) < SMALLEST

    def told_before(self, month: int) -> int:
        """Return the month up to which what was closed is counted, in a month: it is an addition of five or more."""
        full = [until for until, atoms in self._added if until < month and self._least(atoms) >= SMALLEST]
        return full[-1] + 1 if full else 0

    def whole(self, atoms: Collection[Atom]) -> bool:
        """Whether some participations, all of those of each atom, are a sum of blocks: what still waits is in none."""
        if self.too_few or not all(atom in self._block for atom in atoms):
            return False
        found = Counter(self._block[atom] for atom in atoms)
        return all(self._sizes[block] == number for block, number in found.items())

    def cell(self, dimension: str, place: int, code: str, atoms: frozenset[Atom], settled: Collection[int]) -> bool:
        """Whether those of some atoms whose value of a dimension has a code in its place are a sum of blocks.

        All of them must be of `settled` years.
        """
        if self.too_few:
            return False
        for base in self._bases:
            if base.atoms.isdisjoint(atoms):
                continue
            if base.year not in settled or not base.enough:
                return False
            values = {value for value in base.holds[dimension] if value[place] == code}
            if not values:
                continue
            together = base.together[dimension]
            if not base.atoms <= atoms or not (together.isdisjoint(values) or together <= values):
                return False
        return True

    def persons(self, atoms: frozenset[Atom], settled: Collection[int]) -> bool:
        """Whether the number of different persons of some atoms may be shown: of `settled` years alone."""
        classes = {self._scanned.atoms[atom].of for atom in atoms}
        if self.too_few or not self.whole(atoms) or not {year for _projects, year in classes} <= {*settled}:
            return False
        complete = all(atom in atoms for atom, place in self._scanned.atoms.items() if place.of in classes)
        touched = {key for key in self._scanned.persons if key & classes}
        return complete and all(group <= touched or group.isdisjoint(touched) for group in self._keys)

    def _persons_in(self, classes: Collection[Class]) -> int:
        return sum(number for key, number in self._scanned.persons.items() if not key.isdisjoint(classes))

    def _base(self, year: int, classes: Collection[Class]) -> Base:
        holds, together = {}, {}
        for dimension, by_class in self._scanned.cells.items():
            # of persons in several classes no more is known than how many there are in the largest
            least: dict[Value, int] = {}
            for each in classes:
                for value, number in by_class.get(each, {}).items():
                    least[value] = max(number, least.get(value, 0))
            holds[dimension] = frozenset(least)
            together[dimension] = frozenset(next((group for group in grouped(least) if len(group) > 1), ()))
        atoms = frozenset(atom for atom, place in self._scanned.atoms.items() if place.of in classes)
        return Base(year, self._persons_in(classes) >= SMALLEST, atoms, holds, together)

    def _additions(self) -> list[tuple[int, list[Atom]]]:
        """Return what is added at once, by its last month: what was closed in a month, with what waited to be five."""
        closed: dict[int, list[Atom]] = defaultdict(list)
        for atom, place in self._scanned.atoms.items():
            closed[place.closed].append(atom)
        added: list[tuple[int, list[Atom]]] = []
        for month in sorted(closed):
            waiting = added.pop()[1] if added and self._least(added[-1][1]) < SMALLEST else []
            added.append((month, waiting + closed[month]))
        return added

    def _least(self, atoms: Iterable[Atom]) -> int:
        """Return how many persons there are at least: those of the largest event."""
        return max(map(self._size, atoms))

    def _blocks_of(self, atoms: Iterable[Atom]) -> list[list[Atom]]:
        """Part what is added by class, month and event."""
        by_class: dict[Class, list[Atom]] = defaultdict(list)
        for atom in atoms:
            by_class[self._scanned.atoms[atom].of].append(atom)
        groups = grouped({each: self._least(inside) for each, inside in by_class.items()})
        inside = [[atom for each in group for atom in by_class[each]] for group in groups]
        return [
            part
            for group, together in zip(groups, inside, strict=True)
            for part in ([together] if len(group) > 1 else self._parts(together))
        ]

    def _parts(self, atoms: list[Atom]) -> list[list[Atom]]:
        """Part the atoms of a class by month and event."""
        months: dict[int, list[Atom]] = defaultdict(list)
        for atom in atoms:
            months[self._scanned.atoms[atom].month].append(atom)
        # someone may come twice in a month: at least as many persons as came to the largest event
        sizes = {month: max(self._size(atom) for atom in inside) for month, inside in months.items()}
        parts = []
        for group in grouped(sizes):
            inside = [atom for month in group for atom in months[month]]
            parts += grouped({atom: self._size(atom) for atom in inside}) if len(group) == 1 else [inside]
        return parts

    def _size(self, atom: Atom) -> int:
        return self._scanned.atoms[atom].size


Key = TypeVar("Key", bound=Hashable)


def grouped(sizes: Mapping[Key, int]) -> list[list[Key]]:
    """Group what together is known: what is large enough alone, the others in one that has a large one in it.

    If there is none, all are one group.
    """
    keys = list(sizes)
    hidden = to_hide([sizes[key] for key in keys], behind_large=True)
    together = [keys[place] for place in sorted(hidden)]
    return [*([together] if together else []), *([key] for place, key in enumerate(keys) if place not in hidden)]
