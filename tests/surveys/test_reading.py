"""What an answer may hold, by kind of question; with its conditions."""

from typing import Any

import pytest

from events.core.errors import Invalid
from events.core.i18n import in_language
from events.surveys.asked import Question, in_words
from events.surveys.building.soundness import coded
from events.surveys.reading import checked
from events.surveys.results.rules import Row, result
from events.surveys.rules import minutes
from events.surveys.tables import SurveyKind
from events.surveys.templates import template
from tests.surveys.building.making import question


def made(kind: str, label: str, *options: str, **more: Any) -> Question:
    return coded(question(kind, label, *options, **more), set())


FOOD = made("one", "Food", "good", "bad")
WHY = made("text", "Why", shown_if=["food-en=bad-en"], required=True)
PARTS = made("matrix", "Parts", "good", "bad", rows=("talks", "lunch"))
MET = made("many", "Met", "a", "b", "c")
HOURS = made("number", "Hours")
HEAD = made("section", "Head")
ALL = [HEAD, FOOD, WHY, PARTS, MET, HOURS]


def test_each_kind_is_stored_as_what_it_is() -> None:
    given = {"food-en": "good-en", "parts-en": {"talks-en": "bad-en"}, "met-en": ["c-en", "a-en"], "hours-en": "1,5"}
    assert checked(given, ALL) == {**given, "met-en": ["a-en", "c-en"], "hours-en": 1.5}


@pytest.mark.parametrize("number", ["NaN", "sNaN", "three", "1.2.3"])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    with in_language("en"), pytest.raises(Invalid) as invalid:
        checked({"hours-en": number}, ALL)
    assert invalid.value.errors == {"answers.hours-en": ["Write a number."]}


@pytest.mark.parametrize("number", ["1E+9999999", "-1E+9999999", "1e400", "Infinity", "2e9", "-1000000001"])
def test_a_number_that_is_too_large_is_refused_with_the_bounds(number: str) -> None:
    with in_language("en"), pytest.raises(Invalid) as invalid:
        checked({"hours-en": number}, ALL)
    assert invalid.value.errors == {"answers.hours-en": ["Write a number from −1,000,000,000 to 1,000,000,000."]}
    assert checked({"hours-en": "-1 000 000 000"}, ALL) == {"hours-en": -1_000_000_000}


@pytest.mark.parametrize(
    ("limits", "number", "words"),
    [
        ({"least": 0}, "−3", "Write a number from 0 to 1,000,000,000."),
        ({"least": 0, "most": 24}, "24,5", "Write a number from 0 to 24."),
        ({"most": -1}, "0", "Write a number from −1,000,000,000 to −1."),
    ],
)
def test_a_number_beyond_the_limits_of_its_question_is_refused_with_them(
    limits: dict[str, int], number: str, words: str
) -> None:
    hours = made("number", "Hours", **limits)
    with in_language("en"), pytest.raises(Invalid) as invalid:
        checked({"hours-en": number}, [hours])
    assert invalid.value.errors == {"answers.hours-en": [words]}
    for limit in limits.values():
        assert checked({"hours-en": str(limit)}, [hours]) == {"hours-en": limit}


def test_what_a_hidden_question_was_answered_is_left_out_and_not_required() -> None:
    assert checked({"food-en": "good-en", "why-en": "cold"}, ALL) == {"food-en": "good-en"}
    with pytest.raises(Invalid) as invalid:
        checked({"food-en": "bad-en"}, ALL)
    assert list(invalid.value.errors) == ["answers.why-en"]


def test_a_required_matrix_wants_each_row() -> None:
    required = made("matrix", "Parts", "good", "bad", rows=("talks", "lunch"), required=True)
    with pytest.raises(Invalid):
        checked({"parts-en": {"talks-en": "bad-en"}}, [required])
    assert checked({"parts-en": {"talks-en": "bad-en", "lunch-en": "bad-en"}}, [required])


@pytest.mark.parametrize(
    "wrong",
    [
        {"food-en": "x"},
        {"parts-en": {"talks-en": "x"}},
        {"met-en": ["a-en", "x"]},
        {"hours-en": "many"},
        {"hours-en": "9" * 5000},
        {"hours-en": "nan"},
        {"why-en": "x"},
        {"food-en": "bad-en", "why-en": "x" * 4001},
        {"parts-en": "x"},
        {"head-en": "x"},
        {},
    ],
)
def test_what_is_impossible_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        checked(wrong, ALL)


def test_a_matrix_is_summed_up_by_row_and_hides_rows_that_few_answered() -> None:
    answers = [{"parts-en": {"talks-en": "good-en"}}] * 4 + [{"parts-en": {"talks-en": "bad-en", "lunch-en": "bad-en"}}]
    summed = result(PARTS, answers)
    assert summed.rows == (Row("talks fi", 5, (4, 1)), Row("lunch fi", 1))


def test_of_many_each_choice_counts_and_of_numbers_there_is_a_mean() -> None:
    answers: list[dict[str, Any]] = [{"met-en": ["a-en", "c-en"], "hours-en": 2}] * 5 + [{"met-en": ["c-en"]}]
    summed = result(MET, answers)
    assert (summed.n, [count for _label, count in summed.counts]) == (6, [5, 0, 6])
    assert (result(HOURS, answers).n, result(HOURS, answers).mean) == (5, 2)


def test_the_template_takes_a_minute_and_a_matrix_takes_its_rows() -> None:
    assert minutes(template(SurveyKind.FEEDBACK)) == 1
    assert minutes([]) == 1
    rows = tuple(f"row {number}" for number in range(12))
    assert minutes([made("matrix", "m", "a", "b", rows=rows)] * 2) == 3


def test_a_number_is_read_back_as_the_language_writes_it() -> None:
    assert (in_words(HOURS, -1234.5), in_words(HOURS, 3)) == ("−1\xa0234,5", "3")
