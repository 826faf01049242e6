"""Answers are counted by lots of five or more, each told apart by the same, whatever comes in which order."""

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from events.surveys.asked import CELL
from events.surveys.lots import released

Given = list[dict[str, Any]]


def answers(*cells: str) -> Given:
    return [{"said": number, **({CELL: cell} if cell else {})} for number, cell in enumerate(cells)]


def labels(given: Sequence[Any]) -> dict[str, int]:
    return dict(Counter(answer.get(CELL, "") for answer in given))


def test_results_move_by_five_at_least_and_the_end_adds_five_at_least() -> None:
    shown, waiting, seen = 0, answers(), []
    for answer in answers(*[""] * 30):
        lot, waiting = released([*waiting, answer], begun=shown > 0)
        shown += len(lot)
        seen.append((shown, len(waiting)))
    assert [shown for shown, _waiting in seen[:16]] == [0] * 4 + [5] * 10 + [10] * 2
    assert all(waiting >= 5 for _shown, waiting in seen[9:])


def test_the_end_adds_five_at_least_or_nothing() -> None:
    """Also where a survey ends, is opened again and ends again, however seldom somebody answers between."""
    for waiting, shown in ((1, 0), (4, 0), (5, 5), (9, 9)):
        assert len(released(answers(*[""] * waiting), begun=True, closed=True).shown) == shown


def test_after_an_early_reminder_the_first_come_of_ten() -> None:
    counted = [len(released(answers(*[""] * waiting), begun=False, told=True).shown) for waiting in (5, 9, 10)]
    assert counted == [0, 0, 5]


def test_a_group_moves_when_five_of_it_have_come() -> None:
    shown, waiting = released(answers(*"aaaabbbbaabb"), begun=True)
    assert (labels(shown), labels(waiting)) == ({"a": 5}, {"a": 1, "b": 6})
    assert released(answers(*"aaaabbbbcccc"), begun=True).shown == [], "no five of one group"


def test_the_first_five_come_without_label_where_they_are_not_alike() -> None:
    assert labels(released(answers(*"aaaab"), begun=False).shown) == {"": 5}
    assert labels(released(answers(*"aaaaa"), begun=False).shown) == {"a": 5}


@pytest.mark.parametrize(
    ("waiting", "shown"),
    [
        ("aaaaabbbbbb", {"a": 5, "b": 6}),
        ("aaaaabbbcc", {"a": 5, "": 5}),
        ("aaaaaabbbbbcc", {"a": 6, "": 7}),
        ("aaaab", {"": 5}),
        ("aaab", {}),
    ],
)
def test_at_the_end_no_group_leaves_fewer_than_five(waiting: str, shown: dict[str, int]) -> None:
    lots = released(answers(*waiting), begun=True, closed=True)
    assert labels(lots.shown) == shown
    assert len(lots.shown) + len(lots.waiting) == len(waiting)


@given(
    some.lists(some.tuples(some.sampled_from(["", "a", "b", "c"]), some.integers(0, 9)), max_size=80),
    some.integers(0, 80),
    some.randoms(use_true_random=False),
)
def test_every_lot_is_of_five_or_more(come: list[tuple[str, int]], told_at: int, chance: random.Random) -> None:
    """At a tenth of the answers the survey closes and opens again."""
    given, waiting, begun = answers(*(cell for cell, _at in come)), answers(), False
    seen: Given = []
    for number, (answer, (_cell, at)) in enumerate(zip(given, come, strict=True)):
        waiting.append(answer)
        chance.shuffle(waiting)
        lot, waiting = released(waiting, begun=begun, told=number >= told_at, closed=at == 0)
        begun = begun or bool(lot)
        seen += lot
        assert all(number >= 5 for number in labels(lot).values())
    assert sorted(each["said"] for each in [*seen, *waiting]) == list(range(len(come)))
    cells = {each["said"]: each.get(CELL) for each in given}
    assert all(each[CELL] == cells[each["said"]] for each in seen if CELL in each), "no label but its own"
