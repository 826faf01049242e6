"""Which of the answers that wait results count from now on; pure.

Answers are counted by the *lot*: five or more at a time, all told apart by the same or all by nothing, for ever. Every
figure that is published – the whole, a group, what is in no group, on any page, in any file, at any moment – is a sum
of whole lots, and so is every difference between two of them. Whoever follows them all and knows who has answered when
is left with five persons or more behind whatever changed.

While a survey is open five or more wait once the first lot is out, so that at its end nothing of fewer is left over.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from events.surveys.asked import CELL, Values
from events.surveys.rules import SMALLEST_SHOWN


class Released(NamedTuple):
    """The answers that are counted from now on, each as it is told apart for ever, and those that still wait."""

    shown: list[Values]
    waiting: list[Values]


def released(waiting: Sequence[Values], *, begun: bool, told: bool = False, closed: bool = False) -> Released:
    """Return what of the `waiting`, in random order, is counted; `begun` says that a lot has been.

    The first five come together, then five of ten, at the end all that make a lot. Once a reminder has `told` who had
    answered before it the first five come of ten as well: else those that wait would be the answers of the very last.
    """
    if closed:
        return _at_the_end(waiting)
    shown: list[Values] = []
    left = list(waiting)
    while lot := _next(left, SMALLEST_SHOWN if not (begun or shown or told) else 2 * SMALLEST_SHOWN, mixed=not begun):
        begun = True
        left = _without(left, lot)
        shown += lot if _alike(lot) else without_label(lot)
    return Released(shown, left)


def without_label(answers: Iterable[Values]) -> list[Values]:
    """Return answers told apart by nothing."""
    return [{code: value for code, value in answer.items() if code != CELL} for answer in answers]


def _next(waiting: Sequence[Values], needed: int, *, mixed: bool) -> Sequence[Values]:
    """Return five of those of which most wait; `mixed`, any five where no five are alike."""
    if len(waiting) < needed:
        return ()
    most = max(_by_cell(waiting), key=len)
    if len(most) >= SMALLEST_SHOWN:
        return most[:SMALLEST_SHOWN]
    return waiting[:SMALLEST_SHOWN] if mixed else ()


def _at_the_end(waiting: Sequence[Values]) -> Released:
    lots = sorted((each for each in _by_cell(waiting) if CELL in each[0] and len(each) >= SMALLEST_SHOWN), key=len)
    rest = _without(waiting, [answer for lot in lots for answer in lot])
    if 0 < len(rest) < SMALLEST_SHOWN and lots:
        rest += lots.pop(0)
    shown = [answer for lot in lots for answer in lot]
    return Released([*shown, *without_label(rest)], []) if len(rest) >= SMALLEST_SHOWN else Released(shown, rest)


def _without(waiting: Sequence[Values], lot: Iterable[Values]) -> list[Values]:
    taken = {id(answer) for answer in lot}  # two may say the same
    return [answer for answer in waiting if id(answer) not in taken]


def _by_cell(waiting: Sequence[Values]) -> list[list[Values]]:
    cells = defaultdict(list)
    for answer in waiting:
        cells[answer.get(CELL)].append(answer)
    return list(cells.values())


def _alike(lot: Sequence[Values]) -> bool:
    return len(_by_cell(lot)) == 1
