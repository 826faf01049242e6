from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.core.errors import Invalid
from events.core.i18n import in_language
from events.surveys.reading import checked
from events.surveys.results.figures import figures
from events.surveys.results.rules import mean_of, nps, result, share
from events.surveys.tables import SurveyKind
from events.surveys.templates import template

FEEDBACK = template(SurveyKind.FEEDBACK)
USEFULNESS, RECOMMEND, CONTACTS, _, COMMENTS = FEEDBACK


@pytest.mark.parametrize(
    ("values", "score"),
    [([10, 9, 8, 7, 6, 0], 0), ([9, 10], 100), ([6, 0, 3], -100), ([7, 8], 0), ([10, 10, 10, 0], 50)],
)
def test_nps_is_promoters_minus_detractors_in_per_cent(values: list[int], score: int) -> None:
    assert nps(values).score == score


def test_halves_are_rounded_away_from_nought_as_people_do() -> None:
    assert [share(count, 8) for count in (1, 3, 5, 7)] == [13, 38, 63, 88]
    assert (nps([10, *[7] * 7]).score, nps([0, *[7] * 7]).score) == (13, -13)
    assert mean_of([2] * 19 + [3]) == Decimal("2.1"), "2.05"


@given(st.lists(st.integers(0, 10), min_size=1))
def test_the_three_parts_of_nps_are_all_answers(values: list[int]) -> None:
    parts = nps(values)
    assert parts.promoters + parts.passives + parts.detractors == len(values)
    assert -100 <= parts.score <= 100


def test_a_mean_stands_with_the_number_of_its_answers_and_one_decimal() -> None:
    answers = [{"usefulness": value} for value in (1, 2, 3, 4, 5, 5)] + [{"recommend": 3}]
    summed = result(USEFULNESS, answers)
    assert (summed.n, summed.mean) == (6, Decimal("3.3"))
    assert [number for _step, number in summed.counts] == [1, 1, 1, 1, 2]


def test_the_ends_of_a_scale_have_their_words_wherever_its_steps_are_told() -> None:
    answers = [{"usefulness": 1, "recommend": 10}] * 5
    with in_language("en"):
        useful, likely = result(USEFULNESS, answers), result(RECOMMEND, answers)
        assert [name for name, _number in useful.counts] == ["1 – not useful", "2", "3", "4", "5 – very useful"]
        assert [name for name, _number in likely.counts][::5] == ["0 – not at all likely", "5", "10 – very likely"]
        assert figures(useful, texts_shown=True).rows[0] == ("1 – not useful", 5, 100)


def test_a_question_that_four_answered_stays_hidden() -> None:
    answers = [{"contacts": "0"}] * 4 + [{"usefulness": 1}] * 4
    assert result(CONTACTS, answers).hidden
    assert result(CONTACTS, answers).counts == ()
    assert not result(CONTACTS, [*answers, {"contacts": "3+"}]).hidden


def test_texts_stand_in_no_order_of_their_arrival() -> None:
    answers = [{"comments": text} for text in ("d", "b", "e", "a", "c")]
    assert result(COMMENTS, answers).texts == ("a", "b", "c", "d", "e")


def test_an_answer_holds_known_questions_only() -> None:
    assert checked({"recommend": "10", "email": "x@y.example", "next": ""}, FEEDBACK) == {"recommend": 10}


@pytest.mark.parametrize("values", [{}, {"usefulness": "6"}, {"contacts": "many"}, {"recommend": "-1"}])
def test_an_empty_or_impossible_answer_is_refused(values: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        checked(values, FEEDBACK)


def test_a_negative_score_stands_with_a_minus_sign() -> None:
    summed = result(RECOMMEND, [{"recommend": value} for value in (0, 0, 7, 7, 10)])
    with in_language("fi"):
        assert "NPS −20" in figures(summed, texts_shown=True).notes
