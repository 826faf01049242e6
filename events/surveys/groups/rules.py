"""By what the answers of a survey may be told apart: site, language, region; pure.

An answer by name knows its registration. An anonymous one gets a label, and a label must not lead to a person. Three
break-downs beside each other are as telling as one row with three labels: the one low mark of a survey stands in one
row of each, and there may be but one person of that site, language and region; counters kept apart can be joined the
same way, by what they count. So labels are not decided one by one. When people are asked, everybody is put into one
*cell*, and the cell has at once the site, the language and the region that its answers are told apart by – or fewer of
them, or none, where too few would be left. Of each cell the first `UNTOLD` answers get no label. Whoever knows all that
is known of everybody who answered, and reads all labels of an answer together, is left with five persons at least; and
so is who looks for somebody among the answers without a label. A reminder goes to who has not answered, and stays in
the ledger: it is counted anew from each on (`OUTSIDE`). Else the fifth of a cell, if the only one since, had the label.

That costs four answers of each cell, so cells are few: a part of fewer than `ENOUGH` is not split off, and of the ways
to split that one is taken which tells most answers apart.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import permutations

from events.surveys.rules import SMALLEST_SHOWN, UNTOLD


class By(StrEnum):
    """What answers are told apart by."""

    SITE = "site"
    LANGUAGE = "language"
    REGION = "region"


Cell = Mapping[str, str]
"""By what (`By`) the answers of a cell are told apart, and how; a person likewise: the site's id, codes, "" unknown."""

ENOUGH = 2 * (UNTOLD + SMALLEST_SHOWN)
"""People in the smallest part that is split off: of every second an answer, it has as many as are shown."""

OUTSIDE = -1
"""The cell of who had answered by a reminder: they stand for nobody among those who answer after it."""

_WAYS = [order for length in range(1, len(By) + 1) for order in permutations(By, length)]


def cells(people: Sequence[Cell]) -> list[Cell]:
    """Put the people who are asked into cells; returns the cell of each, empty where nothing is told apart."""
    best = max((_split(people, order) for order in _WAYS), key=_worth)  # of equals the first: the fewest labels
    return best if _worth(best) else [{} for _each in people]


def fitting(person: Cell, known: Sequence[Cell]) -> int | None:
    """Return the place of the cell of somebody who is asked later: of those that fit the one with the most labels."""
    fits = [place for place, cell in enumerate(known) if all(person[by] == label for by, label in cell.items())]
    return max(fits, key=lambda place: len(known[place]), default=None)


def gets_label(answered: int) -> bool:
    """Whether an answer gets the label of its cell, of which so many have answered, this one included."""
    return answered > UNTOLD


def _split(people: Sequence[Cell], order: Iterable[By]) -> list[Cell]:
    given: list[Cell] = [{} for _each in people]
    for by in order:
        parts = [(_key(cell), person[by]) for cell, person in zip(given, people, strict=True)]
        sizes = Counter(parts)
        given = [
            {**cell, by: part[1]} if part[1] and sizes[part] >= ENOUGH else cell
            for cell, part in zip(given, parts, strict=True)
        ]
    return given


def _worth(given: Sequence[Cell]) -> int:
    """Return how many labels would be shown if every second answered; a sole group of a break-down tells nothing."""
    told: Counter[tuple[str, str]] = Counter()
    for key, size in Counter(map(_key, given)).items():
        for pair in key:
            told[pair] += max(0, size // 2 - UNTOLD)
    shown = {pair: number for pair, number in told.items() if number >= SMALLEST_SHOWN}
    groups = Counter(by for by, _label in shown)
    return sum(number for (by, _label), number in shown.items() if groups[by] > 1)


def _key(cell: Cell) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(cell.items()))
