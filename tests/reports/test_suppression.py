from hypothesis import given
from hypothesis import strategies as st

from events.core.small_groups import SMALLEST, to_hide

GROUPS = st.lists(st.integers(0, 12), max_size=8)


@given(GROUPS)
def test_no_group_under_five_is_shown(sizes: list[int]) -> None:
    hidden = to_hide(sizes)
    assert all(size == 0 or size >= SMALLEST for place, size in enumerate(sizes) if place not in hidden)


@given(GROUPS)
def test_nothing_is_hidden_without_need(sizes: list[int]) -> None:
    if all(size == 0 or size >= SMALLEST for size in sizes):
        assert to_hide(sizes) == set()


@given(GROUPS)
def test_no_small_group_can_be_computed_from_the_total(sizes: list[int]) -> None:
    """Every small group could be of another size as well, by all that is shown; unless there is nothing to hide behind."""
    hidden = sorted(to_hide(sizes))
    if not hidden or sum(size > 0 for size in sizes) == len(hidden):
        return
    small = [place for place in hidden if sizes[place] < SMALLEST]
    total = sum(sizes[place] for place in hidden)
    for place in small:
        assert len({size for size in range(1, SMALLEST) if _possible(size, hidden, place, sizes, total)}) > 1


def _possible(size: int, hidden: list[int], place: int, sizes: list[int], total: int) -> bool:
    """Whether the others could make up the rest: small ones hold 1 to 4, the others 5 and more."""
    others = [each for each in hidden if each != place]
    least = sum(1 if sizes[each] < SMALLEST else SMALLEST for each in others)
    open_above = any(sizes[each] >= SMALLEST for each in others)
    most = sum(SMALLEST - 1 for _ in others)
    return least <= total - size and (open_above or total - size <= most)
