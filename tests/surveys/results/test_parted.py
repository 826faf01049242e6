"""Results by group: rows and sums agree, and no group of fewer than five can be read or computed."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from events.core.i18n import in_language
from events.surveys.groups.queries import Apart, Group
from events.surveys.groups.rules import By
from events.surveys.results import parted as module
from events.surveys.results.figures import PerCent
from events.surveys.results.parted import HIDDEN, Parted, parted, untold_words
from tests.surveys.test_reading import FOOD, PARTS, made

Answers = tuple[dict[str, Any], ...]


def food(good: int, bad: int) -> Answers:
    return ({"food-en": "good-en"},) * good + ({"food-en": "bad-en"},) * bad


def by_site(*groups: tuple[str, Answers], rest: Answers = (), named: bool = False) -> Parted:
    with in_language("en"):
        sites = tuple(Group(name.lower(), name, answers) for name, answers in groups)
        return parted(Apart(By.SITE, sites, rest, named=named), [FOOD, PARTS])


def test_each_group_has_a_row_and_the_sums_are_those_of_the_rows() -> None:
    table = by_site(("Hall", food(6, 2)), ("Online", food(1, 9)), rest=food(4, 4)).tables["food-en"]
    assert table.rows == (
        ("Hall", 8, PerCent(75), PerCent(25)),
        ("Online", 10, PerCent(10), PerCent(90)),
        ("Not told apart", 8, PerCent(50), PerCent(50)),
        ("All together", 26, PerCent(42), PerCent(58)),
    )


def test_the_rows_of_all_together_are_known_in_a_matrix_too() -> None:
    answers = ({"food-en": "good-en", "parts-en": {"talks-en": "bad-en", "lunch-en": "good-en"}},) * 6
    tables = by_site(("Hall", answers), ("Online", answers)).tables
    for code, times in (("food-en", 1), ("parts-en", 2)):
        table = tables[code]
        assert [table.rows[place][0] for place in table.together] == ["All together"] * times
        assert len(table.together) == sum(row[0] == "All together" for row in table.rows)


def test_a_small_group_goes_into_the_row_of_those_that_are_not_told_apart_with_one_that_would_tell_it() -> None:
    made_of = by_site(("Hall", food(8, 1)), ("Online", food(3, 0)), ("Annex", food(7, 5)), named=True)
    assert [row[:2] for row in made_of.tables["food-en"].rows] == [
        ("Annex", 12),
        ("Not told apart", 12),
        ("All together", 24),
    ]
    assert made_of.untold == 12
    with in_language("en"):
        assert "12 of 24 answers are in the row" in untold_words(made_of)


def test_without_hiding_a_second_group_the_small_one_would_be_the_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in the row of the others is then the small group itself."""
    monkeypatch.setattr(module, "to_hide", lambda sizes: {place for place, size in enumerate(sizes) if 0 < size < 5})
    rows = (
        by_site(("Hall", food(8, 1)), ("Online", food(3, 0)), ("Annex", food(7, 5)), named=True).tables["food-en"].rows
    )
    assert [row[:2] for row in rows][2:] == [("Not told apart", HIDDEN), ("All together", 24)]
    assert 24 - 9 - 12 == 3


def test_a_question_that_few_of_a_group_answered_is_hidden_with_another_row() -> None:
    skipped: Answers = ({"parts-en": {"talks-en": "good-en"}},) * 5
    rows = by_site(("Hall", food(2, 0) + skipped), ("Online", food(6, 4)), ("Annex", food(7, 5))).tables["food-en"].rows
    assert [row[0] for row in rows if row[1] == HIDDEN] == ["Hall", "Online"]


def test_a_matrix_is_told_apart_row_by_row() -> None:
    both: Answers = ({"parts-en": {"talks-en": "good-en", "lunch-en": "bad-en"}},) * 6
    talks: Answers = ({"parts-en": {"talks-en": "bad-en"}},) * 6
    rows = by_site(("Hall", both), ("Online", talks)).tables["parts-en"].rows
    assert rows[:3] == (
        ("Hall", "talks en", 6, 0, 6),
        ("Online", "talks en", 0, 6, 6),
        ("All together", "talks en", 6, 6, 12),
    )


def test_a_row_of_a_matrix_that_few_of_a_group_answered_is_hidden_with_that_of_another() -> None:
    both: Answers = ({"parts-en": {"talks-en": "good-en", "lunch-en": "bad-en"}},)
    lunch: Answers = ({"parts-en": {"lunch-en": "bad-en"}},)
    parts = by_site(("Hall", both * 3 + food(2, 0)), ("Online", both * 6), ("Annex", both * 7 + lunch))
    rows = parts.tables["parts-en"].rows
    assert [row[:2] for row in rows if row[-1] == HIDDEN] == [
        (site, part) for part in ("talks en", "lunch en") for site in ("Hall", "Online")
    ]


def test_the_parts_of_the_nps_stand_by_group() -> None:
    recommend = made("nps", "Recommend", low=0, high=10)
    answers = [tuple({"recommend-en": value} for value in values) for values in ((10, 9, 8, 6, 0), (10, 10, 10, 10, 7))]
    groups = (Group("hall", "Hall", answers[0]), Group("online", "Online", answers[1]))
    with in_language("en"):
        table = parted(Apart(By.SITE, groups, ()), [recommend]).tables["recommend-en"]
    assert table.headings == ("Site", "Answers", "Mean", "NPS", "Promoters", "Passives", "Detractors")
    assert table.rows[0] == ("Hall", 5, Decimal("6.6"), 0, 2, 1, 2)
    assert table.rows[1] == ("Online", 5, Decimal("9.4"), 80, 4, 1, 0)


def test_where_all_are_of_one_group_but_a_few_nothing_is_told_apart() -> None:
    made_of = by_site(("Hall", food(20, 0)), rest=food(0, 4))
    assert made_of.tables == {}
    with in_language("en"):
        assert "nothing can be told apart" in untold_words(made_of)


@given(some.lists(some.integers(0, 12), min_size=1, max_size=6), some.integers(0, 12))
def test_no_row_stands_for_fewer_than_five_and_no_hidden_rows_together_do(sizes: list[int], rest: int) -> None:
    groups = [(f"site {place}", food(size, 0)) for place, size in enumerate(sizes)]
    for table in by_site(*groups, rest=food(0, rest)).tables.values():
        *rows, total = table.rows
        shown = [row[1] for row in rows if row[1] != HIDDEN]
        assert all(number == 0 or number >= 5 for number in shown)
        assert total[1] == sum(sizes) + rest
        assert total[1] - sum(shown) == 0 or total[1] - sum(shown) >= 5
