from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.core.i18n import in_language
from events.programme.series.recurrence import (
    HORIZON,
    MOST,
    Plan,
    bounded,
    days,
    monthly,
    position_in_month,
    weekly,
    words,
)

FIRST = date(2026, 9, 8)
"""The second Tuesday of September."""


def test_every_second_tuesday_of_a_month_but_not_in_july() -> None:
    rule = bounded(monthly(1, 2, "TU"), skipped=[7], until=date(2027, 9, 30), times=None)
    found = days(Plan(rule=rule), FIRST)
    assert found[:2] == [date(2026, 10, 13), date(2026, 11, 10)]
    assert all((day.weekday(), 8 <= day.day <= 14) == (1, True) for day in found)
    assert {day.month for day in found} == set(range(1, 13)) - {7}
    assert len(found) == 11


def test_every_second_week_on_tuesday() -> None:
    rule = bounded(weekly(2, ["TU"]), skipped=[], until=None, times=4)
    assert days(Plan(rule=rule), FIRST) == [FIRST + timedelta(weeks=2 * number) for number in (1, 2, 3)]


def test_the_last_friday_and_several_weekdays() -> None:
    last = bounded(monthly(2, -1, "FR"), skipped=[], until=None, times=2)
    assert days(Plan(rule=last), FIRST) == [date(2026, 9, 25), date(2026, 11, 27)]
    both = bounded(weekly(1, ["TU", "TH"]), skipped=[], until=date(2026, 9, 17), times=None)
    assert days(Plan(rule=both), FIRST) == [date(2026, 9, 10), date(2026, 9, 15), date(2026, 9, 17)]


def test_picked_days_come_once_and_in_order_without_those_left_out() -> None:
    picked = (date(2026, 12, 1), FIRST, date(2026, 10, 1), date(2026, 12, 1), date(2026, 11, 1))
    assert days(Plan(dates=picked, left_out=(date(2026, 11, 1),)), FIRST) == [date(2026, 10, 1), date(2026, 12, 1)]


def test_a_rule_without_end_is_read_no_further_than_it_may_be() -> None:
    assert len(days(Plan(rule=weekly(1, ["MO", "TU"])), FIRST)) == MOST + 1
    assert days(Plan(rule=weekly(52, ["TU"])), FIRST)[-1] <= FIRST + HORIZON


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_day_is_found_again_by_its_position_in_the_month(day: date) -> None:
    position = position_in_month(day)
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day.weekday()]
    rule = bounded(monthly(1, position, weekday), skipped=[], until=day, times=None)
    assert days(Plan(rule=rule), day - timedelta(days=20))[-1] == day


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (weekly(1, ["TU"]), "Joka viikko: tiistai"),
        (
            bounded(weekly(2, ["TU", "TH"]), skipped=[7, 8], until=None, times=3),
            "2 viikon välein: tiistai, torstai; ei: heinäkuu, elokuu",
        ),
        (monthly(1, 2, "TU"), "Joka kuukausi: tiistai (kuukauden toinen)"),
        (monthly(3, -1, "FR"), "3 kuukauden välein: perjantai (kuukauden viimeinen)"),
        ("", ""),
    ],
)
def test_a_rule_is_said_in_words(rule: str, said: str) -> None:
    with in_language("fi"):
        assert words(rule) == said
