"""Telling participations in lots of five persons or more: what is told once stays as it is, and few wait for more."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import TypeVar
from uuid import UUID

from msgspec import Struct

from events.core.small_groups import SMALLEST

Class = tuple[str, int]
"""For which projects participations count, as words of bits, and the half-year (`half_year`)."""

Atom = tuple[str, UUID]
"""For which projects participations count, and their event."""


def half_year(month: int) -> int:
    """Number the half-year of a month, which is numbered as `participation.month` is."""
    return month // 6


class Place(Struct, frozen=True):
    """Where an atom stands, the month in which it was closed, and how many participations (and persons) it holds.

    `few` are these persons, if they are fewer than five. Months are numbered as `participation.month` is.
    """

    of: Class
    month: int
    closed: int
    size: int
    few: frozenset[UUID] = frozenset()


def lots(places: Mapping[Atom, Place]) -> list[list[Atom]]:
    """Return what is told at once: of a class what was closed in a month, with what waited to be five persons.

    What still waits is in none. A lot never changes: what is closed later comes into a later one.
    """
    told = []
    for atoms in by(places, places, lambda place: place.of).values():
        waiting: list[Atom] = []
        for _month, closed in sorted(by(places, atoms, lambda place: place.closed).items()):
            waiting += closed
            if least(places, waiting) >= SMALLEST:
                told.append(waiting)
                waiting = []
    return told


def untold(places: Mapping[Atom, Place]) -> tuple[Atom, ...]:
    """Return, in order, what waits."""
    return tuple(sorted({*places} - {atom for lot in lots(places) for atom in lot}))


def told_apart(places: Mapping[Atom, Place], now: int | None) -> Iterator[Atom]:
    """Give the atoms whose participants are told apart in the month `now`: of a half-year that is over, once for ever.

    It is what was told until the first of the second month after it, August or February; without a time all there is.
    """
    for lot in lots(places):
        settled = (places[lot[0]].of[1] + 1) * 6 + 1
        if now is None or max(places[atom].closed for atom in lot) < settled <= now:
            yield from lot


def least(places: Mapping[Atom, Place], atoms: Iterable[Atom]) -> int:
    """Return how many persons some atoms hold at least: who came to several is known of the small ones alone."""
    held = [places[atom] for atom in atoms]
    return max(len(frozenset[UUID]().union(*(place.few for place in held))), *(place.size for place in held))


Key = TypeVar("Key", bound=Hashable)


def by(places: Mapping[Atom, Place], atoms: Iterable[Atom], key: Callable[[Place], Key]) -> dict[Key, list[Atom]]:
    """Put atoms together by something of their places."""
    found: dict[Key, list[Atom]] = defaultdict(list)
    for atom in atoms:
        found[key(places[atom])].append(atom)
    return found
