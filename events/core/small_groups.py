"""Which groups of a break-down must stay hidden, so that none of fewer than five can be seen or computed back.

Complementary suppression: where the total less the groups shown would give a small one away, the next smallest is
hidden too.
"""

from collections.abc import Sequence

SMALLEST = 5
"""Persons in the smallest group that is shown."""


def to_hide(sizes: Sequence[int], *, behind_large: bool = False) -> set[int]:
    """Return the places of the groups to hide, given how many each holds and that their sum is known.

    `behind_large`: small ones may be of the same persons, so that only a large one beside them makes them five.
    """
    small = {place for place, size in enumerate(sizes) if 0 < size < SMALLEST}
    others = sorted((place for place, size in enumerate(sizes) if size >= SMALLEST), key=lambda place: sizes[place])
    hidden = set(small)
    for place in others:
        safe = not behind_large or any(sizes[each] >= SMALLEST for each in hidden)
        if not small or (safe and not _given_away([sizes[each] for each in hidden])):
            break
        hidden.add(place)
    return hidden


def _given_away(hidden: Sequence[int]) -> bool:
    """Whether the sum of hidden groups tells the size of a small one, or is itself that of a small group."""
    total, small = sum(hidden), sum(size < SMALLEST for size in hidden)
    large = len(hidden) - small
    if large:
        return min(small * (SMALLEST - 1), total - large * SMALLEST) <= small
    return small == 1 or total < SMALLEST or total in {small, small * (SMALLEST - 1)}
